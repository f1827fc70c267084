namespace MadgNet.Core.Weights;

/// <summary>How much of a model a weight file must fill.</summary>
public enum WeightLoadMode
{
    /// <summary>All of it: every tensor of the model and every tensor of the file must have its counterpart.</summary>
    Everything,

    /// <summary>
    /// The encoder, all of it, and nothing else. The file may be a encoder's (such as published ImageNet weights,
    /// whose classifier <c>fc.*</c> is left out) or a whole network's, of which <c>feature_encoding.*</c> is taken;
    /// likewise the model's state dict.
    /// </summary>
    Encoder,

    /// <summary>Whatever has the same name and shape, at least one tensor; the rest of the model stays as it is.</summary>
    AllThatFits,
}

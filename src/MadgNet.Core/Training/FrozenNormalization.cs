namespace MadgNet.Core.Training;

/// <summary>
/// Which batch normalisations use and keep their running statistics while training, as in evaluation: for batches too small
/// to speak for their set, and for encoders that are frozen. Their weights and biases learn all the same.
/// </summary>
public enum FrozenNormalization
{
    /// <summary>None: all follow the batches.</summary>
    None,

    /// <summary>Those of the encoder.</summary>
    Encoder,

    /// <summary>All.</summary>
    All,
}

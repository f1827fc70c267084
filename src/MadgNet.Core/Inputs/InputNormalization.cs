namespace MadgNet.Core.Inputs;

/// <summary>What a model does to the values 0..1 of its input before the encoder sees them. Saved with a model.</summary>
public enum InputNormalization
{
    /// <summary>Nothing. The published protocol.</summary>
    None,

    /// <summary>
    /// The mean 0.485, 0.456, 0.406 is subtracted and the result divided by the standard deviation 0.229, 0.224, 0.225 of ImageNet's
    /// channels.
    /// </summary>
    ImageNet,
}

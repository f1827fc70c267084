namespace MadgNet.Core.Inputs;

/// <summary>How the intensities of an image file become the numbers that the network sees. Saved with a model.</summary>
public enum IntensityScaling
{
    /// <summary>The file's full range becomes 0..1 (8 bit: divided by 255; 16 bit: by 65535). The published protocol.</summary>
    FullRange,

    /// <summary>
    /// The darkest sample of each image becomes 0 and the brightest 1, over all channels together; a constant image becomes 0.
    /// </summary>
    MinMax,
}

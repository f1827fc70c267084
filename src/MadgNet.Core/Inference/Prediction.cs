using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference;

/// <summary>What a <see cref="Predictor"/> found in one image, at the size of that image. Managed memory: nothing to dispose.</summary>
public sealed class Prediction
{
    internal Prediction(FloatImage probability, double threshold)
    {
        Probability = probability;
        Threshold = threshold;
    }

    /// <summary>The probability of every label, n×H×W, 0..1; one plane a label.</summary>
    public FloatImage Probability { get; }

    /// <summary>The probability from which on a pixel belongs to a label.</summary>
    public double Threshold { get; }

    /// <summary>n, the number of labels.</summary>
    public int Labels => Probability.Channels;

    /// <summary>H, the height of the image.</summary>
    public int Height => Probability.Height;

    /// <summary>W, the width of the image.</summary>
    public int Width => Probability.Width;

    /// <summary>The mask of one label as a single-channel 8-bit image: 255 where the probability reaches the threshold, 0 elsewhere.</summary>
    /// <param name="label">0 to <see cref="Labels"/> − 1.</param>
    /// <returns>H×W.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    public PixelImage Mask(int label = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, Labels);
        ReadOnlySpan<float> plane = Probability.Plane(label);
        var samples = new byte[plane.Length];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = plane[i] >= Threshold ? byte.MaxValue : byte.MinValue;
        }

        return new PixelImage(Width, Height, 1, samples);
    }

    /// <summary>Writes the mask of one label as an 8-bit PNG, 0 and 255. The file appears complete or not at all.</summary>
    /// <param name="path">The file to create or replace; its directory must exist.</param>
    /// <param name="label">0 to <see cref="Labels"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    public void SaveMask(string path, int label = 0) => ImageWriter.Write(Mask(label), path);
}

using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference;

/// <summary>What a predictor found in one image, at the size of that image. Managed memory: nothing to dispose.</summary>
public sealed class Prediction
{
    private readonly double[] _thresholds;

    /// <summary>Creates a prediction from probabilities that came from anywhere, with one threshold for all labels.</summary>
    /// <param name="probability">n×H×W, 0..1; kept, not copied.</param>
    /// <param name="threshold">The probability from which on a pixel belongs to a label, 0..1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold lies outside 0..1.</exception>
    public Prediction(FloatImage probability, double threshold = 0.5)
        : this(probability, [.. Enumerable.Repeat(threshold, (probability ?? throw new ArgumentNullException(nameof(probability))).Channels)], [])
    {
    }

    /// <summary>Creates a prediction from probabilities that came from anywhere.</summary>
    /// <param name="probability">n×H×W, 0..1; kept, not copied.</param>
    /// <param name="thresholds">For each of the n labels the probability from which on a pixel belongs to it, 0..1.</param>
    /// <param name="labelNames">A name for each label, or empty.</param>
    /// <exception cref="ArgumentException">The thresholds or names are not as many as the labels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A threshold lies outside 0..1.</exception>
    public Prediction(FloatImage probability, IReadOnlyList<double> thresholds, IReadOnlyList<string> labelNames)
    {
        ArgumentNullException.ThrowIfNull(probability);
        ArgumentNullException.ThrowIfNull(thresholds);
        ArgumentNullException.ThrowIfNull(labelNames);
        if (thresholds.Count != probability.Channels)
        {
            throw new ArgumentException($"received {thresholds.Count} thresholds; expected {probability.Channels}, one for each label. Give every label a threshold.", nameof(thresholds));
        }

        if (labelNames.Count != 0 && labelNames.Count != probability.Channels)
        {
            throw new ArgumentException($"received {labelNames.Count} names; expected none or {probability.Channels}, one for each label. Name every label, or none.", nameof(labelNames));
        }

        foreach (double threshold in thresholds)
        {
            if (!(threshold >= 0 && threshold <= 1))
            {
                throw new ArgumentOutOfRangeException(nameof(thresholds), threshold, "Expected 0 to 1. Use 0.5, or a threshold chosen on validation data.");
            }
        }

        Probability = probability;
        LabelNames = [.. labelNames];
        _thresholds = [.. thresholds];
    }

    /// <summary>The probability of every label, n×H×W, 0..1; one plane a label. Post-processing does not change it.</summary>
    public FloatImage Probability { get; }

    /// <summary>The probability from which on a pixel belongs to the first label.</summary>
    public double Threshold => _thresholds[0];

    /// <summary>For every label the probability from which on a pixel belongs to it.</summary>
    public IReadOnlyList<double> Thresholds => _thresholds;

    /// <summary>The names of the labels, or empty.</summary>
    public IReadOnlyList<string> LabelNames { get; }

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
        double threshold = _thresholds[label];
        var samples = new byte[plane.Length];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = plane[i] >= threshold ? byte.MaxValue : byte.MinValue;
        }

        return new PixelImage(Width, Height, 1, samples);
    }

    /// <summary>Writes the mask of one label as an 8-bit PNG, 0 and 255. The file appears complete or not at all.</summary>
    /// <param name="path">The file to create or replace; its directory must exist.</param>
    /// <param name="label">0 to <see cref="Labels"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    public void SaveMask(string path, int label = 0) => ImageWriter.Write(Mask(label), path);
}

using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference;

/// <summary>What a predictor found in one image, at the size of that image. Managed memory: nothing to dispose.</summary>
public sealed class Prediction
{
    private static readonly PostProcessing ThresholdAlone = new();

    private readonly double[] _thresholds;

    /// <summary>Creates a prediction from probabilities that came from anywhere, with a threshold of 0.5 for all labels.</summary>
    /// <param name="probability">n×H×W, 0..1; kept, not copied.</param>
    public Prediction(FloatImage probability)
        : this(probability, 0.5)
    {
    }

    /// <summary>Creates a prediction from probabilities that came from anywhere, with one threshold for all labels.</summary>
    /// <param name="probability">n×H×W, 0..1; kept, not copied.</param>
    /// <param name="threshold">The probability from which on a pixel belongs to a label, 0..1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold lies outside 0..1.</exception>
    public Prediction(FloatImage probability, double threshold)
        : this(
            probability,
            [.. Enumerable.Repeat(threshold, (probability ?? throw new ArgumentNullException(nameof(probability))).Channels)],
            [])
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
            throw new ArgumentException(
                $"received {thresholds.Count} thresholds; expected {probability.Channels}, one for each label. Give every label a "
                    + $"threshold.",
                nameof(thresholds));
        }

        if (labelNames.Count != 0 && labelNames.Count != probability.Channels)
        {
            throw new ArgumentException(
                $"received {labelNames.Count} names; expected none or {probability.Channels}, one for each label. Name every label, or "
                    + $"none.",
                nameof(labelNames));
        }

        foreach (double threshold in thresholds)
        {
            if (!(threshold >= 0 && threshold <= 1))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(thresholds), threshold, "Expected 0 to 1. Use 0.5, or a threshold chosen on validation data.");
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

    /// <summary>
    /// How far the views of <see cref="TestTimeAugmentation"/> disagreed: the standard deviation of the probabilities, n×H×W; null without
    /// it.
    /// </summary>
    /// <remarks>Where probabilities were resized or blended, the standard deviations were too.</remarks>
    public FloatImage? Disagreement { get; init; }

    /// <summary>What is done to get from probabilities to masks; null for the threshold alone.</summary>
    public PostProcessing? PostProcessing { get; init; }

    /// <summary>The size of a pixel, which areas and lengths are in the unit of. Default <see cref="PixelSpacing.Pixels"/>.</summary>
    public PixelSpacing Spacing { get; init; } = PixelSpacing.Pixels;

    /// <summary>n, the number of labels.</summary>
    public int Labels => Probability.Channels;

    /// <summary>H, the height of the image.</summary>
    public int Height => Probability.Height;

    /// <summary>W, the width of the image.</summary>
    public int Width => Probability.Width;

    /// <summary>
    /// The mask of one label as a single-channel 8-bit image: 255 where the probability reaches the threshold, 0 elsewhere; then
    /// changed as <see cref="PostProcessing"/> says. Computed at each call.
    /// </summary>
    /// <param name="label">0 to <see cref="Labels"/> − 1.</param>
    /// <returns>H×W.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    /// <exception cref="InvalidOptionsException"><see cref="PostProcessing"/> is invalid.</exception>
    public PixelImage Mask(int label = 0)
    {
        bool[] mask = Foreground(label);
        var samples = new byte[mask.Length];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = mask[i] ? byte.MaxValue : byte.MinValue;
        }

        return new PixelImage(Width, Height, 1, samples);
    }

    /// <summary>
    /// The connected components of a label's mask, measured in the unit of <see cref="Spacing"/>, in the order of their topmost,
    /// then leftmost pixels.
    /// </summary>
    /// <param name="label">0 to <see cref="Labels"/> − 1.</param>
    /// <returns>The regions; none where the mask is empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    /// <exception cref="InvalidOptionsException"><see cref="PostProcessing"/> is invalid.</exception>
    /// <remarks>Neighbours are connected as <see cref="PostProcessing"/> says, by edges and corners without it.</remarks>
    public IReadOnlyList<Region> Regions(int label = 0) => RegionFinder.Find(
        Foreground(label),
        Probability.Plane(label),
        (Height, Width),
        label,
        LabelNames.Count == 0 ? null : LabelNames[label],
        Spacing,
        PostProcessing?.Connectivity ?? ComponentConnectivity.Eight);

    /// <summary>
    /// The same probabilities with another post-processing and spacing: for images whose pixels have a size of their own.
    /// </summary>
    /// <param name="postProcessing">What is done to get to masks; null for the threshold alone.</param>
    /// <param name="spacing">The size of a pixel.</param>
    /// <returns>A new prediction that shares the maps.</returns>
    public Prediction With(PostProcessing? postProcessing, PixelSpacing spacing) => new(Probability, _thresholds, LabelNames)
    {
        Disagreement = Disagreement,
        PostProcessing = postProcessing,
        Spacing = spacing,
    };

    /// <summary>Writes the mask of one label as an 8-bit PNG, 0 and 255. The file appears complete or not at all.</summary>
    /// <param name="path">The file to create or replace; its directory must exist.</param>
    /// <param name="label">0 to <see cref="Labels"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    public void SaveMask(string path, int label = 0) => ImageWriter.Write(Mask(label), path);

    private bool[] Foreground(int label)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, Labels);
        return (PostProcessing ?? ThresholdAlone).Apply(Probability, label, _thresholds[label], Spacing);
    }
}

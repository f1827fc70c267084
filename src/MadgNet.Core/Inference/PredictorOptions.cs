using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference;

/// <summary>How a <see cref="SegmentationPredictor"/> predicts.</summary>
public sealed record PredictorOptions
{
    /// <summary>
    /// The probability from which on a pixel belongs to a label, 0..1. Null, the default, takes the one that is stored with the
    /// model, and 0.5 where none is.
    /// </summary>
    public double? Threshold { get; init; }

    /// <summary>
    /// A threshold of its own for each label, in the order of the labels; they go before <see cref="Threshold"/>. Empty, the default, for
    /// none.
    /// </summary>
    public IReadOnlyList<double> LabelThresholds { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>
    /// The height and width that images are resized to before the network sees them, as the published protocol does with
    /// 352×352; probabilities are resized back. Null, the default, leaves images at their own size, unless the network takes
    /// one size only: they are resized to that then.
    /// </summary>
    public (int Height, int Width)? InputSize { get; init; }

    /// <summary>
    /// Whether images stay at their own size where <see cref="InputSize"/> says nothing and the network knows the size of its training
    /// (<see cref="MadgNet.Core.Inputs.ModelInput.Size"/>). Default false: that size is taken.
    /// </summary>
    public bool NativeSize { get; init; }

    /// <summary>The most images (or tiles, or augmented views) that the network is run on at once; 1 or more. Default 4.</summary>
    public int BatchSize { get; init; } = 4;

    /// <summary>How images that are larger than a tile are divided; null, the default, runs the network on the whole image.</summary>
    public TileOptions? Tiles { get; init; }

    /// <summary>In which views the network looks at an image; null, the default, for the image alone.</summary>
    public TestTimeAugmentation? Augmentation { get; init; }

    /// <summary>What is done to get from probabilities to masks; null, the default, for the threshold alone.</summary>
    public PostProcessing? PostProcessing { get; init; }

    /// <summary>
    /// The size of a pixel, which areas and lengths are in the unit of (usually millimetres). Default <see cref="PixelSpacing.Pixels"/>.
    /// </summary>
    public PixelSpacing Spacing { get; init; } = PixelSpacing.Pixels;

    /// <summary>What reads image files. Default: every format of <see cref="ImageReader"/>.</summary>
    public IImageReader Reader { get; init; } = new ImageReader();

    /// <summary>Everything that is wrong with these options on their own; empty when nothing is.</summary>
    /// <returns>The problems. Whether they fit a network is checked when a predictor is created.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (Threshold is { } threshold && !InRange(threshold))
        {
            problems.Add(new Problem(
                nameof(Threshold),
                FormattableString.Invariant($"{threshold}"),
                "0 to 1",
                "Use 0.5, or a threshold chosen on validation data"));
        }

        if (LabelThresholds is null || LabelThresholds.Any(value => !InRange(value)))
        {
            problems.Add(new Problem(
                nameof(LabelThresholds),
                LabelThresholds is null
                    ? "null"
                    : FormattableString.Invariant(
                        $"[{string.Join(", ", LabelThresholds.Select(value => FormattableString.Invariant($"{value}")))}]"),
                "numbers from 0 to 1",
                "Give every label a threshold chosen on validation data, or leave the list empty"));
        }

        if (InputSize is { } size && (size.Height < 1 || size.Width < 1))
        {
            problems.Add(new Problem(
                nameof(InputSize),
                $"{size.Height}×{size.Width}",
                "a height and width of 1 or more, or null",
                "Use 352×352 as published, or null for the images' own size"));
        }

        Guard.Range(problems, nameof(BatchSize), BatchSize, 1);
        problems.AddRange(Within(nameof(Tiles), Tiles?.Validate()));
        problems.AddRange(Within(nameof(Augmentation), Augmentation?.Validate()));
        problems.AddRange(Within(nameof(PostProcessing), PostProcessing?.Validate()));
        if (!(Spacing.Row > 0 && Spacing.Column > 0))
        {
            problems.Add(new Problem(
                nameof(Spacing), "a pixel without size", "a spacing above 0", "Use PixelSpacing.Pixels, or new PixelSpacing(row, column)"));
        }

        if (Tiles is not null && InputSize is not null)
        {
            problems.Add(new Problem(
                nameof(Tiles),
                "tiles together with an InputSize",
                "one of both",
                "Resize images to one size, or divide them at their own"));
        }

        if (Reader is null)
        {
            problems.Add(new Problem(nameof(Reader), "null", "an image reader", "Leave the default"));
        }

        return problems;
    }

    /// <summary>What does not fit a network.</summary>
    internal IReadOnlyList<Problem> Validate(NetworkDescription network)
    {
        var problems = new List<Problem>();
        if (LabelThresholds.Count != 0 && LabelThresholds.Count != network.Labels)
        {
            problems.Add(new Problem(
                nameof(LabelThresholds),
                $"{LabelThresholds.Count} thresholds",
                $"{network.Labels}, one for each label of the network, or none",
                "Give every label a threshold, or leave the list empty"));
        }

        if (network.FixedSize is { } only && InputSize is { } size && size != only)
        {
            problems.Add(new Problem(
                nameof(InputSize),
                $"{size.Height}×{size.Width}",
                $"{only.Height}×{only.Width}, the one size that the network takes, or null",
                "Leave InputSize null"));
        }

        problems.AddRange(Within(nameof(Tiles), Tiles?.Validate(network)));
        if (network.FixedSize is { } one && Augmentation is { } augmentation)
        {
            string received = $"for a network that takes {one.Height}×{one.Width} alone";
            if (augmentation.Scales.Any(scale => scale != 1))
            {
                problems.Add(new Problem(
                    $"{nameof(Augmentation)}.{nameof(augmentation.Scales)}",
                    $"other scales than 1 {received}",
                    "1 alone",
                    "Leave the scales out"));
            }

            if (augmentation.RightAngles && one.Height != one.Width)
            {
                problems.Add(new Problem(
                    $"{nameof(Augmentation)}.{nameof(augmentation.RightAngles)}",
                    $"right angles {received}",
                    "flips alone",
                    "Leave the right angles out"));
            }
        }

        return problems;
    }

    private static IEnumerable<Problem> Within(string part, IEnumerable<Problem>? problems) =>
        (problems ?? []).Select(problem => problem with { Subject = $"{part}.{problem.Subject}" });

    private static bool InRange(double threshold) => threshold >= 0 && threshold <= 1;
}

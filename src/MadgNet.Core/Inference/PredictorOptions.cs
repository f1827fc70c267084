using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference;

/// <summary>How a <see cref="SegmentationPredictor"/> predicts.</summary>
public sealed record PredictorOptions
{
    /// <summary>
    /// The threshold, 0..1: a pixel belongs to a label when its probability is at least this. Null, the default, uses the threshold
    /// that is stored with the model, or 0.5 when none is stored.
    /// </summary>
    public double? Threshold { get; init; }

    /// <summary>
    /// One threshold for each label, in the order of the labels. They are used instead of <see cref="Threshold"/>. Empty by default.
    /// </summary>
    public IReadOnlyList<double> LabelThresholds { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>
    /// The height and width to which images are resized for the network, as the published protocol does with 352×352. Probabilities are
    /// resized back. With null, the default, images keep their own size. A network that takes only one size still gets that size.
    /// </summary>
    public (int Height, int Width)? InputSize { get; init; }

    /// <summary>
    /// Whether images keep their own size when <see cref="InputSize"/> is null and the network knows the size of its training (<see
    /// cref="MadgNet.Core.Inputs.ModelInput.Size"/>). Default false: images are resized to the size of the training.
    /// </summary>
    public bool NativeSize { get; init; }

    /// <summary>The largest number of images, tiles or augmented views in one run of the network; 1 or more. Default 4.</summary>
    public int BatchSize { get; init; } = 4;

    /// <summary>How to divide images that are larger than a tile. Null, the default, runs the network on the whole image.</summary>
    public TileOptions? Tiles { get; init; }

    /// <summary>The views of test-time augmentation. Null, the default, uses the image alone.</summary>
    public TestTimeAugmentation? Augmentation { get; init; }

    /// <summary>The steps from probabilities to masks. Null, the default, applies the threshold alone.</summary>
    public PostProcessing? PostProcessing { get; init; }

    /// <summary>
    /// The size of a pixel, usually in millimetres. Areas and lengths use its unit. Default <see cref="PixelSpacing.Pixels"/>.
    /// </summary>
    public PixelSpacing Spacing { get; init; } = PixelSpacing.Pixels;

    /// <summary>The reader of image files. Default: every format of <see cref="ImageReader"/>.</summary>
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

using MadgNet.Core.Inputs;

namespace MadgNet.Core.Inference;

/// <summary>What a <see cref="SegmentationPredictor"/> has to know about the network that it runs.</summary>
public sealed record NetworkDescription
{
    /// <summary>
    /// What the network expects of images, and how the values of files become that. Default: RGB over the file's full range.
    /// </summary>
    public ModelInput Input { get; init; } = new();

    /// <summary>C, the channels of the images that the network is run on.</summary>
    public int InputChannels => Input.Channels;

    /// <summary>n, the number of labels; 1 or more. Default 1.</summary>
    public int Labels { get; init; } = 1;

    /// <summary>A name for each label, or empty. Default empty.</summary>
    public IReadOnlyList<string> LabelNames { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>What the height and width of the network's input must be multiples of; 1 or more. Default 32.</summary>
    public int Stride { get; init; } = 32;

    /// <summary>
    /// Whether an image of one channel may be given where <see cref="InputChannels"/> is greater; it is repeated then. Default true.
    /// </summary>
    public bool AcceptsGray { get; init; } = true;

    /// <summary>The probability from which on a pixel belongs to a label, as it was stored with the weights; null where none was.</summary>
    public double? Threshold { get; init; }

    /// <summary>
    /// The one height and width that the network takes, multiples of <see cref="Stride"/>; null where it takes any. Default null.
    /// </summary>
    public (int Height, int Width)? FixedSize { get; init; }

    /// <summary>The most images that the network takes at once; null where there is no limit. Default null.</summary>
    public int? MaximumBatch { get; init; }

    /// <summary>Everything that is wrong with the description; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (Input is null)
        {
            problems.Add(new Problem(nameof(Input), "null", "a value", "Leave the default or set a value"));
        }
        else
        {
            problems.AddRange(Input.Validate().Select(problem => problem with { Subject = $"{nameof(Input)}.{problem.Subject}" }));
        }

        Guard.Range(problems, nameof(Labels), Labels, 1);
        Guard.Range(problems, nameof(Stride), Stride, 1);
        Guard.Range(problems, nameof(MaximumBatch), MaximumBatch ?? 1, 1);
        if (LabelNames is null || (LabelNames.Count != 0 && LabelNames.Count != Labels))
        {
            problems.Add(new Problem(
                nameof(LabelNames),
                LabelNames is null ? "null" : $"{LabelNames.Count} names for {Labels} labels",
                "no names, or one for each label",
                "Name every label, or none"));
        }

        if (Threshold is { } threshold && !(threshold >= 0 && threshold <= 1))
        {
            problems.Add(new Problem(
                nameof(Threshold),
                FormattableString.Invariant($"{threshold}"),
                "0 to 1, or null",
                "Use a threshold chosen on validation data"));
        }

        if (Stride >= 1
            && FixedSize is { } size
            && (size.Height < 1 || size.Width < 1 || size.Height % Stride != 0 || size.Width % Stride != 0))
        {
            problems.Add(new Problem(
                nameof(FixedSize),
                $"{size.Height}×{size.Width}",
                $"multiples of {Stride}, or null",
                "State the size that the network was built for"));
        }

        return problems;
    }
}

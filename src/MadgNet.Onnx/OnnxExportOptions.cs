using MadgNet.Core.Inputs;

namespace MadgNet.Onnx;

/// <summary>How <see cref="OnnxExporter"/> exports. The defaults give a float32 file for images of 352×352, any batch size.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>The largest height and width that a graph is made for.</summary>
    internal const int LargestSide = 8192;

    private readonly (int Height, int Width)? _inputSize = (352, 352);
    private readonly bool _sizeGiven;

    /// <summary>
    /// The height and width of the images, multiples of the network's stride (32), at most 8192. Default: the size of training in the
    /// network's input, and 352×352 as published where it knows none. Null makes both free: every multiple of the stride is taken,
    /// and what depends on the size (the pooling to the DCT size, whether a scale is pooled, the sizes of interpolations) is
    /// computed in the graph. A fixed size is faster.
    /// </summary>
    public (int Height, int Width)? InputSize
    {
        get => _inputSize;
        init => (_inputSize, _sizeGiven) = (value, true);
    }

    /// <summary>Which maps the graph gives out. Default <see cref="OnnxOutputs.Region"/>.</summary>
    public OnnxOutputs Outputs { get; init; } = OnnxOutputs.Region;

    /// <summary>Whether outputs are probabilities 0..1 (a sigmoid of the logits) instead of logits. Default true.</summary>
    public bool Sigmoid { get; init; } = true;

    /// <summary>What the graph takes as its image. Default <see cref="OnnxInputValues.Scaled"/>.</summary>
    public OnnxInputValues InputValues { get; init; } = OnnxInputValues.Scaled;

    /// <summary>What the numbers are. Default <see cref="OnnxPrecision.Float32"/>.</summary>
    public OnnxPrecision Precision { get; init; } = OnnxPrecision.Float32;

    /// <summary>
    /// Further texts for the file's metadata, such as scores; null for none. Keys that begin with <c>madgnet.</c> are the
    /// library's own.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>The options with the size of a network's training, unless another was asked for.</summary>
    internal OnnxExportOptions For(ModelInput input) =>
        _sizeGiven || input.Size is not { } size ? this : this with { InputSize = (size.Height, size.Width) };

    /// <summary>Everything that is wrong with these options on their own; empty when nothing is.</summary>
    /// <returns>The problems. Whether the size fits a model's stride is checked when it is exported.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (InputSize is { } size && (size.Height is < 1 or > LargestSide || size.Width is < 1 or > LargestSide))
        {
            problems.Add(new Problem(
                nameof(InputSize),
                $"{size.Height}×{size.Width}",
                $"a height and width of 1 to {LargestSide}, or null",
                "Use 352×352 as published, or null for any size"));
        }

        problems.AddRange(Problem.Undefined(nameof(Outputs), Outputs));
        problems.AddRange(Problem.Undefined(nameof(InputValues), InputValues));
        problems.AddRange(Problem.Undefined(nameof(Precision), Precision));
        foreach ((string key, string value) in Metadata ?? new Dictionary<string, string>())
        {
            if (string.IsNullOrWhiteSpace(key) || key.StartsWith(OnnxMetadata.Prefix, StringComparison.Ordinal))
            {
                problems.Add(new Problem(
                    nameof(Metadata),
                    $"the key '{key}'",
                    $"keys that are not empty and do not begin with '{OnnxMetadata.Prefix}'",
                    "Rename the key"));
            }

            if (value is null)
            {
                problems.Add(new Problem(nameof(Metadata), $"null for '{key}'", "a text", "Leave the key out"));
            }
        }

        return problems;
    }
}

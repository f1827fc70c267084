using System.Text;

namespace MadgNet.Core.Weights;

/// <summary>How the tensors of a weight file and those of a model go together. Its text lists everything.</summary>
public sealed class WeightLoadReport
{
    internal WeightLoadReport(
        string path,
        WeightLoadMode mode,
        IReadOnlyList<LoadedWeight> loaded,
        IReadOnlyList<UnmatchedWeight> missing,
        IReadOnlyList<UnmatchedWeight> unexpected,
        IReadOnlyList<MismatchedWeight> mismatched,
        IReadOnlyList<string> kept,
        IReadOnlyList<string> ignored,
        IReadOnlyList<string> renamings,
        string? suggestedPrefix,
        RecognizedEncoder? looksLike)
    {
        Path = path;
        Mode = mode;
        Loaded = loaded;
        Missing = missing;
        Unexpected = unexpected;
        Mismatched = mismatched;
        Kept = kept;
        Ignored = ignored;
        Renamings = renamings;
        SuggestedPrefix = suggestedPrefix;
        LooksLike = looksLike;
    }

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>What was asked for.</summary>
    public WeightLoadMode Mode { get; }

    /// <summary>The model's tensors that the file fills; where <see cref="LoadedWeight.Converted"/>, in another type.</summary>
    public IReadOnlyList<LoadedWeight> Loaded { get; }

    /// <summary>The model's tensors that the file lacks; with the nearest name in the file.</summary>
    public IReadOnlyList<UnmatchedWeight> Missing { get; }

    /// <summary>The file's tensors that the model lacks; with the nearest name in the model.</summary>
    public IReadOnlyList<UnmatchedWeight> Unexpected { get; }

    /// <summary>
    /// The tensors whose shapes differ, or whose types do not convert: floating-point types convert into each other,
    /// integers into larger integers.
    /// </summary>
    public IReadOnlyList<MismatchedWeight> Mismatched { get; }

    /// <summary>The model's tensors that a file may lack (<c>num_batches_tracked</c>) and this one does: they stay as they are.</summary>
    public IReadOnlyList<string> Kept { get; }

    /// <summary>
    /// The file's tensors that are left out by rule: DCT constants (<c>dct_weight_*</c>), the counter of averaged models
    /// (<c>n_averaged</c>), those that the options drop, and with <see cref="WeightLoadMode.Encoder"/> all but the encoder,
    /// such as a classifier (<c>fc.*</c>, <c>head.*</c>).
    /// </summary>
    public IReadOnlyList<string> Ignored { get; }

    /// <summary>
    /// What was done to the file's names, a sentence a step: prefixes taken off, names of other code bases translated; and which of the
    /// file's values were skipped because they are no weights. Empty where the file was taken as it is.
    /// </summary>
    public IReadOnlyList<string> Renamings { get; }

    /// <summary>
    /// Where tensors are missing: the prefix that, taken off the file's names, would let most of them match, to be passed to
    /// <see cref="WeightLoadOptions.StripPrefixes"/>; null where no prefix helps.
    /// </summary>
    public string? SuggestedPrefix { get; }

    /// <summary>
    /// Where the file does not fill what <see cref="Mode"/> asks for: what it looks like by its names; null where nothing is known of them.
    /// </summary>
    public RecognizedEncoder? LooksLike { get; }

    /// <summary>Whether the file fills what <see cref="Mode"/> asks for.</summary>
    public bool Fits => Mode switch
    {
        WeightLoadMode.AllThatFits => Loaded.Count > 0,
        WeightLoadMode.Encoder => Missing.Count == 0 && Mismatched.Count == 0 && Loaded.Count > 0,
        _ => Missing.Count == 0 && Mismatched.Count == 0 && Unexpected.Count == 0,
    };

    /// <summary>All of the report as text, one line a tensor that needs attention.</summary>
    /// <returns>The text, without a line break at the end.</returns>
    public override string ToString() => Describe(int.MaxValue);

    internal string Describe(int listedPerKind)
    {
        var text = new StringBuilder();
        text.Append(
            $"{Loaded.Count} tensors that fit, {Missing.Count} missing, {Unexpected.Count} unexpected, {Mismatched.Count} mismatched, "
                + $"{Kept.Count} kept, {Ignored.Count} ignored");
        Append(text, "names", Renamings, listedPerKind);
        Append(text, "ignored", IgnoredGroups(), listedPerKind);
        Append(
            text,
            "adapted",
            [.. Loaded.Where(weight => weight.AdaptedChannels is not null)
                .Select(weight => $"{weight.Name}: from {weight.Source.Shape[1]} to {weight.AdaptedChannels} input channels")],
            listedPerKind);
        Append(
            text,
            "converted",
            [.. Loaded.Where(weight => weight.Converted).Select(weight => $"{weight.Name}: {weight.Source.Type} to {weight.Type}")],
            listedPerKind);
        Append(text, "missing in the file", Missing, listedPerKind);
        Append(text, "unexpected in the file", Unexpected, listedPerKind);
        Append(text, "mismatched", Mismatched, listedPerKind);
        return text.ToString();
    }

    /// <summary>One line for all tensors of a part: an ignored decoder has hundreds.</summary>
    private List<string> IgnoredGroups() =>
    [
        .. Ignored.GroupBy(name => name.Contains('.', StringComparison.Ordinal)
            ? name[..(name.IndexOf('.', StringComparison.Ordinal) + 1)] + "*"
            : name)
            .Select(group => group.Count() == 1 ? group.First() : $"{group.Key} ({group.Count()} tensors)"),
    ];

    private static void Append<T>(StringBuilder text, string kind, IReadOnlyList<T> items, int limit)
    {
        foreach (T item in items.Take(limit))
        {
            text.Append($"\n  {kind}: {item}");
        }

        if (items.Count > limit)
        {
            text.Append($"\n  {kind}: {items.Count - limit} more");
        }
    }
}

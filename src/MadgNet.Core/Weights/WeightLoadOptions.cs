namespace MadgNet.Core.Weights;

/// <summary>What to load, and under which names.</summary>
/// <remarks>
/// Names go through these steps: prefixes that DataParallel and torch.compile put before every name are taken off;
/// <see cref="StripPrefixes"/>; <see cref="RenamePrefixes"/>; <see cref="Rename"/>; and, unless
/// <see cref="RecogniseForeignNames"/> is off, whatever else is usual around and inside the names of other code bases. The
/// report tells each step that changed a name.
/// </remarks>
public sealed record WeightLoadOptions
{
    /// <summary>How much of the model the file must fill. Default: <see cref="WeightLoadMode.Everything"/>.</summary>
    public WeightLoadMode Mode { get; init; } = WeightLoadMode.Everything;

    /// <summary>
    /// Prefixes to take off the names that begin with them, one after the other, such as <c>student.</c>; the closing dot may
    /// be left out. One that no name begins with is told in the report. Default: none.
    /// </summary>
    public IReadOnlyList<string> StripPrefixes { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>
    /// Prefixes and what names begin with instead, one after the other; null leaves the tensors out. For example
    /// <c>("student.", "feature_encoding.")</c>, <c>("teacher.", null)</c>. Default: none.
    /// </summary>
    public IReadOnlyList<PrefixRenaming> RenamePrefixes { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>
    /// Gives a tensor of the file the name that the model has for it, or null to leave the tensor out. It sees the names
    /// after <see cref="RenamePrefixes"/>, and before <see cref="Mode"/> selects among them. Default: null, every name stays.
    /// </summary>
    public Func<string, string?>? Rename { get; init; }

    /// <summary>
    /// Whether names that the model lacks are tried without the prefixes and parts that other code bases add
    /// (<c>model.</c>, <c>encoder.</c>, <c>encoder.</c>, <c>module.</c>, <c>_orig_mod.</c> wherever it stands, …) and by the
    /// names that torchvision, timm and others have for the encoders of this library. A step is taken only where more names
    /// match with it. Default: true.
    /// </summary>
    public bool RecogniseForeignNames { get; init; } = true;

    /// <summary>
    /// Whether the model's first convolution takes weights for another number of image channels: each of its channels gets the
    /// average over the file's channels, scaled by file's channels / model's channels, so that an image with equal channels
    /// gives the same features as before. The first convolution is the model's first four-dimensional tensor. Default: false,
    /// such weights do not fit.
    /// </summary>
    public bool AdaptInputChannels { get; init; }

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        problems.AddRange(Problem.Undefined(nameof(Mode), Mode));

        if (StripPrefixes is null || StripPrefixes.Any(string.IsNullOrEmpty))
        {
            problems.Add(new Problem(
                nameof(StripPrefixes),
                StripPrefixes is null ? "null" : "an empty prefix",
                "prefixes of one letter or more",
                "Leave the empty one out"));
        }

        if (RenamePrefixes is null || RenamePrefixes.Any(renaming => renaming is null || string.IsNullOrEmpty(renaming.From)))
        {
            problems.Add(new Problem(
                nameof(RenamePrefixes),
                RenamePrefixes is null ? "null" : "null or an empty prefix",
                "prefixes of one letter or more",
                "Leave the empty one out; to put a prefix before every name use Rename"));
        }

        return problems;
    }
}

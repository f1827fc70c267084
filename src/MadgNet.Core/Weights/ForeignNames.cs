namespace MadgNet.Core.Weights;

/// <summary>
/// What other code bases put around and into the names of a network's tensors, and how it is taken off: wrappers of PyTorch
/// wherever they stand, the attribute that a training script keeps its network under, and other names of the encoders of
/// this library. A step is taken only where more names are wanted with it than without.
/// </summary>
internal static class ForeignNames
{
    /// <summary>Counts the averaged models in a file of torch.optim.swa_utils.AveragedModel; no weight.</summary>
    private const string AveragedModelCounter = "n_averaged";

    /// <summary>Under these attributes a Lightning module keeps what is no network.</summary>
    private static readonly IReadOnlyList<string> BesideNetwork =
        ["criterion.", "loss.", "losses.", "loss_fn.", "loss_function.", "metric.", "metrics.", "train_metrics.", "val_metrics.",
            "test_metrics."];

    // A wrapper in a wrapper in a wrapper is as deep as it gets; a hostile name could go on.
    private const int MaximumDepth = 4;

    /// <summary>What wraps a module without a trace in its behaviour: torch.compile and DataParallel.</summary>
    private static readonly IReadOnlyList<string> WrapperSegments = ["_orig_mod", "module"];

    /// <summary>
    /// Under these attributes networks and encoders are kept: Lightning, segmentation_models.pytorch, timm's adapters, torchvision's
    /// detectors, contrastive pretraining.
    /// </summary>
    private static readonly HashSet<string> Owners = new(StringComparer.Ordinal)
    {
        "model", "module", "_orig_mod", "net", "network", "encoder", "backbone", "base_encoder", "encoder_q", "base_model",
        "feature_extractor", "trunk",
    };

    /// <summary>
    /// Other names of the encoders' parts, by first segment or segments. torchvision's and timm's ResNet-50, timm's resnest50d
    /// and res2net50d, and the originals of the latter two have this library's names already.
    /// </summary>
    private static readonly IReadOnlyList<ForeignScheme> Schemes =
    [
        new("the positions of torchvision's or timm's children in nn.Sequential", [
            ("0.", "conv1."),
            ("1.", "bn1."),
            ("4.", "layer1."),
            ("5.", "layer2."),
            ("6.", "layer3."),
            ("7.", "layer4.")
        ]),
        new("the deep stem's names in mmsegmentation", [("stem.7.", "bn1."), ("stem.", "conv1.")]),
    ];

    /// <summary>
    /// What the classifier is called that encoders trained on ImageNet still have: torchvision and timm, timm's newer heads, others.
    /// </summary>
    private static readonly IReadOnlyList<string> Classifiers = ["fc.", "head.", "classifier.", "last_linear."];

    /// <summary>Whether the tensor belongs to a classifier behind an encoder.</summary>
    public static bool IsClassifier(string name) => Classifiers.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>
    /// Whether the tensor is something that a wrapper or a training script keeps beside the weights: a counter, buffers of its loss and
    /// metrics.
    /// </summary>
    public static bool IsWrapperState(string name) => name is AveragedModelCounter
        || BesideNetwork.Any(owner => name.StartsWith(owner, StringComparison.Ordinal));

    /// <summary>Translates names; what is not recognised stays.</summary>
    /// <param name="names">The names in the file.</param>
    /// <param name="isWanted">Whether the model has a name.</param>
    /// <param name="notes">Receives what was done.</param>
    /// <returns>A name for each, in the same order; all different where the given ones are.</returns>
    public static IReadOnlyList<string> Translate(IReadOnlyList<string> names, Func<string, bool> isWanted, ICollection<string> notes)
    {
        int matches = names.Count(isWanted);
        foreach (string segment in WrapperSegments)
        {
            string[] without = [.. names.Select(name => WithoutSegment(name, segment))];
            int better = without.Count(isWanted);
            if (better > matches && AreDistinct(without))
            {
                notes.Add($"'{segment}.' taken out of {names.Zip(without).Count(pair => pair.First != pair.Second)} names");
                (names, matches) = (without, better);
            }
        }

        (IReadOnlyList<string> Names, int Matches, string Prefix, ForeignScheme? Scheme) best = (names, matches, "", null);
        foreach (string prefix in OwnerPrefixes(names).Prepend(""))
        {
            foreach (ForeignScheme? scheme in Schemes.Prepend<ForeignScheme?>(null))
            {
                string[] candidate = [.. names.Select(name => Apply(name, prefix, scheme))];
                int count = candidate.Count(isWanted);
                if (count > best.Matches && AreDistinct(candidate))
                {
                    best = (candidate, count, prefix, scheme);
                }
            }
        }

        if (best.Prefix.Length > 0)
        {
            notes.Add(
                $"the prefix '{best.Prefix}' taken off "
                    + $"{names.Count(name => name.StartsWith(best.Prefix, StringComparison.Ordinal))} names");
        }

        if (best.Scheme is { } used)
        {
            notes.Add($"{used.Description} translated");
        }

        return best.Names;
    }

    /// <summary>
    /// The prefix that most names would match without, whatever it is called; null where no prefix helps. For a message: what
    /// is not usual is not taken off unasked.
    /// </summary>
    public static string? SuggestPrefix(IReadOnlyList<string> names, Func<string, bool> isWanted)
    {
        const int MaximumCandidates = 64;
        int matches = names.Count(isWanted);
        string? best = null;
        foreach (string prefix in names.SelectMany(Prefixes).Distinct(StringComparer.Ordinal).Take(MaximumCandidates))
        {
            int count = names.Count(name => isWanted(Apply(name, prefix, null)));
            if (count > matches)
            {
                (best, matches) = (prefix, count);
            }
        }

        return best;
    }

    private static IEnumerable<string> OwnerPrefixes(IReadOnlyList<string> names) =>
        names.SelectMany(name => Prefixes(name).TakeWhile(prefix => Owners.Contains(LastSegment(prefix)))).Distinct(StringComparer.Ordinal);

    /// <summary><c>a.</c>, <c>a.b.</c>, … of <c>a.b.c.weight</c>.</summary>
    private static IEnumerable<string> Prefixes(string name)
    {
        int dot = name.IndexOf('.');
        for (int depth = 0; depth < MaximumDepth && dot >= 0; depth++)
        {
            yield return name[..(dot + 1)];
            dot = name.IndexOf('.', dot + 1);
        }
    }

    private static string LastSegment(string prefix) => prefix[(prefix.LastIndexOf('.', prefix.Length - 2) + 1)..^1];

    private static string WithoutSegment(string name, string segment)
    {
        string[] parts = name.Split('.');
        return parts.SkipLast(1).Contains(segment, StringComparer.Ordinal)
            ? string.Join('.', parts.Where((part, i) => i == parts.Length - 1 || part != segment))
            : name;
    }

    /// <summary>A name outside of the prefix stays: it may be a loss's or a counter's.</summary>
    private static string Apply(string name, string prefix, ForeignScheme? scheme)
    {
        if (!name.StartsWith(prefix, StringComparison.Ordinal))
        {
            return name;
        }

        string rest = name[prefix.Length..];
        return scheme?.Translate(rest) ?? rest;
    }

    private static bool AreDistinct(IReadOnlyCollection<string> names) => names.Distinct(StringComparer.Ordinal).Count() == names.Count;

    private sealed record ForeignScheme(string Description, IReadOnlyList<(string Theirs, string Ours)> Prefixes)
    {
        public string? Translate(string name)
        {
            foreach ((string theirs, string ours) in Prefixes)
            {
                if (name.StartsWith(theirs, StringComparison.Ordinal))
                {
                    return ours + name[theirs.Length..];
                }
            }

            return null;
        }
    }
}

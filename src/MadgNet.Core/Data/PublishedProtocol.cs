namespace MadgNet.Core.Data;

/// <summary>
/// The paper's experiment for one modality: which sets a network is trained and tested on (seen), and which it is only
/// tested on (unseen).
/// </summary>
public sealed class PublishedProtocol
{
    private PublishedProtocol(Modality modality, IReadOnlyList<PublishedDataset> seen, IReadOnlyList<PublishedDataset> unseen)
    {
        Modality = modality;
        Seen = seen;
        Unseen = unseen;
    }

    /// <summary>The experiments of all modalities.</summary>
    public static IReadOnlyList<PublishedProtocol> All { get; } =
    [
        new(Modality.Dermoscopy, [PublishedDataset.Isic2018], [PublishedDataset.Ph2]),
        new(Modality.ComputedTomography, [PublishedDataset.Covid19], [PublishedDataset.Covid19Second]),
        new(Modality.Ultrasound, [PublishedDataset.Busi], [PublishedDataset.Stu]),
        new(Modality.Microscopy, [PublishedDataset.Dsb2018], [PublishedDataset.MonuSeg2018]),
        new(Modality.Colonoscopy, [
            PublishedDataset.CvcClinicDB,
            PublishedDataset.Kvasir
        ], [PublishedDataset.Cvc300, PublishedDataset.CvcColonDB, PublishedDataset.EtisLaribPolypDB]),
        new(Modality.Fundus, [PublishedDataset.Refuge], [PublishedDataset.DrishtiGS]),
    ];

    /// <summary>The kind of images.</summary>
    public Modality Modality { get; }

    /// <summary>The sets that a network is trained and tested on.</summary>
    public IReadOnlyList<PublishedDataset> Seen { get; }

    /// <summary>The sets that a network is only tested on.</summary>
    public IReadOnlyList<PublishedDataset> Unseen { get; }

    /// <summary>The experiment of one modality.</summary>
    /// <param name="modality">The modality.</param>
    /// <returns>The experiment.</returns>
    public static PublishedProtocol For(Modality modality) => All.First(protocol => protocol.Modality == modality);

    /// <summary>Opens one part of the seen sets; several sets become one dataset whose names begin with their set's.</summary>
    /// <param name="part">For example <see cref="PublishedDataset.Train"/>.</param>
    /// <param name="rootOf">The folder of a set.</param>
    /// <param name="configure">Changes how a set's files become samples; null for its own options.</param>
    /// <returns>The dataset.</returns>
    /// <exception cref="DatasetException">A set is not there, lacks files or has no such part.</exception>
    public IDataset Open(
        string part, Func<PublishedDataset, string> rootOf, Func<FolderDatasetOptions, FolderDatasetOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(rootOf);
        (string Name, IDataset Dataset)[] sets = [.. Seen.Select(set => (set.Name,
            (IDataset)set.Open(rootOf(set), part, configure?.Invoke(set.Options))))];
        return sets.Length == 1 ? sets[0].Dataset : DatasetExtensions.Combine(sets);
    }

    /// <summary>
    /// Opens the test part of every set, seen and unseen. An unseen set that no split is published for is tested on as a whole.
    /// </summary>
    /// <param name="rootOf">The folder of a set.</param>
    /// <param name="configure">Changes how a set's files become samples; null for its own options.</param>
    /// <returns>The sets, whether they were seen in training, and their test samples.</returns>
    /// <exception cref="DatasetException">A set is not there or lacks files.</exception>
    public IReadOnlyList<(PublishedDataset Set, bool Seen, IDataset Samples)> OpenTests(
        Func<PublishedDataset, string> rootOf, Func<FolderDatasetOptions, FolderDatasetOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(rootOf);
        return [.. Seen.Select(set => (set, true, Tests(set, seen: true))), .. Unseen.Select(set => (set, false, Tests(set, seen: false)))];

        IDataset Tests(PublishedDataset set, bool seen)
        {
            FolderDatasetOptions? options = configure?.Invoke(set.Options);
            return seen || set.PublishedNames(PublishedDataset.Test).Count > 0
                ? set.Open(rootOf(set), PublishedDataset.Test, options)
                : set.OpenAll(rootOf(set), options);
        }
    }
}

namespace MadgNet.Core.Data;

/// <summary>
/// Examines datasets before hours are spent on them: unreadable files, missing partners, sizes, masks that are empty,
/// full or not binary, undeclared label values, images that look the same within and across splits. Whatever is wrong
/// with the data is a finding, never an exception.
/// </summary>
public static class DatasetDoctor
{
    /// <summary>Below this side an image is less than one pixel in the network's deepest stage (stride 32).</summary>
    private const int SmallestSide = 32;

    /// <summary>How many times larger or smaller than the median an image's area may be before it is noted.</summary>
    private const double AreaFactor = 16;

    /// <summary>Examines a folder of images and masks.</summary>
    /// <param name="folder">A folder as <see cref="FolderDataset"/> takes it.</param>
    /// <param name="datasetOptions">How its files become samples; null for the defaults. Files without a partner become findings in any
    /// case.</param>
    /// <param name="options">How it is examined; null for the defaults.</param>
    /// <param name="progress">Told the share of samples examined, 0..1; null for nobody.</param>
    /// <param name="cancellationToken">Ends the examination with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>What was found.</returns>
    public static DoctorReport ExamineFolder(
        string folder,
        FolderDatasetOptions? datasetOptions = null,
        DoctorOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        try
        {
            var dataset = new FolderDataset(
                folder, (datasetOptions ?? new FolderDatasetOptions()) with { Unpaired = UnpairedFiles.LeaveOut });
            return ExamineSplits([(name, dataset)], options, progress, cancellationToken);
        }
        catch (DatasetException error)
        {
            return new DoctorReport(
                [new SplitSummary(name, 0, 0, (0, 0), (0, 0), [], double.NaN)],
                [.. error.Problems.Select(problem => new Finding(FindingKind.EmptyDataset, FindingSeverity.Error, problem))]);
        }
    }

    /// <summary>Examines one dataset.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="options">How it is examined; null for the defaults.</param>
    /// <param name="progress">Told the share of samples examined, 0..1; null for nobody.</param>
    /// <param name="cancellationToken">Ends the examination with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>What was found.</returns>
    public static DoctorReport Examine(
        IDataset dataset,
        DoctorOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default) =>
        ExamineSplits([("all", dataset)], options, progress, cancellationToken);

    /// <summary>Examines the parts of a split, each by itself and all against one another.</summary>
    /// <param name="splits">The parts, with their names.</param>
    /// <param name="options">How they are examined; null for the defaults.</param>
    /// <param name="progress">Told the share of samples examined, 0..1; null for nobody.</param>
    /// <param name="cancellationToken">Ends the examination with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public static DoctorReport ExamineSplits(
        IReadOnlyList<(string Split, IDataset Dataset)> splits,
        DoctorOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(splits);
        options ??= new DoctorOptions();
        InvalidOptionsException.ThrowIfAny(nameof(DatasetDoctor), options.Validate());
        List<Case> cases = [.. splits.SelectMany(split => Enumerable.Range(0, split.Dataset.Count)
            .Select(index => new Case(split.Split, split.Dataset, index)))];
        int done = 0;
        Parallel.For(
            0,
            cases.Count,
            new ParallelOptions { MaxDegreeOfParallelism = options.Workers, CancellationToken = cancellationToken },
            i =>
            {
                cases[i].Examine(options.NearDuplicates);
                progress?.Report((double)Interlocked.Increment(ref done) / cases.Count);
            });

        var findings = new List<Finding>();
        foreach ((string split, IDataset dataset) in splits)
        {
            findings.AddRange(dataset.Findings);
            Case[] own = [.. cases.Where(item => item.Split == split && item.Dataset == dataset)];
            findings.AddRange(own.SelectMany(item => item.Examination.Findings));
            findings.AddRange(OfSplit(split, own));
        }

        if (options.NearDuplicates)
        {
            findings.AddRange(Duplicates(cases, cancellationToken));
        }

        return new DoctorReport(
            [.. splits.Select(split => Summarize(
                split.Split, [.. cases.Where(item => item.Split == split.Split && item.Dataset == split.Dataset)]))],
            [.. findings.OrderByDescending(finding => finding.Severity).ThenBy(finding => finding.Kind)]);
    }

    private static IEnumerable<Finding> OfSplit(string split, Case[] cases)
    {
        if (cases.Length == 0)
        {
            yield return new Finding(
                FindingKind.EmptyDataset,
                FindingSeverity.Error,
                new Problem(split, "no samples", "at least one", "Check the folder, filter or split that it was made with"));
            yield break;
        }

        Case[] readable = [.. cases.Where(item => item.Examination.Height > 0)];
        IGrouping<int, Case>[] channels = [.. readable.GroupBy(item => item.Examination.Channels)
            .OrderByDescending(group => group.Count())];
        if (channels.Length > 1)
        {
            yield return new Finding(
                FindingKind.MixedChannels,
                FindingSeverity.Note,
                new Problem(
                    split,
                    string.Join(", ", channels.Select(group => $"{group.Count()} images of {group.Key} channels")),
                    "images of one kind",
                    "Read all as RGB (the default of FolderDataset) or all as grey"),
                [.. channels[^1].Select(item => item.Name)]);
        }

        double[] areas = [.. readable.Select(item => (double)item.Examination.Height * item.Examination.Width).Order()];
        foreach (Case item in readable)
        {
            (int height, int width) = (item.Examination.Height, item.Examination.Width);
            double factor = height * (double)width / areas[areas.Length / 2];
            if (Math.Min(height, width) < SmallestSide || factor > AreaFactor || factor < 1 / AreaFactor)
            {
                yield return new Finding(
                    FindingKind.ExtremeSize,
                    FindingSeverity.Warning,
                    new Problem(
                        item.Path,
                        $"{width}×{height} pixels",
                        $"at least {SmallestSide} on each side, and within {AreaFactor:0} times the others' area",
                        "Check that the image belongs to this set"));
            }
        }
    }

    private static IEnumerable<Finding> Duplicates(List<Case> cases, CancellationToken cancellationToken)
    {
        foreach (int[] group in NearDuplicates.Find(
            [[.. cases.Select(item => item.Whole)], [.. cases.Select(item => item.Content)]], cancellationToken))
        {
            Case first = cases[group[0]];
            string[] splits = [.. group.Select(i => cases[i].Split).Distinct()];
            bool across = splits.Length > 1;
            yield return new Finding(
                across ? FindingKind.DuplicateAcrossSplits : FindingKind.NearDuplicate,
                across ? FindingSeverity.Error : FindingSeverity.Warning,
                new Problem(
                    first.Path,
                    $"{group.Length} images that look the same{(across ? $" in the splits {string.Join(", ", splits)}" : "")}: "
                        + $"{string.Join(", ", group.Select(i => across ? $"{cases[i].Split}/{cases[i].Name}" : cases[i].Name))}",
                    across ? "no image of one split in another" : "different images",
                    across
                        ? "Keep all of them on one side: split by patient or sequence (groups)"
                        : "Keep all of them on one side of a split, or leave all but one out"),
                [.. group.Skip(1).Select(i => cases[i].Path)]);
        }
    }

    private static SplitSummary Summarize(string split, Case[] cases)
    {
        SampleExamination[] readable = [.. cases.Select(item => item.Examination)
            .Where(item => item.Height > 0)
            .OrderBy(item => (long)item.Height * item.Width)];
        double[] foreground = [.. readable.Where(item => item.Foreground is not null).Select(item => item.Foreground!.Value)];
        return new SplitSummary(
            split,
            cases.Length,
            readable.Length,
            readable.Length == 0 ? (0, 0) : (readable[0].Height, readable[0].Width),
            readable.Length == 0 ? (0, 0) : (readable[^1].Height, readable[^1].Width),
            [.. readable.Select(item => item.Channels).Distinct().Order()],
            foreground.Length == 0 ? double.NaN : foreground.Average());
    }

    /// <summary>One sample under examination.</summary>
    private sealed class Case(string split, IDataset dataset, int index)
    {
        private static readonly SampleExamination Nothing = new([], 0, 0, 0, null, null, null);

        public string Split { get; } = split;

        public IDataset Dataset { get; } = dataset;

        public string Name { get; private set; } = $"number {index}";

        public string Path { get; private set; } = $"number {index}";

        public SampleExamination Examination { get; private set; } = Nothing;

        public PerceptualHash? Whole { get; private set; }

        public PerceptualHash? Content { get; private set; }

        public void Examine(bool hash)
        {
            try
            {
                Path = Name = Dataset.NameOf(index);
                Path = Dataset.FilesOf(index)?.Image ?? Name;
                Examination = Dataset.Examine(index);
                Whole = hash && Examination.Thumbnail is { } thumbnail ? new PerceptualHash(thumbnail) : null;
                Content = hash && Examination.Content is { } content ? new PerceptualHash(content) : null;
            }
            catch (Exception error)
            {
                // A host's own dataset may throw anything: to the doctor that is a sample that cannot be read.
                Examination = Nothing with
                {
                    Findings = [new Finding(
                        FindingKind.Unreadable,
                        FindingSeverity.Error,
                        new Problem(Path, error.Message, "a sample that can be loaded", "Repair or remove it"),
                        [])],
                };
            }
        }
    }
}

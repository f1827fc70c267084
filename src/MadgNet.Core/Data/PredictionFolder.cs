using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>
/// Predictions that lie in a folder as files, with their truths: what another program has segmented, to be measured. Predictions are
/// paired with masks by the rule that pairs images with masks, and a file means the same as a prediction and as a truth.
/// </summary>
/// <remarks>
/// A prediction of the case <c>a</c> is <c>a.prob.npy</c> where there is one (H×W, or L×H×W for L labels), or an image or
/// <c>.npy</c> file of any of the names that a mask of <c>a</c> may have. Where there are several labels it is one file a label,
/// <c>a_LABEL.png</c>, or one label image. Greys are probabilities, but a file of two values, 0 and another, is a mask.
/// </remarks>
public sealed class PredictionFolder
{
    private const string ProbabilityEnd = ".prob.npy";
    private const string OverlayEnd = ".overlay.png";

    private readonly FolderDatasetOptions _options;
    private readonly FolderDatasetOptions _reading;
    private readonly (string Name, string[] Maps, SampleFiles Truth)[] _cases;

    /// <summary>Finds predictions and their truths; no file is read yet.</summary>
    /// <param name="predictions">The folder of predictions, with subfolders.</param>
    /// <param name="masks">The folder of truths, with subfolders; possibly the same.</param>
    /// <param name="options">How masks are read, and which labels there are; null for the defaults.</param>
    /// <param name="predictionValues">Where predictions are label images: their values of each label; null for those of the
    /// options.</param>
    /// <exception cref="DatasetException">A folder is missing, nothing belongs together, or files lack their partner (unless they are left
    /// out).</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public PredictionFolder(
        string predictions,
        string masks,
        FolderDatasetOptions? options = null,
        IReadOnlyList<IReadOnlyList<int>>? predictionValues = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(predictions);
        ArgumentException.ThrowIfNullOrEmpty(masks);
        _options = options ?? new FolderDatasetOptions();
        InvalidOptionsException.ThrowIfAny(nameof(PredictionFolder), _options.Validate());
        _reading = predictionValues is null ? _options : _options with
        {
            Labels = [.. _options.Labels.Select((label, i) => LabelSource.Indices(label.Name, i < predictionValues.Count
                ? predictionValues[i]
                : throw new DatasetException(new Problem(
                    nameof(predictionValues), $"{predictionValues.Count}", $"{_options.Labels.Count}, one for each label", "Name all"))))],
        };
        string folder = FolderDataset.Existing(predictions, "a folder of predictions");
        var finder = new PairFinder(folder, FolderDataset.Existing(masks, "a folder of masks"), _options);
        Dictionary<string, string[]> maps = Maps(folder, finder.Files(folder, arrays: true));
        IReadOnlyList<(string Name, SampleFiles Files)> pairs = finder.FindFor(
            [.. maps.Select(item => (item.Value[0], Path.GetRelativePath(folder, item.Key)))]);
        Dictionary<string, string[]> byFirst = maps.Values.ToDictionary(paths => paths[0], StringComparer.Ordinal);
        _cases = [.. pairs.Select(pair => (pair.Name, byFirst[pair.Files.Image], pair.Files))];
        Findings = [.. finder.Findings.Select(Renamed)];
        if (_options.Unpaired == UnpairedFiles.Refuse && Findings.Count > 0)
        {
            throw new DatasetException([.. Findings.Select(finding => finding.Problem)]);
        }

        if (_cases.Length == 0)
        {
            throw new DatasetException([
                new Problem(
                    folder,
                    "no file that belongs to a mask",
                    $"files named like the masks in '{masks}'",
                    "Check both folders"),
                .. Findings.Select(finding => finding.Problem)]);
        }
    }

    /// <summary>Number of cases.</summary>
    public int Count => _cases.Length;

    /// <summary>What was noticed while pairing: predictions without truth, truths without prediction.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    /// <summary>A case's name, unique in the folder.</summary>
    /// <param name="index">The case, from 0.</param>
    /// <returns>The name.</returns>
    public string NameOf(int index) => _cases[index].Name;

    /// <summary>Reads a prediction and its truth.</summary>
    /// <param name="index">The case, from 0.</param>
    /// <returns>
    /// Probabilities and truth at the truth's size. A prediction of another size but of the same shape is resized, which
    /// <see cref="LoadedPrediction.Resized"/> tells; a truth never is.
    /// </returns>
    /// <exception cref="ImageReadException">A file cannot be read.</exception>
    /// <exception cref="DatasetException">The two are of different shapes, or a file holds values that are not declared.</exception>
    public LoadedPrediction Load(int index)
    {
        (string name, string[] maps, SampleFiles truth) = _cases[index];
        PixelImage first = ReadFirst(truth);
        (FloatImage[] masks, FloatImage? ignored) = MaskReader.Read(truth, first.Height, first.Width, _options);
        FloatImage probability = Probability(maps);
        (int Height, int Width) own = (probability.Height, probability.Width);
        if (own == (first.Height, first.Width))
        {
            return new LoadedPrediction(name, probability, masks, ignored, null);
        }

        return MaskReader.SameAspect(first.Height, first.Width, own.Height, own.Width)
            ? new LoadedPrediction(name, ImageResizer.Bilinear(probability, first.Height, first.Width), masks, ignored, own)
            : throw new DatasetException(new Problem(
                maps[0],
                $"a prediction of {own.Width}×{own.Height} for a truth of {first.Width}×{first.Height}",
                "one of the truth's size, or at least of its shape",
                MaskReader.SameAspect(first.Width, first.Height, own.Height, own.Width)
                    ? "Turn the prediction: its rows are the truth's columns"
                    : "Check that the two belong together, and resize the prediction to its truth"));
    }

    private PixelImage ReadFirst(SampleFiles truth)
    {
        string path = truth.Masks[0];
        LabelSource source = _options.Labels.FirstOrDefault(label => label.Owns(path)) ?? _options.Labels[0];
        return MaskFile.Read(path, 0, _options.Labels.Count, source, _options);
    }

    /// <summary>The maps of every prediction, by their path without what marks a label or a kind of file.</summary>
    private Dictionary<string, string[]> Maps(string folder, IEnumerable<string> files)
    {
        string[] all = [.. files.Where(path => !path.EndsWith(OverlayEnd, StringComparison.OrdinalIgnoreCase))];
        var maps = all.Where(path => path.EndsWith(ProbabilityEnd, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(path => path[..^ProbabilityEnd.Length], path => new[] { path }, StringComparer.Ordinal);
        ILookup<string, string> others = all
            .Where(path => !path.EndsWith(ProbabilityEnd, StringComparison.OrdinalIgnoreCase))
            .ToLookup(path => Path.ChangeExtension(path, null), StringComparer.Ordinal);
        var used = new HashSet<string>(StringComparer.Ordinal);
        if (_options.Labels.Count > 1)
        {
            // Every prediction of the first label stands for its case.
            string end = "_" + _options.Labels[0].Name;
            foreach (string stem in others.Select(group => group.Key).Where(key => key.EndsWith(end, StringComparison.OrdinalIgnoreCase)))
            {
                string[] parts = [.. _options.Labels.Select(label => $"{stem[..^end.Length]}_{label.Name}")];
                if (Array.TrueForAll(parts, others.Contains))
                {
                    maps.TryAdd(stem[..^end.Length], [.. parts.Select(part => Only(others, part))]);
                    used.UnionWith(parts);
                }
            }
        }

        foreach (string stem in others.Select(group => group.Key).Where(key => !used.Contains(key)))
        {
            maps.TryAdd(stem, [Only(others, stem)]);
        }

        return maps.Count > 0 ? maps : throw new DatasetException(new Problem(
            folder, "no image and no .npy file", "predictions", "Check the path"));
    }

    private static string Only(ILookup<string, string> files, string stem) => files[stem].ToArray() is [var one]
        ? one
        : throw new DatasetException(new Problem(
            stem,
            $"several predictions of one name ({string.Join(", ", files[stem].Select(Path.GetFileName))})",
            "one prediction of a name",
            "Rename or remove the others"));

    private FloatImage Probability(string[] maps)
    {
        FloatImage[] planes = [.. maps.Select((path, i) => MaskFile.IsArray(path)
            ? FromArray(path)
            : FromImage(path, maps.Length == 1 ? null : i)).SelectMany(Planes)];
        return planes.Length == _reading.Labels.Count
            && Array.TrueForAll(planes, plane => (plane.Height, plane.Width) == (planes[0].Height, planes[0].Width))
                ? new FloatImage(planes.Length, planes[0].Height, planes[0].Width, [.. planes.SelectMany(plane => plane.Data.ToArray())])
                : throw new DatasetException(new Problem(
                    maps[0],
                    $"maps of {string.Join(", ", planes.Select(plane => $"{plane.Width}×{plane.Height}"))}",
                    $"{_reading.Labels.Count} of one size, one for each label",
                    "Predict again, or declare as many labels as there are"));
    }

    private static IEnumerable<FloatImage> Planes(FloatImage maps) => maps.Channels == 1
        ? [maps]
        : Enumerable.Range(0, maps.Channels)
            .Select(c => new FloatImage(1, maps.Height, maps.Width, maps.Plane(c).ToArray()));

    /// <summary>Probabilities as they are; whole numbers beyond 0 and 1 mean what they mean in an image.</summary>
    private FloatImage FromArray(string path)
    {
        FloatImage maps = MaskFile.ReadArray(path);
        if (maps.Channels != 1 && maps.Channels != _reading.Labels.Count)
        {
            throw new DatasetException(new Problem(
                path,
                $"an array of {maps.Channels} maps",
                $"one map, or one for each of the {_reading.Labels.Count} labels",
                "Predict again, or declare as many labels as there are"));
        }

        bool probabilities = true;
        foreach (float value in maps.Data)
        {
            probabilities &= value is >= 0 and <= 1;
        }

        bool labels = _reading.Labels.Any(label => label.Values.Count > 0) && maps.Channels == 1;
        if (probabilities && !labels)
        {
            return maps;
        }

        FloatImage[] read = [.. Planes(maps).SelectMany((plane, i) =>
            Planes(FromPixels(MaskFile.ToPixels(plane.Data, plane.Height, plane.Width, path), path, maps.Channels == 1 ? null : i)))];
        return new FloatImage(read.Length, maps.Height, maps.Width, [.. read.SelectMany(plane => plane.Data.ToArray())]);
    }

    private FloatImage FromImage(string path, int? label) => FromPixels(
        MaskFile.Meant(_reading.Reader.ReadGuarded(path, MaskFile.ReadOptions(_reading.Labels[label ?? 0], _reading)), path), path, label);

    /// <summary>One label's map, or those of all labels where the file is a label image.</summary>
    private FloatImage FromPixels(PixelImage pixels, string path, int? label)
    {
        LabelSource source = _reading.Labels[label ?? 0];
        if (label is null && source.Values.Count > 0 && !IsProbability(pixels))
        {
            FloatImage[] planes = [.. _reading.Labels.Select(each => MaskReader.LabelPlane(pixels, path, each, _reading))];
            return new FloatImage(planes.Length, pixels.Height, pixels.Width, [.. planes.SelectMany(plane => plane.Data.ToArray())]);
        }

        // A picture of probabilities has every grey; only what is no such picture is read as the masks are.
        bool declared = source.Reading is MaskReading.NonZero or MaskReading.Alpha
            && MaskValues.Undeclared(path, pixels, _reading.Ignored) is not null;
        return declared
            ? MaskReader.OwnPlane(pixels, path, source.Reading, _reading)
            : MaskReader.BinaryPlane(pixels, _reading.Ignored);
    }

    /// <summary>Whether a picture for one label of values is one of its probabilities: it holds values that nothing declares.</summary>
    private bool IsProbability(PixelImage pixels) => _reading.Labels.Count == 1
        && !_reading.Labels[0].AreColors
        && MaskReader.Histogram(pixels.ToGray(), false).Keys.Any(value => MaskReader.Declared(value, _reading) < 0)
        && MaskValues.Undeclared("", pixels, []) is null;

    private static Finding Renamed(Finding finding)
    {
        (string received, string remedy) = finding.Kind == FindingKind.MissingImage
            ? ("a truth without a prediction", "Predict it, or leave the mask out with Unpaired set to LeaveOut")
            : ("a prediction without a truth", "Restore the mask, or leave the prediction out with Unpaired set to LeaveOut");
        bool several = !finding.Problem.Received.StartsWith("a mask without", StringComparison.Ordinal)
            && !finding.Problem.Received.StartsWith("an image without", StringComparison.Ordinal);
        return several ? finding : finding with { Problem = finding.Problem with { Received = received, Remedy = remedy } };
    }
}

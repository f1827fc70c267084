using System.Text.RegularExpressions;
using MadgNet.Cli.CommandLine;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;

namespace MadgNet.Cli.Commands;

/// <summary>
/// Predictions in a folder, named as <c>predict</c> names them, with their truths: <c>stem.prob.npy</c> where there is one,
/// otherwise <c>stem.png</c> or <c>stem_label.png</c> (any format that is read), whose grey is the probability.
/// </summary>
internal sealed partial class PredictionFiles
{
    private const string Probabilities = ".prob.npy";
    private const string Overlay = ".overlay.png";
    private readonly FolderDataset _truth;
    private readonly string[][] _predictions;
    private readonly int _labels;

    private readonly IReadOnlyList<IReadOnlyList<int>>? _values;

    private PredictionFiles(FolderDataset truth, string[][] predictions, int labels, IReadOnlyList<IReadOnlyList<int>>? labelValues)
    {
        _values = labelValues;
        _truth = truth;
        _predictions = predictions;
        _labels = labels;
    }

    public int Count => _truth.Count;

    /// <summary>Pairs predictions with truths by their names.</summary>
    /// <exception cref="DatasetException">A folder is missing or empty, or files lack their partner (unless they are left out).</exception>
    public static PredictionFiles Find(
        string folder, string masks, Labels labels, FolderDatasetOptions reading, IReadOnlyList<IReadOnlyList<int>>? labelValues)
    {
        if (!Directory.Exists(folder))
        {
            throw new DatasetException(new Problem(
                "--predictions", $"'{folder}', which is no folder", "a folder of masks or probabilities", "Check the path"));
        }

        IReadOnlyCollection<string> extensions = reading.Reader.Extensions;
        string[] files = [.. Directory
            .EnumerateFiles(
                folder,
                "*",
                new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System })
            .Order(StringComparer.Ordinal)];
        var values = files.Where(path => path.EndsWith(Probabilities, StringComparison.Ordinal))
            .ToDictionary(path => path[..^Probabilities.Length], StringComparer.Ordinal);
        var pictures = files
            .Where(path => extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)
                && !path.EndsWith(Overlay, StringComparison.OrdinalIgnoreCase))
            .GroupBy(path => Path.ChangeExtension(path, null), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);

        // Every prediction of the first label stands for its case.
        bool alone = labels.Count == 1 || labelValues is not null;
        string suffix = alone ? string.Empty : "_" + labels.Names[0];
        string[] stems = [.. values.Keys
            .Concat(pictures.Keys.Where(stem => stem.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                .Select(stem => stem[..^suffix.Length]))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)];
        Dictionary<string, string[]> truths = Truths(masks, labels, reading);
        var pairs = new List<(string Name, SampleFiles Files)>();
        var predictions = new List<string[]>();
        var lost = new List<Problem>();
        foreach (string stem in stems)
        {
            string name = Path.GetRelativePath(folder, stem).Replace(Path.DirectorySeparatorChar, '/');
            string[]? maps = values.TryGetValue(stem, out string? all)
                ? [all]
                : [.. labels.Names.Take(alone ? 1 : labels.Count)
                    .Select(label => pictures.GetValueOrDefault(alone ? stem : $"{stem}_{label}"))
                    .OfType<string>()];
            if (all is null && maps.Length != (alone ? 1 : labels.Count))
            {
                lost.Add(new Problem(
                    stem,
                    $"predictions of {maps.Length} labels",
                    $"one of each: {string.Join(", ", labels.Names)}",
                    "Predict again, or leave the case out with --skip-unpaired"));
            }
            else if (!truths.Remove(name, out string[]? found))
            {
                lost.Add(new Problem(
                    maps[0],
                    "a prediction without a truth",
                    $"a mask named like '{name}' in '{masks}'",
                    "Restore the mask, or leave the prediction out with --skip-unpaired"));
            }
            else
            {
                // What is segmented in a mask is the mask: the dataset asks for an image, of whatever size.
                pairs.Add((name, new SampleFiles(found[0], found)));
                predictions.Add(maps);
            }
        }

        lost.AddRange(truths.Values.Select(paths => new Problem(
            paths[0],
            "a truth without a prediction",
            $"a prediction of that name in '{folder}'",
            "Predict it, or leave the mask out with --skip-unpaired")));
        if (lost.Count > 0 && reading.Unpaired == UnpairedFiles.Refuse)
        {
            throw new DatasetException(lost);
        }

        if (pairs.Count == 0)
        {
            throw new DatasetException(new Problem(
                "--predictions",
                $"'{folder}', where no file belongs to a mask in '{masks}'",
                "files named like the masks",
                "Check both paths"));
        }

        return new PredictionFiles(new FolderDataset(pairs, reading), [.. predictions], labels.Count, labelValues);
    }

    public string NameOf(int index) => _truth.NameOf(index);

    /// <summary>Reads a prediction and its truth, at the prediction's own size or at another.</summary>
    /// <exception cref="MadgNetException">A file cannot be read, or the two do not fit.</exception>
    public EvaluationCase Load(int index, (int Height, int Width)? size)
    {
        FloatImage probability = Probability(_predictions[index]);
        IReadOnlyList<FloatImage> truth = _truth.Load(index).Masks;
        if (size is { } network)
        {
            probability = ImageResizer.Bilinear(probability, network.Height, network.Width);
            truth = [.. truth.Select(mask => ImageResizer.Bilinear(mask, network.Height, network.Width))];
        }

        return new EvaluationCase(NameOf(index), probability, truth);
    }

    /// <summary>The mask files of every case: by their names without what marks a mask or a label.</summary>
    private static Dictionary<string, string[]> Truths(string folder, Labels labels, FolderDatasetOptions reading)
    {
        if (!Directory.Exists(folder))
        {
            throw new DatasetException(new Problem("--masks", $"'{folder}', which is no folder", "a folder of masks", "Check the path"));
        }

        string[] markers = [.. reading.Labels.SelectMany(label => label.Markers)];
        return Directory
            .EnumerateFiles(
                folder,
                "*",
                new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System })
            .Where(path => reading.Reader.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .GroupBy(
                path =>
                {
                    string[] parts = Path.ChangeExtension(Path.GetRelativePath(folder, path), null).Split(Path.DirectorySeparatorChar);
                    string stem = parts[^1];
                    string? marker = Array.Find(
                        markers, mark => stem.Length > mark.Length && stem.EndsWith(mark, StringComparison.OrdinalIgnoreCase));
                    stem = MaskSuffix().Replace(marker is null ? stem : stem[..^marker.Length], string.Empty);
                    return string.Join(
                        '/', parts[..^1].Where(part => !markers.Contains(part, StringComparer.OrdinalIgnoreCase)).Append(stem));
                },
                StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
    }

    [GeneratedRegex(
        @"[ _.\-](masks?|segmentations?|seg|gt|ground[ _\-]?truth|labels?|annotations?)([ _\-]?\d+)?$", RegexOptions.IgnoreCase)]
    private static partial Regex MaskSuffix();

    /// <summary>A plane of 0 and 1 for each label of a label image; 0 is background, and any other value has to be named.</summary>
    private static FloatImage OfLabelImage(string path, IReadOnlyList<IReadOnlyList<int>> values)
    {
        PixelImage image = new ImageReader().Read(path, new ImageReadOptions { PaletteIndices = true }).ToGray();
        var planes = new FloatImage(values.Count, image.Height, image.Width);
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                int value = image[x, y, 0];
                bool known = value == 0;
                for (int label = 0; label < values.Count; label++)
                {
                    if (values[label].Contains(value))
                    {
                        planes[label, y, x] = 1;
                        known = true;
                    }
                }

                if (!known)
                {
                    throw new EvaluationException(new Problem(
                        path,
                        $"the value {value} at {x}, {y}",
                        $"0 or one of {string.Join(", ", values.SelectMany(label => label).Distinct().Order())}",
                        "Name it in --prediction-label-values").ToString());
                }
            }
        }

        return planes;
    }

    private FloatImage Probability(string[] paths)
    {
        if (_values is not null && !paths[0].EndsWith(Probabilities, StringComparison.Ordinal))
        {
            return OfLabelImage(paths[0], _values);
        }

        FloatImage[] planes = [.. paths.Select(path => path.EndsWith(Probabilities, StringComparison.Ordinal)
            ? NpyFile.Read(path).ToImage()
            : new ImageReader().Read(path).ToFloat(ImageChannels.Gray))];
        if (planes.Sum(plane => plane.Channels) != _labels
            || planes.Any(plane => (plane.Height, plane.Width) != (planes[0].Height, planes[0].Width)))
        {
            throw new EvaluationException(new Problem(
                paths[0],
                $"maps of {string.Join(", ", planes.Select(plane => $"{plane.Channels}×{plane.Height}×{plane.Width}"))}",
                $"{_labels} labels of one size",
                "Predict again, or say how many --labels there are").ToString());
        }

        return planes.Length == 1
            ? planes[0]
            : new FloatImage(_labels, planes[0].Height, planes[0].Width, [.. planes.SelectMany(plane => plane.Data.ToArray())]);
    }
}

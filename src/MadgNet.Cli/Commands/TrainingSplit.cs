using System.Globalization;
using MadgNet.Cli.CommandLine;
using MadgNet.Core.Data;
using MadgNet.Medical.Data;

namespace MadgNet.Cli.Commands;

/// <summary>The samples of a training, and those that it is validated on.</summary>
/// <param name="Training">What is trained on.</param>
/// <param name="Validation">What is validated on; null for nothing.</param>
/// <param name="Split">Who is in which part, where one set was parted; null otherwise.</param>
internal sealed record TrainingSplit(IDataset Training, IDataset? Validation, DatasetSplit? Split)
{
    private const string Train = "train";
    private const string Validate = "validation";

    /// <summary>
    /// How many images are trained on and validated on. A validation on them tells nothing of others; to try something out it may be
    /// wanted.
    /// </summary>
    public int Shared => Validation is null
        ? 0
        : Images(Training).Intersect(Images(Validation), StringComparer.Ordinal).Count();

    /// <summary>The parts that <c>--validation</c> asks for.</summary>
    /// <param name="all">The samples.</param>
    /// <param name="what">What the option says.</param>
    /// <param name="reading">How a folder of validation images is read.</param>
    /// <param name="seed">The seed of a share.</param>
    /// <param name="axial">Whether volumes of a folder are cut across the body.</param>
    /// <exception cref="UsageException">It says nothing that there is.</exception>
    public static TrainingSplit Of(IDataset all, string what, FolderDatasetOptions reading, long seed, bool axial)
    {
        if (what == "none")
        {
            return new TrainingSplit(all, null, null);
        }

        if (double.TryParse(what, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share))
        {
            return share is > 0 and < 1
                ? OfShare(all, share, seed)
                : throw new UsageException(new Problem("--validation", what, "a share between 0 and 1", "Use 0.2, or none"));
        }

        if (Directory.Exists(what))
        {
            return new TrainingSplit(all, Sources.OpenFolder(what, reading, axial), null);
        }

        if (File.Exists(what))
        {
            var split = DatasetSplit.Load(what);
            return new TrainingSplit(split.Of(all, Train), split.Of(all, Validate), split);
        }

        string remedy = double.TryParse(what.Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
            ? $"Write {what.Replace(',', '.')}: a point parts the decimals"
            : "Check the path, or use 0.2";
        throw new UsageException(new Problem("--validation", $"'{what}'", "a folder, a split file, a share of the images or none", remedy));
    }

    private static IEnumerable<string> Images(IDataset set) => Enumerable.Range(0, set.Count)
        .Select(i => set.FilesOf(i)?.Image)
        .OfType<string>()
        .Select(path => Path.GetFullPath(path));

    private static TrainingSplit OfShare(IDataset all, double share, long seed)
    {
        // Slices of one volume look alike: they go to one side together.
        Func<string, string>? groupOf = all is MedicalDataset { Volumes.Count: > 1 }
            ? name => name[..name.LastIndexOf('/')]
            : null;
        var split = DatasetSplit.Random(all, [(Train, 1 - share), (Validate, share)], seed, groupOf);
        return new TrainingSplit(split.Of(all, Train), split.Of(all, Validate), split);
    }
}

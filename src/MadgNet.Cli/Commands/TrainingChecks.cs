using System.Collections.Concurrent;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Medical.Data;

namespace MadgNet.Cli.Commands;

/// <summary>
/// What is cheap to find out about images and masks before hours are spent on them: whether they were swapped, whether they can be read,
/// and whether the masks hold anything.
/// </summary>
internal static class TrainingChecks
{
    /// <summary>How many samples are looked at, spread over the set.</summary>
    private const int Most = 48;

    /// <summary>A mask has few grey values, a picture many.</summary>
    private const int FewValues = 8;
    private const int ManyValues = 32;

    private const int Listed = 5;

    /// <summary>Less than this share of foreground is hardly anything to learn from.</summary>
    private const double NearlyEmpty = 0.0005;
    private const double NearlyFull = 0.9995;

    /// <summary>Refuses what no training can make anything of, and tells what is odd.</summary>
    /// <exception cref="UsageException">The two folders were swapped.</exception>
    /// <exception cref="DatasetException">Samples cannot be read, or no mask has any foreground.</exception>
    public static void Run(IDataset samples, IImageReader reader, CommandOutput output, CancellationToken cancellation)
    {
        if (samples is MedicalDataset)
        {
            return;
        }

        int count = Math.Min(Most, samples.Count);
        int[] indices = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * samples.Count / count))];
        RefuseSwapped(samples, [.. indices.Take(Listed)], reader);
        if (samples is FolderDataset pictures)
        {
            MaskOptions.Check(pictures, output, cancellation);
        }

        var seen = new ConcurrentBag<SampleExamination>();
        Parallel.ForEach(indices, new ParallelOptions { CancellationToken = cancellation }, index => seen.Add(samples.Examine(index)));
        Problem[] errors = [.. seen.SelectMany(each => each.Findings)
            .Where(finding => finding.Severity == FindingSeverity.Error)
            .Select(finding => finding.Problem)
            .OrderBy(problem => problem.Subject, StringComparer.Ordinal)];
        if (errors.Length > 0)
        {
            throw new DatasetException([.. errors.Take(Listed)]);
        }

        Foreground([.. seen.Where(each => each.Foreground is not null).Select(each => each.Foreground!.Value)], output);
    }

    private static void Foreground(double[] shares, CommandOutput output)
    {
        if (shares.Length == 0)
        {
            return;
        }

        double mean = shares.Average();
        if (mean == 0)
        {
            throw new DatasetException(new Problem(
                "--masks",
                $"no foreground in any of the {shares.Length} masks that were looked at",
                "masks in which something is marked",
                "Check that --masks names the masks, and how they are to be read (--mask-reading, --label-values)"));
        }

        if (mean is < NearlyEmpty or > NearlyFull)
        {
            output.Warn(FormattableString.Invariant(
                $"--masks: {100 * mean:0.###} % of the pixels are foreground, in the {shares.Length} masks that were looked at. ")
                    + (mean < NearlyEmpty
                        ? "The network may learn to mark nothing: check the masks, or train on pieces with --augmentation crop."
                        : "The masks may be inverted: check them."));
        }
    }

    /// <summary>Pictures where masks should be, and masks where pictures should be.</summary>
    private static void RefuseSwapped(IDataset samples, int[] indices, IImageReader reader)
    {
        int swapped = 0;
        int pairs = 0;
        foreach (int index in indices)
        {
            if (samples.FilesOf(index) is not { Masks: [string mask, ..] } files)
            {
                continue;
            }

            try
            {
                pairs++;
                bool isSwapped = Values(reader.Read(files.Image)) <= FewValues && Values(reader.Read(mask)) >= ManyValues;
                swapped += isSwapped ? 1 : 0;
            }
            catch (Exception exception) when (exception is MadgNetException or IOException or UnauthorizedAccessException)
            {
                // What cannot be read is told by the checks that follow.
                return;
            }
        }

        if (pairs > 0 && swapped == pairs)
        {
            throw new UsageException(new Problem(
                "--images, --masks",
                $"images of at most {FewValues} grey values, and masks of {ManyValues} or more: the two look swapped",
                "pictures as --images, and what is marked in them as --masks",
                "Swap the two folders"));
        }
    }

    private static int Values(PixelImage image)
    {
        PixelImage gray = image.ToGray();
        return gray.Bytes.Length > 0 ? gray.Bytes.ToArray().Distinct().Count() : gray.Words.ToArray().Distinct().Count();
    }
}

using System.CommandLine;
using MadgNet.Cli.CommandLine;
using MadgNet.Core.Annotations;
using MadgNet.Core.Data;
using MadgNet.Medical.Data;

namespace MadgNet.Cli.Commands;

/// <summary>The truth of images: a folder of mask pictures, or annotations of another program.</summary>
internal static class Sources
{
    /// <summary>What a label is called that nobody named.</summary>
    private const string Everything = "foreground";

    public static Option<bool> FillBoxes() => new("--fill-boxes")
    {
        Description = "Where --masks are annotations: take all of a box as its object. Without it boxes are left out, and told."
    };

    /// <summary>The dataset of a folder of images and what <c>--masks</c> says.</summary>
    /// <exception cref="MadgNetException">A file cannot be read, or files lack their partner.</exception>
    /// <exception cref="UsageException">Values of label images go with annotations.</exception>
    public static IDataset Open(string images, string masks, FolderDatasetOptions reading, bool fillBoxes)
    {
        if (!AreAnnotations(masks))
        {
            return fillBoxes
                ? throw new UsageException(new Problem(
                    "--fill-boxes", $"mask pictures in '{masks}'", "annotations, which may hold boxes", "Leave it out"))
                : Paired(images, masks, reading);
        }

        if (reading.Labels.Any(source => source.Values.Count > 0))
        {
            throw new UsageException(new Problem(
                "--label-values",
                $"values for the annotations '{masks}'",
                "none: objects say their class",
                "Use --label-names with the classes"));
        }

        return new AnnotationDataset(images, masks, new AnnotationDatasetOptions
        {
            // One label that nobody named takes everything; a name means a class.
            Labels = reading.Labels is [{ Name: Everything }]
                ? [AnnotationLabel.Everything()]
                : [.. reading.Labels.Select(label => new AnnotationLabel(label.Name, label.Name))],
            Reading = new AnnotationReadOptions { FillBoxes = fillBoxes },
            Images = reading,
        });
    }

    /// <summary>The pairs of two folders. Where no name matches that is said, and not of every file.</summary>
    private static IDataset Paired(string images, string masks, FolderDatasetOptions reading)
    {
        try
        {
            return MedicalDataset.Open(images, masks, reading);
        }
        catch (DatasetException exception) when (exception.Problems.Count > 1 && !Matches(images, masks, reading))
        {
            throw new DatasetException(new Problem(
                $"No name matches between '{images}' and '{masks}'",
                "images and masks of different names",
                "masks named like their images, such as a.png and a.png, or a_mask.png",
                "Check that both folders are of the same data, and rename the files"));
        }
    }

    private static bool Matches(string images, string masks, FolderDatasetOptions reading)
    {
        try
        {
            return MedicalDataset.Open(images, masks, reading with { Unpaired = UnpairedFiles.LeaveOut }).Count > 0;
        }
        catch (DatasetException exception)
        {
            return !exception.Problems[0].Received.StartsWith("no image with a mask", StringComparison.Ordinal);
        }
    }

    /// <summary>A file of annotations, or a folder that holds such files and nothing else.</summary>
    public static bool AreAnnotations(string path) =>
        AnnotationFile.IsCandidate(path)
            && (File.Exists(path) || Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).All(AnnotationFile.IsCandidate));
}

using System.CommandLine;
using MadgNet.Cli.CommandLine;
using MadgNet.Core.Annotations;
using MadgNet.Core.Data;
using MadgNet.Medical.Data;
using MadgNet.Medical.Imaging;

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

    public static Option<bool> Axial() => new("--axial")
    {
        Description = "Read NIfTI volumes as DICOM shows axial slices (right at the left, front above), whatever order their files have; "
            + "for training and prediction alike."
    };

    /// <summary>How medical files are read.</summary>
    public static MedicalReadOptions Reading(bool axial) => new() { AxialSlices = axial };

    /// <summary>The dataset of a folder of images and what <c>--masks</c> says.</summary>
    /// <exception cref="MadgNetException">A file cannot be read, or files lack their partner.</exception>
    /// <exception cref="UsageException">Values of label images go with annotations.</exception>
    public static IDataset Open(string images, string masks, FolderDatasetOptions reading, bool fillBoxes, bool axial = false)
    {
        if (!AreAnnotations(masks))
        {
            return fillBoxes
                ? throw new UsageException(new Problem(
                    "--fill-boxes", $"mask pictures in '{masks}'", "annotations, which may hold boxes", "Leave it out"))
                : Paired(images, masks, reading, axial);
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

    /// <summary>The dataset of one folder of images and masks in a usual layout: pictures, or volumes with their masks.</summary>
    /// <exception cref="MadgNetException">A file cannot be read, or files lack their partner.</exception>
    public static IDataset OpenFolder(string folder, FolderDatasetOptions reading, bool axial) =>
        MedicalDataset.OpenFolder(folder, reading, Reading(axial));

    /// <summary>The pairs of two folders. Where no name matches that is said, and not of every file.</summary>
    private static IDataset Paired(string images, string masks, FolderDatasetOptions reading, bool axial)
    {
        try
        {
            return MedicalDataset.Open(images, masks, reading, Reading(axial));
        }
        catch (DatasetException exception) when (exception.Problems.Count > 1 && !Matches(images, masks, reading, axial))
        {
            throw new DatasetException(new Problem(
                $"No name matches between '{images}' and '{masks}'",
                "images and masks of different names",
                "masks named like their images, such as a.png and a.png, or a_mask.png",
                "Check that both folders are of the same data, and rename the files"));
        }
    }

    private static bool Matches(string images, string masks, FolderDatasetOptions reading, bool axial)
    {
        try
        {
            return MedicalDataset.Open(images, masks, reading with { Unpaired = UnpairedFiles.LeaveOut }, Reading(axial)).Count > 0;
        }
        catch (DatasetException exception)
        {
            return !exception.Problems[0].Received.StartsWith("no image with a mask", StringComparison.Ordinal);
        }
    }

    /// <summary>A file of annotations, or a folder that holds such files and nothing else.</summary>
    public static bool AreAnnotations(string path) =>
        AnnotationFile.IsCandidate(path)
            && (File.Exists(path) || FolderFiles.Find(path, recursive: true).Paths.All(AnnotationFile.IsCandidate));
}

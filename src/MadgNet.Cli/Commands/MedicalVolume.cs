using MadgNet.Cli.Output;
using MadgNet.Medical;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;

namespace MadgNet.Cli.Commands;

/// <summary>A DICOM series or a NIfTI file that a path means.</summary>
/// <param name="Path">The file, or the folder of the series.</param>
/// <param name="Name">What its results are called: the path below the input, without extension.</param>
/// <param name="Stack">Its slices.</param>
internal sealed record MedicalVolume(string Path, string Name, SliceStack Stack)
{
    /// <summary>The files that it is read from.</summary>
    public IEnumerable<string> Files => Stack is DicomStack dicom
        ? dicom.Series.Slices.Select(slice => slice.Path).Distinct(StringComparer.Ordinal)
        : [Path];

    /// <summary>
    /// The volumes that a path means: one file, or those of a folder. None where it holds no DICOM and no NIfTI.
    /// </summary>
    /// <exception cref="MedicalFileException">A file that is named is damaged, or no image.</exception>
    public static IReadOnlyList<MedicalVolume> Find(
        string input, bool recursive, MedicalReadOptions reading, CommandOutput output)
    {
        bool directory = File.Exists(input) && DicomSeries.IsDirectoryFile(input);
        if (!Directory.Exists(input) && !directory)
        {
            return File.Exists(input) && MedicalFormat.IsMedical(input) ? OfFile(input, reading) : [];
        }

        IReadOnlyList<string> files = directory ? [] : FolderFiles.Find(input, recursive).Paths;
        string[] dicom = [.. files.Where(path => !MedicalFormat.IsNiftiName(path) && MedicalFormat.IsDicom(path))];
        IReadOnlyList<DicomSeries> found = directory ? DicomSeries.Find(input) : dicom.Length == 0 ? [] : DicomSeries.FromFiles(dicom);
        input = directory ? System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(input))! : input;
        var volumes = new List<MedicalVolume>();
        foreach (DicomSeries series in found)
        {
            string[] own = [.. series.Slices.Select(slice => slice.Path).Distinct(StringComparer.Ordinal)];
            string folder = System.IO.Path.GetDirectoryName(own[0])!;
            string path = own.Length == 1 ? own[0] : folder;
            string relative = own.Length == 1
                ? System.IO.Path.Combine(System.IO.Path.GetRelativePath(input, folder), MedicalFormat.StemOf(own[0]))
                : System.IO.Path.GetRelativePath(input, folder);
            volumes.Add(new MedicalVolume(path, Unique(volumes, NameOf(input, relative)), new DicomStack(series, path)));
            foreach (string text in series.Findings.Select(finding => finding.Problem.ToString()))
            {
                output.Warn(text);
            }
        }

        foreach (string path in files.Where(path => MedicalFormat.IsNiftiName(path)
            && !path.EndsWith(".img", StringComparison.OrdinalIgnoreCase)
            && !path.EndsWith(".img.gz", StringComparison.OrdinalIgnoreCase)))
        {
            string relative = System.IO.Path.Combine(
                System.IO.Path.GetRelativePath(input, System.IO.Path.GetDirectoryName(path)!), MedicalFormat.StemOf(path));
            try
            {
                volumes.Add(new MedicalVolume(
                    path, Unique(volumes, NameOf(input, relative)), SliceStack.Open(path, reading)));
            }
            catch (MedicalFileException error)
            {
                output.Error(error.Problem);
            }
        }

        return volumes;
    }

    private static IReadOnlyList<MedicalVolume> OfFile(string path, MedicalReadOptions reading)
    {
        if (!MedicalFormat.IsNiftiName(path) && SegFile.IsSegmentation(DicomFile.ReadHeader(path)))
        {
            throw new MedicalFileException(
                MedicalFileFault.Unsupported, path, "a segmentation", "an image to segment", "Choose the images that it was drawn on");
        }

        return [new MedicalVolume(path, MedicalFormat.StemOf(path), SliceStack.Open(path, reading))];
    }

    private static string NameOf(string input, string relative)
    {
        string name = System.IO.Path.GetRelativePath(".", relative);
        return name == "."
            ? System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(input)))
            : name;
    }

    private static string Unique(List<MedicalVolume> volumes, string name)
    {
        string unique = name;
        for (int i = 2; volumes.Exists(volume => volume.Name.Equals(unique, StringComparison.OrdinalIgnoreCase)); i++)
        {
            unique = $"{name}-{i}";
        }

        return unique;
    }
}

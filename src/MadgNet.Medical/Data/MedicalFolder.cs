using MadgNet.Core.Imaging;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Seg;

namespace MadgNet.Medical.Data;

/// <summary>What kinds of files a folder holds.</summary>
internal static class MedicalFolder
{
    public static IEnumerable<string> Files(string folder) =>
        Directory.Exists(folder) ? FolderFiles.Find(folder, recursive: true).Paths : [];

    /// <summary>The NIfTI files among others; of a pair the header.</summary>
    public static IEnumerable<string> Nifti(IEnumerable<string> paths) => paths.Where(path => MedicalFormat.IsNiftiName(path)
        && !path.EndsWith(".img", StringComparison.OrdinalIgnoreCase)
        && !path.EndsWith(".img.gz", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a file is a DICOM segmentation that can be read.</summary>
    public static bool IsSegmentation(string path) => HeaderOf(path) is { } file && SegFile.IsSegmentation(file);

    public static bool HasMedical(string folder) => Files(folder).Any(MedicalFormat.IsMedical);

    /// <summary>Whether a folder holds NIfTI, or DICOM files of several frames.</summary>
    public static bool HasVolumes(string folder) => Files(folder).Any(path => MedicalFormat.IsNiftiName(path)
        || (HeaderOf(path) is { } file && !SegFile.IsSegmentation(file) && FramesOf(file) > 1));

    /// <summary>The header of a DICOM file; null of any other file, and of a damaged one: who reads it tells that.</summary>
    private static DicomFile? HeaderOf(string path)
    {
        try
        {
            return !MedicalFormat.IsNiftiName(path) && MedicalFormat.IsDicom(path) ? DicomFile.ReadHeader(path) : null;
        }
        catch (MedicalFileException)
        {
            return null;
        }
    }

    private static int FramesOf(DicomFile file)
    {
        try
        {
            return file.Dataset.Integer(Tags.NumberOfFrames) ?? 1;
        }
        catch (MedicalFileException)
        {
            return 1;
        }
    }

    public static ImageReader Reader(IImageReader others, MedicalReadOptions? reading) =>
        new(null, new MedicalImageReader(reading), others);

    /// <summary>A path below a folder without its extension, with '/' between its parts.</summary>
    public static string NameOf(string root, string path)
    {
        string folder = Path.GetDirectoryName(Path.GetRelativePath(root, path)) ?? "";
        return Path.Combine(folder, MedicalFormat.StemOf(path)).Replace(Path.DirectorySeparatorChar, '/');
    }
}

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

    public static bool HasMedical(string folder) => Files(folder).Any(MedicalFormat.IsMedical);

    /// <summary>Whether a folder holds NIfTI, or DICOM files of several frames.</summary>
    public static bool HasVolumes(string folder) => Files(folder).Any(path => MedicalFormat.IsNiftiName(path)
        || (MedicalFormat.IsDicom(path) && DicomFile.ReadHeader(path) is var file
            && !SegFile.IsSegmentation(file) && file.Dataset.Integer(Tags.NumberOfFrames) > 1));

    public static ImageReader Reader(IImageReader others, MedicalReadOptions? reading) =>
        new(null, new MedicalImageReader(reading), others);

    /// <summary>A path below a folder without its extension, with '/' between its parts.</summary>
    public static string NameOf(string root, string path)
    {
        string folder = Path.GetDirectoryName(Path.GetRelativePath(root, path)) ?? "";
        return Path.Combine(folder, MedicalFormat.StemOf(path)).Replace(Path.DirectorySeparatorChar, '/');
    }
}

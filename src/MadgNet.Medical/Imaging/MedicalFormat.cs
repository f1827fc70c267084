using MadgNet.Medical.Dicom;
using MadgNet.Medical.Nifti;

namespace MadgNet.Medical.Imaging;

/// <summary>Tells medical files from others.</summary>
public static class MedicalFormat
{
    private static readonly string[] Nifti = [".nii", ".nii.gz", ".hdr", ".hdr.gz", ".img", ".img.gz"];

    /// <summary>Whether a file's name is that of a NIfTI file.</summary>
    /// <param name="path">The path.</param>
    /// <returns>True for .nii, .nii.gz, and the pairs .hdr and .img.</returns>
    public static bool IsNiftiName(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Array.Exists(Nifti, extension => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether a file's content is DICOM.</summary>
    /// <param name="path">The file.</param>
    /// <returns>True where it is; false for what cannot be read.</returns>
    public static bool IsDicom(string path)
    {
        try
        {
            return DicomFile.Recognizes(MedicalBytes.ReadStart(path, 256).Start);
        }
        catch (MedicalFileException)
        {
            return false;
        }
    }

    /// <summary>Whether a file is DICOM, by its content, or NIfTI, by its name.</summary>
    /// <param name="path">The file.</param>
    /// <returns>True where it is.</returns>
    public static bool IsMedical(string path) => IsNiftiName(path) || IsDicom(path);

    /// <summary>A file's name without its extension, which for NIfTI may have two parts.</summary>
    /// <param name="path">The path.</param>
    /// <returns>For example <c>brain</c> for <c>scans/brain.nii.gz</c>.</returns>
    public static string StemOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string name = Path.GetFileName(path);
        string? extension = Nifti.OrderByDescending(end => end.Length)
            .FirstOrDefault(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));
        return extension is null ? Path.GetFileNameWithoutExtension(name) : name[..^extension.Length];
    }
}

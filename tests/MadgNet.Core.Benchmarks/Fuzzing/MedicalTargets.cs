using System.Globalization;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Seg;

namespace MadgNet.Core.Benchmarks.Fuzzing;

/// <summary>
/// DICOM, segmentations and NIfTI: lengths, value representations, fragments, packed content, headers. No step may allocate more than twice
/// the file's size, or the limit that it was given.
/// </summary>
internal static class MedicalTargets
{
    private const long Limit = 16 << 20;

    /// <summary>What a step needs whatever it reads: objects, buffers of streams, messages.</summary>
    private const long Overhead = 4 << 20;

    private static readonly DicomReadOptions Reading = new() { MaximumBytes = Limit };

    private static readonly MedicalReadOptions Options = new()
    {
        Dicom = Reading,
        Nifti = new NiftiReadOptions { MaximumBytes = Limit },
    };

    public static IEnumerable<FuzzTarget> Create(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
            .Where(path => new FileInfo(path).Length < 60_000)];
        (string, byte[])[] Corpus(Func<string, bool> belongs, string extension) =>
            [.. files.Where(belongs).Select(path => (extension, File.ReadAllBytes(path)))];
        (string, byte[])[] dicom = Corpus(path => !MedicalFormat.IsNiftiName(path), ".dcm");
        (string, byte[])[] segmentations = Corpus(path => Path.GetFileName(path).Contains("seg", StringComparison.Ordinal), ".dcm");
        yield return new FuzzTarget("dicom", dicom, false, (path, bytes) =>
        {
            DicomFile file = Measured(bytes, () => DicomFile.Decode(bytes, "input", Reading));
            DicomImage image = Measured(bytes, () => new DicomImage(file, Reading));
            _ = Measured(bytes, () => image.Stored(image.Frames - 1));
            _ = image.Geometry(image.Frames - 1);
            _ = Measured(bytes, () => image.Windowed(0).Width);
        });
        yield return new FuzzTarget("dicom image", dicom, false, (path, bytes) =>
            _ = Measured(bytes, () => new MedicalImageReader(Options) { ReadsPages = true }.Read(path).Width));
        yield return new FuzzTarget("dicom seg", segmentations, false, (path, bytes) =>
        {
            SegFile file = Measured(bytes, () => new SegFile(DicomFile.Decode(bytes, "input", Reading), Reading));
            _ = Measured(bytes, () => file.Plane(0).Width);
        });
        yield return new FuzzTarget("nifti", Corpus(MedicalFormat.IsNiftiName, ".nii"), false, (path, bytes) =>
        {
            NiftiVolume volume = Measured(bytes, () => NiftiVolume.Decode(bytes, "input", Options.Nifti));
            var stack = new NiftiStack(volume, NiftiSlicing.Axial(volume.Header.Affine));
            _ = Measured(bytes, () => stack.Read(stack.Count / 2).Width);
        });
    }

    /// <summary>Runs a step and looks at what it allocated, whether it answers or refuses.</summary>
    private static T Measured<T>(byte[] input, Func<T> step)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            return step();
        }
        finally
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            long most = Math.Max(Limit, 2L * input.Length) + Overhead;
            if (allocated > most)
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture, $"Received {allocated} bytes allocated for {input.Length} bytes; expected at most {most}."));
            }
        }
    }
}

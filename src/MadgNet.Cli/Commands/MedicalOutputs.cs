using MadgNet.Cli.CommandLine;
using MadgNet.Medical.Imaging;

namespace MadgNet.Cli.Commands;

/// <summary>The files that become of one volume.</summary>
/// <param name="Volume">The volume.</param>
/// <param name="Slices">For pictures: the files of every slice; empty otherwise.</param>
/// <param name="Masks">For volumes: a NIfTI file a label, or one DICOM segmentation; empty for pictures.</param>
/// <param name="Probabilities">For NIfTI: a file a label where they are asked for; empty otherwise.</param>
internal sealed record MedicalOutputs(
    MedicalVolume Volume, IReadOnlyList<ImageOutputs> Slices, IReadOnlyList<string> Masks, IReadOnlyList<string> Probabilities)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<string> All => [.. Slices.SelectMany(slice => slice.All), .. Masks, .. Probabilities];

    public static MedicalOutputs Of(
        MedicalVolume volume, string folder, string format, Labels labels, bool probabilities, bool overlay)
    {
        string stem = Path.Combine(folder, volume.Name);
        string Named(string? label, string end) => labels.Count == 1 ? $"{stem}{end}" : $"{stem}_{label}{end}";
        return format switch
        {
            "png" => new MedicalOutputs(
                volume, [.. SliceStems(volume, stem).Select(slice => ImageOutputs.Of(slice, labels, probabilities, overlay))], [], []),
            "nifti" => new MedicalOutputs(
                volume,
                [],
                [.. labels.Names.Select(label => Named(label, ".nii.gz"))],
                probabilities ? [.. labels.Names.Select(label => Named(label, ".prob.nii.gz"))] : []),
            _ => new MedicalOutputs(volume, [], [$"{stem}.seg.dcm"], []),
        };
    }

    /// <summary>One slice is called as the file; those of a series as their own files, to pair with them; others by number.</summary>
    private static IEnumerable<string> SliceStems(MedicalVolume volume, string stem)
    {
        if (volume.Stack.Count == 1)
        {
            return [stem];
        }

        if (volume.Stack is DicomStack dicom && dicom.Series.Slices.All(slice => slice.FileFrames == 1))
        {
            string[] names = [.. dicom.Series.Slices.Select(slice => MedicalFormat.StemOf(slice.Path))];
            if (names.Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Length)
            {
                return names.Select(name => Path.Combine(stem, name));
            }
        }

        return Enumerable.Range(0, volume.Stack.Count).Select(i => FormattableString.Invariant($"{stem}_{i:0000}"));
    }
}

using MadgNet.AspNetCore;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Series;

namespace MadgNet.Cli.Commands;

/// <summary>
/// The mask of one label as NIfTI, of 0 and 1, where the slice lies in the patient. A picture without position has its own spacing, and
/// without spacing a step of 1.
/// </summary>
internal sealed class NiftiService : IResultFormat
{
    public string Name => "nifti";

    public string MediaType => "application/x-nifti";

    public string Extension => ".nii.gz";

    public byte[] Write(ServedImage image, Prediction prediction, IReadOnlyList<int> labels, IReadOnlyList<string> names)
    {
        PixelImage mask = prediction.Mask(labels[0]);
        var values = new byte[mask.Bytes.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = mask.Bytes[i] == 0 ? (byte)0 : (byte)1;
        }

        PixelSpacing spacing = image.Spacing ?? PixelSpacing.Pixels;
        Affine affine = (image.Source is DicomFile file ? DicomSeries.FromFile(file).ToAffine() : null)
            ?? new Affine(spacing.Column, 0, 0, 0, 0, spacing.Row, 0, 0, 0, 0, 1, 0);
        return NiftiWriter.EncodeBytes(values, [mask.Width, mask.Height, 1], affine);
    }
}

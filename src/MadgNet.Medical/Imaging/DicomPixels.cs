using MadgNet.Core.Imaging;
using MadgNet.Medical.Dicom;

namespace MadgNet.Medical.Imaging;

/// <summary>Frames as the images of MadgNet.Core, whose samples mean what the file means: Hounsfield units of a CT.</summary>
internal static class DicomPixels
{
    /// <summary>
    /// A frame with its own colours, or with the values after the modality's transformation; bright is bright, also of MONOCHROME1.
    /// </summary>
    public static PixelImage ToPixelImage(DicomImage image, int frame)
    {
        DicomPixelFormat format = image.Format;
        if (format.IsColor)
        {
            return image.Colors(frame);
        }

        ModalityTransform modality = image.Modality(frame);
        if (modality.IsIdentity && !format.IsSigned && format.BitsStored <= 8)
        {
            int[] stored = image.Numbers(frame);
            var bytes = new byte[stored.Length];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)(format.IsInverted ? format.Maximum - stored[i] : stored[i]);
            }

            return new PixelImage(width: format.Columns, height: format.Rows, 1, bytes);
        }

        (double low, double high) = Range(modality, format);
        bool whole = !modality.HasTable
            && modality.Slope == Math.Floor(modality.Slope)
            && modality.Intercept == Math.Floor(modality.Intercept);
        return whole && high - low <= ushort.MaxValue && Math.Abs(low) < int.MaxValue
            ? Whole(image, frame, modality, (int)low, (int)high)
            : WideValues.Spread(
                image.Values(frame),
                format.Rows,
                format.Columns,
                PaddedPixels(image, frame),
                format.IsInverted ? (low, high) : null,
                image.File.Name);
    }

    /// <summary>Whole numbers keep their values exactly.</summary>
    private static PixelImage Whole(DicomImage image, int frame, ModalityTransform modality, int low, int high)
    {
        DicomPixelFormat format = image.Format;
        int[] stored = image.Numbers(frame);
        var words = new ushort[stored.Length];
        int slope = (int)modality.Slope;
        int shift = (int)modality.Intercept - low;
        int range = high - low;
        for (int i = 0; i < words.Length; i++)
        {
            int sample = (stored[i] * slope) + shift;
            words[i] = (ushort)(format.IsInverted ? range - sample : sample);
        }

        int? padding = null;
        if (image.Padding is { } pad)
        {
            int first = (int)((Math.Clamp(pad.First, format.Minimum, format.Maximum) * slope) + shift);
            padding = format.IsInverted ? range - first : first;
            for (int i = 0; i < words.Length; i++)
            {
                words[i] = pad.Includes(stored[i]) ? (ushort)padding : words[i];
            }
        }

        return new PixelImage(width: format.Columns, height: format.Rows, 1, words, low) { Padding = padding };
    }

    private static (double Low, double High) Range(ModalityTransform modality, DicomPixelFormat format)
    {
        (double one, double other) = (modality.Apply(format.Minimum), modality.Apply(format.Maximum));
        return (Math.Min(one, other), Math.Max(one, other));
    }

    private static bool[]? PaddedPixels(DicomImage image, int frame) => image.Padding is { } padding
        ? [.. image.Numbers(frame).Select(value => padding.Includes(value))]
        : null;
}

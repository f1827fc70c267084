namespace MadgNet.Medical.Dicom;

/// <summary>From the colour spaces of DICOM to RGB (PS3.3, C.7.6.3.1.2).</summary>
internal static class ColorConversion
{
    /// <summary>Colours as RGB, in the place of the values that they come from.</summary>
    public static void ToRgb(int[] values, DicomPixelFormat format)
    {
        // JPEG 2000's own spaces are converted by its decoders.
        bool full = format.Photometric is "YBR_FULL" or "YBR_FULL_422";
        if (!full && format.Photometric != "YBR_PARTIAL_422")
        {
            return;
        }

        double most = format.Maximum;
        double middle = (format.Maximum + 1) / 2.0;
        for (int i = 0; i < values.Length; i += 3)
        {
            double luma = values[i];
            double blue = values[i + 1] - middle;
            double red = values[i + 2] - middle;
            if (full)
            {
                values[i] = Rounded(luma + (1.402 * red), most);
                values[i + 1] = Rounded(luma - (0.344136286 * blue) - (0.714136286 * red), most);
                values[i + 2] = Rounded(luma + (1.772 * blue), most);
            }
            else
            {
                // The studio range of ITU-R 601: 16 to 235 of 255.
                luma = (luma - (16 * (most + 1) / 256)) * 1.164383562;
                values[i] = Rounded(luma + (1.596026786 * red), most);
                values[i + 1] = Rounded(luma - (0.391762290 * blue) - (0.812967647 * red), most);
                values[i + 2] = Rounded(luma + (2.017232143 * blue), most);
            }
        }
    }

    /// <summary>The colours of a palette's numbers.</summary>
    /// <exception cref="MedicalFileException">The palette is missing, damaged or written in segments.</exception>
    public static (int[] Values, int Bits) OfPalette(DicomFile file, int[] numbers, bool signed)
    {
        if (file.Dataset.Contains(Tags.SegmentedRedData))
        {
            throw new MedicalFileException(
                MedicalFileFault.Unsupported,
                file.Name,
                $"a palette that is written in segments {Tags.SegmentedRedData}",
                $"a plain palette {Tags.RedData}",
                "Export the images anew as RGB");
        }

        var tables = new LookupTable[3];
        for (int c = 0; c < 3; c++)
        {
            tables[c] = LookupTable.Read(
                file.Dataset,
                new DicomTag(0x0028, (ushort)(Tags.RedDescriptor.Element + c)),
                new DicomTag(0x0028, (ushort)(Tags.RedData.Element + c)),
                signed);
        }

        var colors = new int[numbers.Length * 3];
        for (int i = 0; i < numbers.Length; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                colors[(i * 3) + c] = tables[c][numbers[i]];
            }
        }

        return (colors, tables[0].Bits);
    }

    private static int Rounded(double value, double most) => (int)Math.Clamp(Math.Round(value), 0, most);
}

using MadgNet.Medical.Dicom;

namespace MadgNet.Samples.CtToSeg;

/// <summary>
/// Writes a CT series of an invented chest, so that the sample needs no patient: a body of soft tissue with two lungs, a heart and a
/// spine, in Hounsfield units. A series of your own takes its place with <c>--series DIR</c>.
/// </summary>
internal static class ChestPhantom
{
    private const int Side = 192;
    private const int Slices = 24;
    private const double PixelSize = 2;
    private const double SliceDistance = 5;

    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        for (int slice = 0; slice < Slices; slice++)
        {
            DicomWriter.Write(Slice(slice), Path.Combine(folder, $"slice{slice:00}.dcm"));
        }
    }

    /// <summary>The Hounsfield unit at a point, in millimetres from the middle of the chest.</summary>
    private static int Hounsfield(double x, double y, double z)
    {
        static bool Inside(double x, double y, double z, double rx, double ry, double rz) =>
            (x * x / (rx * rx)) + (y * y / (ry * ry)) + (z * z / (rz * rz)) <= 1;

        if ((x * x / (165.0 * 165)) + (y * y / (110.0 * 110)) > 1)
        {
            return -1000;
        }

        if (Inside(x, y - 75, z, 16, 16, 1000))
        {
            return 500;
        }

        // The heart leans to the patient's left.
        return Inside(x - 25, y + 30, z + 15, 48, 40, 45)
            ? 45
            : Inside(x - 82, y, z, 58, 78, 90) || Inside(x + 82, y, z, 62, 80, 92) ? -820 : 30;
    }

    private static DicomDataset Slice(int index)
    {
        var random = new Random(index);
        double z = (index - ((Slices - 1) / 2.0)) * SliceDistance;
        var pixels = new byte[Side * Side * 2];
        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                double x = (column - ((Side - 1) / 2.0)) * PixelSize;
                double y = (row - ((Side - 1) / 2.0)) * PixelSize;
                int noise = random.Next(-40, 41);
                BitConverter.TryWriteBytes(
                    pixels.AsSpan(((row * Side) + column) * 2), (short)Math.Clamp(Hounsfield(x, y, z) + noise + 1024, 0, 4095));
            }
        }

        double corner = -(Side - 1) / 2.0 * PixelSize;
        return new DicomDataset()
            .SetText(new DicomTag(0x0008, 0x0008), DicomVr.CS, "ORIGINAL", "PRIMARY", "AXIAL")
            .SetText(new DicomTag(0x0008, 0x0016), DicomVr.UI, "1.2.840.10008.5.1.4.1.1.2")
            .SetText(new DicomTag(0x0008, 0x0018), DicomVr.UI, $"2.25.4400{index:00}")
            .SetText(new DicomTag(0x0008, 0x0060), DicomVr.CS, "CT")
            .SetText(new DicomTag(0x0010, 0x0010), DicomVr.PN, "Phantom^Chest")
            .SetText(new DicomTag(0x0010, 0x0020), DicomVr.LO, "PHANTOM")
            .SetText(new DicomTag(0x0020, 0x000D), DicomVr.UI, "2.25.4401")
            .SetText(new DicomTag(0x0020, 0x000E), DicomVr.UI, "2.25.4402")
            .SetText(new DicomTag(0x0020, 0x0052), DicomVr.UI, "2.25.4403")
            .SetNumbers(new DicomTag(0x0020, 0x0013), DicomVr.IS, index + 1)
            .SetNumbers(new DicomTag(0x0018, 0x0050), DicomVr.DS, SliceDistance)
            .SetNumbers(new DicomTag(0x0020, 0x0032), DicomVr.DS, corner, corner, z)
            .SetNumbers(new DicomTag(0x0020, 0x0037), DicomVr.DS, 1, 0, 0, 0, 1, 0)
            .SetNumbers(new DicomTag(0x0028, 0x0002), DicomVr.US, 1)
            .SetText(new DicomTag(0x0028, 0x0004), DicomVr.CS, "MONOCHROME2")
            .SetNumbers(new DicomTag(0x0028, 0x0010), DicomVr.US, Side)
            .SetNumbers(new DicomTag(0x0028, 0x0011), DicomVr.US, Side)
            .SetNumbers(new DicomTag(0x0028, 0x0030), DicomVr.DS, PixelSize, PixelSize)
            .SetNumbers(new DicomTag(0x0028, 0x0100), DicomVr.US, 16)
            .SetNumbers(new DicomTag(0x0028, 0x0101), DicomVr.US, 12)
            .SetNumbers(new DicomTag(0x0028, 0x0102), DicomVr.US, 11)
            .SetNumbers(new DicomTag(0x0028, 0x0103), DicomVr.US, 0)
            .SetNumbers(new DicomTag(0x0028, 0x1052), DicomVr.DS, -1024)
            .SetNumbers(new DicomTag(0x0028, 0x1053), DicomVr.DS, 1)
            .SetBytes(new DicomTag(0x7FE0, 0x0010), DicomVr.OW, pixels);
    }
}

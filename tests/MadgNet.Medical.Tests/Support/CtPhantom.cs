using MadgNet.Medical.Dicom;

namespace MadgNet.Medical.Tests.Support;

/// <summary>CT series of this project's own making: a bright ball in water, with the geometry that a test asks for.</summary>
internal static class CtPhantom
{
    public const string StudyUid = "2.25.1001";
    public const string SeriesUid = "2.25.1002";
    public const string FrameOfReference = "2.25.1003";

    /// <summary>Writes slices into a folder, in an order that is not theirs.</summary>
    /// <returns>The paths, by position from the feet to the head.</returns>
    public static string[] Write(
        string folder, int slices = 5, int rows = 24, int columns = 32, double distance = 2.5, Func<int, DicomDataset, bool>? change = null)
    {
        Directory.CreateDirectory(folder);
        var paths = new List<string>();
        for (int i = 0; i < slices; i++)
        {
            DicomDataset slice = Slice(i, slices, rows, columns, distance);
            if (change is null || change(i, slice))
            {
                string path = Path.Combine(folder, $"{(i * 7) % 31:00}-slice{i}.dcm");
                DicomWriter.Write(slice, path);
                paths.Add(path);
            }
        }

        return [.. paths];
    }

    public static DicomDataset Slice(int index, int slices, int rows, int columns, double distance)
    {
        var pixels = new byte[rows * columns * 2];
        double radius = Math.Min(rows, columns) / 3.0;
        double height = (index - ((slices - 1) / 2.0)) * 2 * radius / slices;
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < columns; x++)
            {
                double dy = y - ((rows - 1) / 2.0);
                double dx = x - ((columns - 1) / 2.0);
                bool inside = (dx * dx) + (dy * dy) + (height * height) <= radius * radius;
                BitConverter.TryWriteBytes(pixels.AsSpan(((y * columns) + x) * 2), (short)(1024 + (inside ? 300 : 0)));
            }
        }

        return new DicomDataset()
            .SetText(Tags.ImageType, DicomVr.CS, "ORIGINAL", "PRIMARY", "AXIAL")
            .SetText(Tags.SopClass, DicomVr.UI, "1.2.840.10008.5.1.4.1.1.2")
            .SetText(Tags.SopInstance, DicomVr.UI, $"2.25.20{index:00}")
            .SetText(Tags.StudyDate, DicomVr.DA, "20200102")
            .SetText(Tags.StudyTime, DicomVr.TM, "030405")
            .SetText(Tags.AccessionNumber, DicomVr.SH, "A-77")
            .SetText(Tags.Modality, DicomVr.CS, "CT")
            .SetText(Tags.ReferringPhysician, DicomVr.PN, "Doctor^Secret")
            .SetText(Tags.PatientName, DicomVr.PN, "Name^Secret")
            .SetText(Tags.PatientId, DicomVr.LO, "ID-SECRET")
            .SetText(Tags.PatientBirthDate, DicomVr.DA, "19700101")
            .SetText(Tags.PatientSex, DicomVr.CS, "F")
            .SetText(Tags.StudyInstance, DicomVr.UI, StudyUid)
            .SetText(Tags.SeriesInstance, DicomVr.UI, SeriesUid)
            .SetText(Tags.StudyId, DicomVr.SH, "S-88")
            .SetNumbers(Tags.SeriesNumber, DicomVr.IS, 3)
            .SetNumbers(Tags.InstanceNumber, DicomVr.IS, index + 1)
            .SetNumbers(Tags.Position, DicomVr.DS, -20, -30, (index * distance) - 5)
            .SetNumbers(Tags.Orientation, DicomVr.DS, 1, 0, 0, 0, 1, 0)
            .SetText(Tags.FrameOfReference, DicomVr.UI, FrameOfReference)
            .SetText(Tags.PositionReferenceIndicator, DicomVr.LO)
            .SetNumbers(Tags.SliceThickness, DicomVr.DS, distance)
            .SetNumbers(Tags.SamplesPerPixel, DicomVr.US, 1)
            .SetText(Tags.Photometric, DicomVr.CS, "MONOCHROME2")
            .SetNumbers(Tags.Rows, DicomVr.US, rows)
            .SetNumbers(Tags.Columns, DicomVr.US, columns)
            .SetNumbers(Tags.PixelSpacing, DicomVr.DS, 0.8, 0.7)
            .SetNumbers(Tags.BitsAllocated, DicomVr.US, 16)
            .SetNumbers(Tags.BitsStored, DicomVr.US, 12)
            .SetNumbers(Tags.HighBit, DicomVr.US, 11)
            .SetNumbers(Tags.PixelRepresentation, DicomVr.US, 0)
            .SetNumbers(Tags.RescaleIntercept, DicomVr.DS, -1024)
            .SetNumbers(Tags.RescaleSlope, DicomVr.DS, 1)
            .SetBytes(Tags.PixelData, DicomVr.OW, pixels);
    }
}

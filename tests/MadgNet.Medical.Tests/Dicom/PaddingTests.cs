using MadgNet.Core.Imaging;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Dicom;

/// <summary>Values that mark pixels outside of the image: one or a range, with a sign or without.</summary>
public class PaddingTests
{
    public static TheoryData<int, int?, bool, int[]> Cases => new()
    {
        { 63, null, false, [63] },
        { 60, 63, false, [60, 61, 63] },
        { 63, 60, false, [60, 62] },
        { -2000, null, true, [-2000] },
        { -2000, -1990, true, [-2000, -1995, -1990] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Padding_is_left_out_of_percentiles_and_of_darkest_and_brightest(int value, int? limit, bool signed, int[] padded)
    {
        using var folder = new TemporaryFolder();
        var pixels = new byte[24 * 32 * 2];
        for (int i = 0; i < 24 * 32; i++)
        {
            int stored = i < 40 ? padded[i % padded.Length] : 100 + (i % 101);
            BitConverter.TryWriteBytes(pixels.AsSpan(i * 2), (short)stored);
        }

        DicomVr vr = signed ? DicomVr.SS : DicomVr.US;
        DicomDataset slice = CtPhantom.Slice(0, 1, 24, 32, 1)
            .SetNumbers(Tags.BitsStored, DicomVr.US, 16)
            .SetNumbers(Tags.HighBit, DicomVr.US, 15)
            .SetNumbers(Tags.PixelRepresentation, DicomVr.US, signed ? 1 : 0)
            .SetNumbers(Tags.PixelPadding, vr, value)
            .SetBytes(Tags.PixelData, DicomVr.OW, pixels);
        if (limit is { } last)
        {
            slice.SetNumbers(Tags.PixelPaddingLimit, vr, last);
        }

        string path = folder.File("a.dcm");
        DicomWriter.Write(slice, path);
        DicomImage image = DicomImage.Read(path);
        DicomWindow all = image.Percentiles(0, 100)!;
        DicomWindow half = image.Percentiles(0, 50)!;
        PixelImage read = new ImageReader(null, new MedicalImageReader()).Read(path);

        // Hounsfield units: 1024 less.
        Assert.Equal((100 - 1024, 200 - 1024), (all.Center - (all.Width / 2), all.Center + (all.Width / 2)));
        Assert.Equal(150 - 1024, half.Center + (half.Width / 2), 1.0);
        Assert.Equal((100 - 1024, 200 - 1024), IntensityWindow.MinMax.Bounds(read));
        Assert.All(padded, each => Assert.True(image.Padding!.Value.Includes(each)));
        Assert.False(image.Padding!.Value.Includes(100));
    }
}

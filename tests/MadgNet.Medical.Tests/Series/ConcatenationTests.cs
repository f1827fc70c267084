using MadgNet.Core.Data;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Imaging;
using MadgNet.Medical.Series;

namespace MadgNet.Medical.Tests.Series;

/// <summary>Objects of many frames that were divided into files (PS3.3, C.7.6.16.2.2.4): all parts have one instance number.</summary>
public class ConcatenationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frames_come_by_their_index_in_the_whole_object_whatever_files_are_called(bool withOffsets)
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("z.dcm"), 1, 0, [10, 11], withOffsets);
        Write(folder.File("m.dcm"), 2, 2, [12, 13, 14], withOffsets);
        Write(folder.File("a.dcm"), 3, 5, [15], withOffsets);

        DicomSeries series = DicomSeries.Load(folder.Root);

        Assert.Equal([10, 11, 12, 13, 14, 15], Enumerable.Range(0, 6).Select(i => series.Open(i).Stored(series.Slices[i].Frame)[0]));
        Assert.Equal(
            Enumerable.Range(0, 6).Select(i => (byte)(10 + i)),
            Enumerable.Range(0, 6).Select(i => new DicomStack(series).Read(i).Bytes[0]));
        Assert.DoesNotContain(series.Findings, finding => finding.Kind == FindingKind.MissingSlices);
        if (withOffsets)
        {
            Assert.Equal([0, 1, 2, 3, 4, 5], series.Slices.Select(slice => slice.IndexInObject));
        }
    }

    [Theory]
    [InlineData(1, "frame 1")]
    [InlineData(2, "frame 3")]
    [InlineData(3, "2 of the 3 files")]
    public void A_part_that_is_missing_is_a_finding(int lost, string named)
    {
        using var folder = new TemporaryFolder();
        (int Number, int First, byte[] Values)[] parts = [(1, 0, [10, 11]), (2, 2, [12, 13, 14]), (3, 5, [15])];
        foreach ((int number, int first, byte[] values) in parts.Where(part => part.Number != lost))
        {
            Write(folder.File($"{number}.dcm"), number, first, values, withOffset: true);
        }

        Finding finding = Assert.Single(
            DicomSeries.Load(folder.Root).Findings, finding => finding.Kind == FindingKind.MissingSlices);

        Assert.Equal(FindingSeverity.Error, finding.Severity);
        Assert.Contains(named, finding.Problem.Received, StringComparison.Ordinal);
    }

    private static void Write(string path, int number, int first, byte[] values, bool withOffset)
    {
        DicomDataset part = new DicomDataset()
            .SetText(Tags.SopClass, DicomVr.UI, "1.2.840.10008.5.1.4.1.1.7.2")
            .SetText(Tags.SopInstance, DicomVr.UI, $"2.25.60{number}")
            .SetText(Tags.SeriesInstance, DicomVr.UI, "2.25.61")
            .SetNumbers(Tags.InstanceNumber, DicomVr.IS, 1)
            .SetText(Tags.ConcatenationUid, DicomVr.UI, "2.25.62")
            .SetNumbers(Tags.InConcatenationNumber, DicomVr.US, number)
            .SetNumbers(Tags.InConcatenationTotal, DicomVr.US, 3)
            .SetNumbers(Tags.SamplesPerPixel, DicomVr.US, 1)
            .SetText(Tags.Photometric, DicomVr.CS, "MONOCHROME2")
            .SetNumbers(Tags.NumberOfFrames, DicomVr.IS, values.Length)
            .SetNumbers(Tags.Rows, DicomVr.US, 2)
            .SetNumbers(Tags.Columns, DicomVr.US, 2)
            .SetNumbers(Tags.BitsAllocated, DicomVr.US, 8)
            .SetNumbers(Tags.BitsStored, DicomVr.US, 8)
            .SetNumbers(Tags.HighBit, DicomVr.US, 7)
            .SetNumbers(Tags.PixelRepresentation, DicomVr.US, 0)
            .SetBytes(Tags.PixelData, DicomVr.OB, [.. values.SelectMany(value => Enumerable.Repeat(value, 4))]);
        if (withOffset)
        {
            part.SetNumbers(Tags.ConcatenationFrameOffset, DicomVr.UL, first);
        }

        DicomWriter.Write(part, path);
    }
}

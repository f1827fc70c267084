using MadgNet.Core.Data;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Series;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Series;

public class DicomSeriesTests
{
    [Fact]
    public void Slices_are_ordered_by_their_position_whatever_their_files_are_called()
    {
        using var folder = new TemporaryFolder();
        string[] paths = CtPhantom.Write(folder.Root);
        folder.Write("README.txt", "no image"u8);

        DicomSeries series = DicomSeries.Load(folder.Root);

        Assert.Equal(paths, series.Slices.Select(slice => slice.Path));
        Assert.Equal(2.5, series.SliceDistance!.Value, 1e-9);
        Assert.Equal(new PixelSpacing(row: 0.8, column: 0.7), series.Spacing);
        Assert.Equal("CT", series.Modality);
        Assert.Empty(series.Findings);
    }

    [Fact]
    public void Frames_of_one_file_are_the_slices_of_a_series()
    {
        DicomSeries frames = DicomSeries.Load(MedicalFixtures.PathOf("23x38x3_multiframe_mf.dcm"));

        Assert.Equal(3, frames.Slices.Count);
        Assert.Equal([-177.75, -175.25, -172.75], frames.Slices.Select(slice => slice.Geometry!.Position.Z));
        Assert.Equal([0, 1, 2], frames.Slices.Select(slice => slice.Frame));
    }

    [Fact]
    public void A_missing_slice_is_a_finding_and_nothing_is_filled_in()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.Root, slices: 6, change: (index, _) => index != 3);

        DicomSeries series = DicomSeries.Load(folder.Root);

        Assert.Equal(5, series.Slices.Count);
        Finding finding = Assert.Single(series.Findings);
        Assert.Equal((FindingKind.MissingSlices, FindingSeverity.Error), (finding.Kind, finding.Severity));
        Assert.Contains("about 1 slices are missing", finding.Problem.Received, StringComparison.Ordinal);
    }

    [Fact]
    public void Doubled_positions_are_a_finding_and_the_lowest_number_is_used()
    {
        using var folder = new TemporaryFolder();
        string[] paths = CtPhantom.Write(folder.Root);
        DicomWriter.Write(
            CtPhantom.Slice(2, 5, 24, 32, 2.5).SetNumbers(Tags.InstanceNumber, DicomVr.IS, 99), folder.File("again.dcm"));

        DicomSeries series = DicomSeries.Load(folder.Root);

        Assert.Equal(paths, series.Slices.Select(slice => slice.Path));
        Finding doubled = Assert.Single(series.Findings, found => found.Kind == FindingKind.DuplicateSlices);
        Assert.Equal(folder.File("again.dcm"), doubled.Problem.Subject);
    }

    [Fact]
    public void An_overview_in_another_direction_is_a_finding_and_left_out()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.Root, change: (index, slice) =>
        {
            if (index == 4)
            {
                slice.SetNumbers(Tags.Orientation, DicomVr.DS, 0, 1, 0, 0, 0, -1);
            }

            return true;
        });

        DicomSeries series = DicomSeries.Load(folder.Root);

        Assert.Equal(4, series.Slices.Count);
        Assert.Contains(series.Findings, finding => finding.Kind == FindingKind.MixedOrientation);
    }

    [Fact]
    public void Mixed_spacing_and_size_are_findings()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.Root, change: (index, slice) =>
        {
            if (index == 1)
            {
                slice.SetNumbers(Tags.PixelSpacing, DicomVr.DS, 0.9, 0.7);
            }

            return true;
        });
        DicomWriter.Write(
            CtPhantom.Slice(5, 6, 8, 8, 2.5).SetText(Tags.SopInstance, DicomVr.UI, "2.25.7"), folder.File("small.dcm"));

        DicomSeries series = DicomSeries.Load(folder.Root);

        Assert.Equal(5, series.Slices.Count);
        Assert.Contains(series.Findings, finding => finding.Kind == FindingKind.MixedSpacing);
        Assert.Contains(series.Findings, finding => finding.Kind == FindingKind.SizeMismatch);
    }

    [Fact]
    public void Several_series_in_a_folder_are_refused_as_one_and_found_as_several()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.Root, change: (index, slice) =>
        {
            slice.SetText(Tags.SeriesInstance, DicomVr.UI, index < 2 ? "2.25.1" : "2.25.2");
            return true;
        });

        Assert.Equal([2, 3], DicomSeries.Find(folder.Root).Select(series => series.Slices.Count));
        MedicalFileException refusal = Assert.Throws<MedicalFileException>(() => DicomSeries.Load(folder.Root));
        Assert.Equal(MedicalFileFault.Inconsistent, refusal.Fault);
    }

    [Fact]
    public void A_dicomdir_names_the_files_of_its_series()
    {
        using var folder = new TemporaryFolder();
        string[] paths = CtPhantom.Write(folder.File("CT"));
        string directory = folder.File("DICOMDIR");
        DicomWriter.Write(Directory(paths.Take(3).Select(path => new[] { "CT", Path.GetFileName(path) })), directory);

        Assert.Equal(paths.Take(3), DicomSeries.Load(directory).Slices.Select(slice => slice.Path));
    }

    [Fact]
    public void A_dicomdir_cannot_name_files_outside_of_its_folder()
    {
        using var folder = new TemporaryFolder();
        string directory = folder.File("DICOMDIR");
        DicomWriter.Write(Directory([["..", "..", "etc"]]), directory);

        MedicalFileException refusal = Assert.Throws<MedicalFileException>(() => DicomSeries.Load(directory));

        Assert.Contains("leaves its folder", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_series_that_nobody_unpacks_is_a_finding()
    {
        DicomSeries series = DicomSeries.Load(MedicalFixtures.PathOf("JPEG2000.dcm"));

        Assert.Contains(series.Findings, finding => finding.Kind == FindingKind.UnsupportedFormat);
    }

    [Fact]
    public void Messages_name_files_and_nothing_of_the_patient()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.Root, slices: 6, change: (index, _) => index != 3);
        string[] texts = [.. DicomSeries.Load(folder.Root).Findings.Select(finding => finding.ToString()!)];

        Assert.All(texts, text => Assert.DoesNotContain("SECRET", text, StringComparison.OrdinalIgnoreCase));
    }

    private static DicomDataset Directory(IEnumerable<string[]> files) => new DicomDataset()
        .SetText(Tags.SopClass, DicomVr.UI, "1.2.840.10008.1.3.10")
        .SetText(Tags.SopInstance, DicomVr.UI, "2.25.9")
        .SetItems(
            Tags.DirectoryRecordSequence,
            [.. files.Select(parts => new DicomDataset().SetText(Tags.ReferencedFileId, DicomVr.CS, parts))]);
}

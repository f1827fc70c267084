using System.Text.Json;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Seg;

public class SegTests
{
    private static readonly SegSegment[] Two = [new() { Label = "Leber, groß" }, new() { Label = "Vessel", Color = (220, 20, 60) }];

    /// <summary>The segmentation that dcmqi made of its three slices, written again by this package.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_segmentation_of_dcmqis_images_has_the_pixels_and_the_geometry_of_dcmqis_own(bool multiFrame)
    {
        using var folder = new TemporaryFolder();
        DicomSeries series = Dcmqi(folder, multiFrame);
        SegFile theirs = SegFile.Read(MedicalFixtures.PathOf("23x38x3_seg_label.seg"));
        DicomSeries drawn = multiFrame ? Dcmqi(folder, false) : series;
        var writer = new SegWriter(series, [theirs.Segments[0]]);
        for (int i = 0; i < series.Slices.Count; i++)
        {
            writer.AddProbability(i, 1, theirs.Mask(1, drawn.Slices[i]).Data);
        }

        string path = folder.File("ours.seg.dcm");
        writer.Save(path);
        SegFile ours = SegFile.Read(path);
        DicomImage pixels = DicomImage.Read(path);

        Assert.Equal(
            MedicalFixtures.Expected("23x38x3_seg_label.seg").GetProperty("stored").GetProperty("sha256_int32_le").GetString(),
            MedicalFixtures.Sha256(Enumerable.Range(0, pixels.Frames).SelectMany(frame => pixels.Stored(frame))));
        Assert.Equal(theirs.Frames.Count, ours.Frames.Count);
        for (int i = 0; i < ours.Frames.Count; i++)
        {
            Assert.Equal(theirs.Frames[i].Segment, ours.Frames[i].Segment);
            Assert.Equal(
                theirs.Frames[i].Geometry! with { FrameOfReference = null },
                ours.Frames[i].Geometry! with { FrameOfReference = null });
            if (!multiFrame)
            {
                Assert.Equal(theirs.Frames[i].Geometry, ours.Frames[i].Geometry);
                Assert.Equal(theirs.Frames[i].Sources, ours.Frames[i].Sources);
            }
        }

        Assert.Equal("Liver", ours.Segments[0].Label);
        Assert.True(ours.BelongsTo(series));
    }

    [Theory]
    [InlineData(SegmentationType.Binary)]
    [InlineData(SegmentationType.Fractional)]
    [InlineData(SegmentationType.LabelMap)]
    public void What_is_written_is_read_with_the_same_pixels_and_names(SegmentationType type)
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.File("ct"), rows: 7, columns: 9);
        DicomSeries series = DicomSeries.Load(folder.File("ct"));
        var random = new Random(5);
        var expected = new Dictionary<(int Segment, int Slice), byte[]>();
        var writer = new SegWriter(series, Two, new SegOptions { Type = type, KeepEmptyFrames = type == SegmentationType.Fractional });
        for (int slice = 1; slice < 4; slice++)
        {
            byte[] draw = [.. Enumerable.Range(0, 63).Select(_ => (byte)random.Next(3))];
            for (int segment = 1; segment <= 2; segment++)
            {
                byte[] mask = [.. draw.Select(value => value == segment ? (byte)1 : (byte)0)];
                expected.Add((segment, slice), mask);
                writer.Add(slice, segment, mask);
            }
        }

        string path = folder.File("out.dcm");
        writer.Save(path);
        SegFile read = SegFile.Read(path);

        Assert.Equal(type, read.Type);
        Assert.Equal(["Leber, groß", "Vessel"], read.Segments.Select(segment => segment.Label));
        Assert.Equal(["MADGNet", "MADGNet"], read.Segments.Select(segment => segment.AlgorithmName));
        for (int slice = 0; slice < series.Slices.Count; slice++)
        {
            for (int segment = 1; segment <= 2; segment++)
            {
                float[] mask = read.Mask(segment, series.Slices[slice]).Data.ToArray();
                byte[] drawn = expected.GetValueOrDefault((segment, slice)) ?? new byte[63];
                Assert.Equal(drawn.Select(value => (float)value), mask);
            }
        }

        Assert.Equal(type switch { SegmentationType.Binary => 6, SegmentationType.Fractional => 10, _ => 3 }, read.Frames.Count);
        Assert.Equal(["out.dcm"], folder.Files);
    }

    [Fact]
    public void Probabilities_are_kept_in_steps_of_a_255th()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.File("ct"), slices: 1, rows: 16, columns: 16);
        DicomSeries series = DicomSeries.Load(folder.File("ct"));
        var probability = new FloatImage(1, 16, 16);
        for (int i = 0; i < 256; i++)
        {
            probability.Data[i] = i / 255f;
        }

        var writer = new SegWriter(series, [new SegSegment { Label = "Ball" }], new SegOptions { Type = SegmentationType.Fractional });
        writer.Add(0, new Prediction(probability));
        string path = folder.File("out.dcm");
        writer.Save(path);

        Assert.Equal(probability.Data.ToArray(), SegFile.Read(path).Mask(1, series.Slices[0]).Data.ToArray());
    }

    [Fact]
    public void Segments_may_share_pixels_in_a_binary_segmentation_and_not_in_a_label_map()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.File("ct"), slices: 1, rows: 4, columns: 4);
        DicomSeries series = DicomSeries.Load(folder.File("ct"));
        byte[] mask = new byte[16];
        mask[5] = 1;
        var binary = new SegWriter(series, Two);
        var map = new SegWriter(series, Two, new SegOptions { Type = SegmentationType.LabelMap });
        foreach (SegWriter writer in new[] { binary, map })
        {
            writer.Add(0, 1, mask);
            writer.Add(0, 2, mask);
        }

        binary.Save(folder.File("out.dcm"));

        Assert.Equal("YES", DicomFile.Read(folder.File("out.dcm")).Dataset.Text(Tags.SegmentsOverlap));
        Assert.Throws<MedicalFileException>(() => SegFile.Read(folder.File("out.dcm")).LabelMap(series.Slices[0]));
        Assert.Equal(MedicalFileFault.Inconsistent, Assert.Throws<MedicalFileException>(() => map.Save(folder.File("map.dcm"))).Fault);
        Assert.Equal(["out.dcm"], folder.Files);
    }

    [Fact]
    public void A_segmentation_of_highdicom_is_read_slice_by_slice()
    {
        using var folder = new TemporaryFolder();
        DicomSeries series = Pydicom(folder);
        SegFile binary = SegFile.Read(MedicalFixtures.PathOf("seg_image_ct_binary.dcm"));
        SegFile overlap = SegFile.Read(MedicalFixtures.PathOf("seg_image_ct_binary_overlap.dcm"));
        SegFile fractional = SegFile.Read(MedicalFixtures.PathOf("seg_image_ct_true_fractional.dcm"));

        Assert.True(binary.BelongsTo(series));
        Assert.Equal(["first segment", "second segment"], overlap.Segments.Select(segment => segment.Label));
        Assert.Throws<MedicalFileException>(() => series.Slices.Select(slice => overlap.LabelMap(slice)).ToArray());
        JsonElement stored = MedicalFixtures.Expected("seg_image_ct_binary.dcm").GetProperty("stored");
        double mean = series.Slices.Sum(slice => binary.Mask(1, slice).Data.ToArray().Sum(value => (double)value));
        Assert.Equal(stored.GetProperty("mean").GetDouble() * 768, mean, 1e-6);
        float most = series.Slices.Max(slice => fractional.Mask(1, slice).Data.ToArray().Max());
        Assert.Equal(128f / 255, most);
    }

    [Fact]
    public void Nothing_of_the_patient_is_written_unless_asked_for()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.File("ct"));
        DicomSeries series = DicomSeries.Load(folder.File("ct"));

        byte[] silent = DicomWriter.Encode(new SegWriter(series, Two).ToDataset());
        DicomDataset named = new SegWriter(series, Two, new SegOptions { CopyPatient = true }).ToDataset();

        string text = System.Text.Encoding.Latin1.GetString(silent);
        foreach (string secret in new[] { "Secret", "SECRET", "19700101", "A-77", "S-88", "20200102", "030405" })
        {
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        }

        Assert.Contains(CtPhantom.StudyUid, text, StringComparison.Ordinal);
        Assert.Equal("Name^Secret", named.Text(Tags.PatientName));
        Assert.Equal("A-77", named.Text(Tags.AccessionNumber));
    }

    [Fact]
    public void Identifiers_are_new_and_of_the_root_that_is_given()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.File("ct"));
        DicomSeries series = DicomSeries.Load(folder.File("ct"));
        string[] uids = [.. Enumerable.Range(0, 50).Select(_ => new SegWriter(series, Two).ToDataset().Text(Tags.SopInstance)!)];
        string rooted = new SegWriter(series, Two, new SegOptions { UidRoot = "1.2.34" }).ToDataset().Text(Tags.SopInstance)!;

        Assert.Equal(50, uids.Distinct().Count());
        Assert.All(uids.Append(rooted), uid => Assert.Matches(@"^[0-9]+(\.(0|[1-9][0-9]*))+$", uid));
        Assert.All(uids.Append(rooted), uid => Assert.True(uid.Length <= 64));
        Assert.All(uids, uid => Assert.StartsWith("2.25.", uid, StringComparison.Ordinal));
        Assert.StartsWith("1.2.34.", rooted, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_and_segments_that_the_standard_refuses_are_all_listed()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.File("ct"));
        DicomSeries series = DicomSeries.Load(folder.File("ct"));

        InvalidOptionsException refusal = Assert.Throws<InvalidOptionsException>(() => new SegWriter(
            series,
            [new SegSegment { Label = "", Type = new CodedConcept("12345678901234567", "SCT", "Too long") }],
            new SegOptions { UidRoot = "1..2", ContentLabel = "lower" }));

        Assert.Equal(4, refusal.Problems.Count);
    }

    [Fact]
    public void A_mask_of_another_grid_is_refused()
    {
        using var folder = new TemporaryFolder();
        CtPhantom.Write(folder.File("ct"));
        var writer = new SegWriter(DicomSeries.Load(folder.File("ct")), Two);

        Assert.Contains(
            "32×24", Assert.Throws<ArgumentException>(() => writer.Add(0, 1, new byte[10])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(5, 1, new byte[24 * 32]));
    }

    internal static DicomSeries Dcmqi(TemporaryFolder folder, bool multiFrame)
    {
        if (multiFrame)
        {
            return DicomSeries.Load(MedicalFixtures.PathOf("23x38x3_multiframe_mf.dcm"));
        }

        foreach (int number in new[] { 3, 1, 2 })
        {
            string name = $"23x38x3_image_IMG000{number}.dcm";
            File.Copy(MedicalFixtures.PathOf(name), folder.File(Path.Combine("dcmqi", name)), overwrite: true);
        }

        return DicomSeries.Load(Path.Combine(folder.Root, "dcmqi"));
    }

    internal static DicomSeries Pydicom(TemporaryFolder folder)
    {
        foreach (int number in new[] { 17106, 17136, 17166, 17196 })
        {
            string name = $"dicomdirtests_77654033_CT2_{number}";
            File.Copy(MedicalFixtures.PathOf(name), folder.File(Path.Combine("pydicom", name)), overwrite: true);
        }

        return DicomSeries.Load(Path.Combine(folder.Root, "pydicom"));
    }
}

using MadgNet.Medical.Dicom;
using MadgNet.Medical.Seg;
using MadgNet.Medical.Series;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Seg;

/// <summary>What this package writes, as programs of others read it: dcmtk, dicom3tools and pydicom.</summary>
public class IndependentReaderTests
{
    private const string PydicomProgram = """
        import sys, hashlib
        import numpy, pydicom
        data = pydicom.dcmread(sys.argv[1])
        frames = int(data.NumberOfFrames)
        pixels = data.pixel_array.reshape(frames, data.Rows, data.Columns)
        print(data.SegmentationType, frames, [str(s.SegmentLabel) for s in data.SegmentSequence])
        print(hashlib.sha256(pixels.astype('<i4').tobytes()).hexdigest())
        print([[float(v) for v in f.PlanePositionSequence[0].ImagePositionPatient] for f in data.PerFrameFunctionalGroupsSequence])
        """;

    public static TheoryData<SegmentationType> Types => [.. Enum.GetValues<SegmentationType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void Dcmdump_reads_it_to_its_end(SegmentationType type)
    {
        string dcmdump = ExternalTools.Require("dcmdump", Python.Installer);
        using var folder = new TemporaryFolder();
        string path = SegModuleTests.Written(folder, type).Name;

        (int code, string output) = ExternalTools.Run(dcmdump, "-q", path);

        Assert.True(code == 0, output);
        (code, output) = ExternalTools.Run(dcmdump, path);
        Assert.True(code == 0, output);
        Assert.DoesNotContain("E: ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("W: ", output, StringComparison.Ordinal);
        Assert.Contains("PixelData", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SegmentationType.Binary)]
    [InlineData(SegmentationType.Fractional)]
    public void Dciodvfy_finds_no_error(SegmentationType type)
    {
        string dciodvfy = ExternalTools.Require("dciodvfy", Python.Installer);
        using var folder = new TemporaryFolder();
        string path = SegModuleTests.Written(folder, type).Name;

        (_, string output) = ExternalTools.Run(dciodvfy, "-new", path);

        Assert.Contains("Segmentation", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Error", output, StringComparison.Ordinal);

        // A wrong tag at a right place.
        Assert.DoesNotContain("not present in standard", output, StringComparison.Ordinal);
    }

    /// <summary>Slices, frames of one object, a dose whose frames state offsets alone, an image that does not say where it lies.</summary>
    [Theory]
    [InlineData("slices", SegmentationType.Binary)]
    [InlineData("23x38x3_multiframe_mf.dcm", SegmentationType.Binary)]
    [InlineData("23x38x3_multiframe_mf.dcm", SegmentationType.Fractional)]
    [InlineData("rtdose.dcm", SegmentationType.Binary)]
    [InlineData("dx_image.dcm", SegmentationType.Binary)]
    public void Dciodvfy_finds_no_error_whatever_was_segmented(string source, SegmentationType type)
    {
        string dciodvfy = ExternalTools.Require("dciodvfy", Python.Installer);
        using var folder = new TemporaryFolder();
        DicomSeries series = source == "slices"
            ? SegTests.Pydicom(folder)
            : DicomSeries.Load(MedicalFixtures.PathOf(source));
        var writer = new SegWriter(
            series, [new SegSegment { Label = "One" }], new SegOptions { Type = type, KeepEmptyFrames = true });
        byte[] mask = new byte[series.Rows * series.Columns];
        mask.AsSpan(3, 5).Fill(1);
        writer.Add(0, 1, mask);
        string path = folder.File("seg.dcm");
        writer.Save(path);

        (_, string output) = ExternalTools.Run(dciodvfy, "-new", path);

        Assert.Contains("Segmentation", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Error", output, StringComparison.Ordinal);
        Assert.Equal(mask.Select(value => (float)value), SegFile.Read(path).Mask(1, series.Slices[0]).Data.ToArray());
    }

    /// <summary>
    /// dicom3tools of 2022 are older than the object of label maps: they say that they do not know it, and nothing else. As a segmentation
    /// of the older object, which shares its modules, they miss what a label map replaces: its type, and the segment of each frame.
    /// </summary>
    [Fact]
    public void Dciodvfy_finds_in_a_label_map_what_it_does_not_know_and_nothing_else()
    {
        string dciodvfy = ExternalTools.Require("dciodvfy", Python.Installer);
        using var folder = new TemporaryFolder();
        DicomFile map = SegModuleTests.Written(folder, SegmentationType.LabelMap);
        string[] Errors(string path) => [.. ExternalTools.Run(dciodvfy, "-new", path).Output.Split('\n')
            .Where(line => line.StartsWith("Error", StringComparison.Ordinal)
                || line.Contains("not present in standard", StringComparison.Ordinal))];

        string[] own = Errors(map.Name);
        map.Dataset.SetText(Tags.SopClass, DicomVr.UI, "1.2.840.10008.5.1.4.1.1.66.4");
        DicomWriter.Write(map.Dataset, folder.File("older.dcm"));
        string[] older = Errors(folder.File("older.dcm"));

        // A newer release knows the object.
        Assert.All(own, line => Assert.Contains("Information Object Not found", line, StringComparison.Ordinal));
        Assert.NotEmpty(older);
        Assert.All(older, line => Assert.True(
            line.Contains("<LABELMAP>", StringComparison.Ordinal)
                || line.Contains("SegmentIdentificationSequence(0062,000a)> - Missing attribute", StringComparison.Ordinal),
            line));
    }

    /// <summary>The numbers of attributes are those of pydicom's dictionary: each has the representation that it has there.</summary>
    [Fact]
    public void Pydicom_gives_attributes_the_same_representations()
    {
        using var folder = new TemporaryFolder();
        DicomTag[] tags = [.. typeof(Tags).GetFields()
            .Select(field => (DicomTag)field.GetValue(null)!)
            .Where(tag => tag.Group != 0xFFFE)];
        string list = folder.Write(
            "tags.txt", System.Text.Encoding.ASCII.GetBytes(string.Join('\n', tags.Select(tag => $"{tag.Group:x4}{tag.Element:x4}"))));

        string[] lines = Pydicom(
            folder,
            "import sys\nfrom pydicom.datadict import dictionary_VR\n"
                + "for line in open(sys.argv[1]): print(dictionary_VR(int(line, 16)).replace(' or ', '|'))",
            list);

        Assert.Equal(tags.Length, lines.Length);
        Assert.Empty(tags.Zip(lines).Where(pair => !pair.Second.Split('|').Contains(DicomDictionary.Of(pair.First).ToString()))
            .Select(pair => $"{pair.First}: {DicomDictionary.Of(pair.First)}, not {pair.Second}"));
    }

    /// <summary>The tool that the test above trusts does find errors: in a segmentation without its type.</summary>
    [Fact]
    public void Dciodvfy_finds_an_error_where_there_is_one()
    {
        string dciodvfy = ExternalTools.Require("dciodvfy", Python.Installer);
        using var folder = new TemporaryFolder();
        DicomDataset data = SegModuleTests.Written(folder, SegmentationType.Binary).Dataset;
        data.SetText(Tags.SegmentationType, DicomVr.CS);
        string path = folder.File("broken.dcm");
        DicomWriter.Write(data, path);

        (_, string output) = ExternalTools.Run(dciodvfy, "-new", path);

        Assert.Contains("Error", output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Pydicom_reads_the_same_pixels_labels_and_positions(SegmentationType type)
    {
        using var folder = new TemporaryFolder();
        DicomFile file = SegModuleTests.Written(folder, type);
        var image = new DicomImage(file);
        var seg = new SegFile(file);

        string[] lines = Pydicom(folder, PydicomProgram, file.Name);

        Assert.Equal($"{type.ToString().ToUpperInvariant()} {image.Frames} ['Liver', 'Tumour']", lines[0]);
        Assert.Equal(MedicalFixtures.Sha256(Enumerable.Range(0, image.Frames).SelectMany(frame => image.Stored(frame))), lines[1]);
        string positions = string.Join(", ", seg.Frames.Select(frame => FormattableString.Invariant(
            $"[{frame.Geometry!.Position.X:0.0##}, {frame.Geometry.Position.Y:0.0##}, {frame.Geometry.Position.Z:0.0##}]")));
        Assert.Equal($"[{positions}]", lines[2]);
    }

    [Fact]
    public void Pydicom_reads_a_ct_slice_that_was_written_here()
    {
        using var folder = new TemporaryFolder();
        string[] paths = CtPhantom.Write(folder.File("ct"));
        DicomImage image = DicomImage.Read(paths[2]);

        string[] lines = Pydicom(
            folder,
            "import sys, hashlib, pydicom\nd = pydicom.dcmread(sys.argv[1])\n"
                + "print(hashlib.sha256(d.pixel_array.astype('<i4').tobytes()).hexdigest(), d.PixelSpacing)",
            paths[2]);

        Assert.Equal($"{MedicalFixtures.Sha256(image.Stored())} [0.8, 0.7]", lines[0]);
    }

    private static string[] Pydicom(TemporaryFolder folder, string program, string path)
    {
        string script = folder.Write("read.py", System.Text.Encoding.UTF8.GetBytes(program));
        return Python.Run("numpy, pydicom", script, path);
    }
}

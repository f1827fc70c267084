using MadgNet.Medical.Dicom;
using MadgNet.Medical.Seg;
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

    /// <summary>dicom3tools know no label maps yet: the object is new in the standard.</summary>
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

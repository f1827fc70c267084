using System.Text.Json;
using MadgNet.Core.Imaging;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Dicom;

/// <summary>Every public file, against what pydicom reads of it.</summary>
public class DicomExpectedValuesTests
{
    public static TheoryData<string> Readable => [.. MedicalFixtures.Names("dicom")
        .Where(name => MedicalFixtures.Expected(name).TryGetProperty("stored", out _) && name != "JPEG2000.dcm")];

    public static TheoryData<string> WithValues => [.. MedicalFixtures.Names("dicom")
        .Where(name => MedicalFixtures.Expected(name).TryGetProperty("modality", out _)
            && name is not ("JPEG2000.dcm" or "examples_palette.dcm"))];

    public static TheoryData<string> WithWindow => [.. MedicalFixtures.Names("dicom")
        .Where(name => MedicalFixtures.Expected(name).TryGetProperty("voi", out _))];

    public static TheoryData<string> WithHeader => [.. MedicalFixtures.Names("dicom")
        .Where(name => MedicalFixtures.Expected(name).TryGetProperty("Rows", out _))];

    [Theory]
    [MemberData(nameof(Readable))]
    public void Stored_values_are_those_of_pydicom_bit_for_bit(string name)
    {
        JsonElement expected = MedicalFixtures.Expected(name).GetProperty("stored");
        DicomImage image = DicomImage.Read(MedicalFixtures.PathOf(name));

        int[] values = [.. Enumerable.Range(0, image.Frames).SelectMany(frame => image.Stored(frame))];

        Assert.Equal(expected.GetProperty("sha256_int32_le").GetString(), MedicalFixtures.Sha256(values));
        Assert.Equal(expected.GetProperty("min").GetDouble(), values.Min());
        Assert.Equal(expected.GetProperty("max").GetDouble(), values.Max());
    }

    [Theory]
    [MemberData(nameof(WithValues))]
    public void Modality_values_are_those_of_pydicom(string name)
    {
        JsonElement expected = MedicalFixtures.Expected(name).GetProperty("modality");
        DicomImage image = DicomImage.Read(MedicalFixtures.PathOf(name));

        double[] values = [.. Enumerable.Range(0, image.Frames).SelectMany(frame => image.Values(frame))];

        double[] samples = MedicalFixtures.Doubles(expected.GetProperty("sample"));
        Assert.Equal(samples, MedicalFixtures.Samples(values, samples.Length));
        Assert.Equal(expected.GetProperty("mean").GetDouble(), values.Average(), 1e-9 * Math.Max(1, Math.Abs(values.Average())));
    }

    /// <summary>pydicom spreads a window over the range of all values that can be stored; here it is 0..1.</summary>
    [Theory]
    [MemberData(nameof(WithWindow))]
    public void Windowed_values_are_those_of_pydicom(string name)
    {
        JsonElement expected = MedicalFixtures.Expected(name).GetProperty("voi");
        DicomImage image = DicomImage.Read(MedicalFixtures.PathOf(name));
        ModalityTransform modality = image.Modality();
        (double low, double high) = (modality.Apply(image.Format.Minimum), modality.Apply(image.Format.Maximum));

        FloatImage windowed = image.Windowed();

        double[] values = [.. windowed.Data.ToArray().Select(value => image.Format.IsInverted ? 1 - (double)value : value)];
        double[] samples = [.. MedicalFixtures.Doubles(expected.GetProperty("sample")).Select(value => (value - low) / (high - low))];
        double[] ours = MedicalFixtures.Samples(values, samples.Length);
        for (int i = 0; i < samples.Length; i++)
        {
            // Single precision.
            Assert.Equal(samples[i], ours[i], 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(WithHeader))]
    public void The_header_is_that_of_pydicom(string name)
    {
        JsonElement expected = MedicalFixtures.Expected(name);
        DicomFile file = DicomFile.ReadHeader(MedicalFixtures.PathOf(name));

        Assert.Equal(expected.GetProperty("transfer_syntax").GetString(), file.TransferSyntax.Uid);
        Assert.Equal(expected.GetProperty("SOPClassUID").GetString(), file.SopClass);
        Assert.Equal(expected.GetProperty("Rows").GetInt32(), file.Dataset.Integer(new DicomTag(0x0028, 0x0010)));
        Assert.Equal(expected.GetProperty("Columns").GetInt32(), file.Dataset.Integer(new DicomTag(0x0028, 0x0011)));
        Assert.Equal(expected.GetProperty("PhotometricInterpretation").GetString(), file.Dataset.Text(new DicomTag(0x0028, 0x0004)));
        if (expected.TryGetProperty("PixelSpacing", out JsonElement spacing))
        {
            double[] values = MedicalFixtures.Doubles(spacing);
            Assert.Equal(new PixelSpacing(row: values[0], column: values[1]), FunctionalGroups.Spacing(file.Dataset, 0));
        }

        if (expected.TryGetProperty("ImagePositionPatient", out JsonElement position))
        {
            double[] point = MedicalFixtures.Doubles(position);
            double[] directions = MedicalFixtures.Doubles(expected.GetProperty("ImageOrientationPatient"));
            SliceGeometry geometry = FunctionalGroups.Geometry(file.Dataset, 0)!;
            Assert.Equal(new Point3(point[0], point[1], point[2]), geometry.Position);
            Assert.Equal(new Point3(directions[0], directions[1], directions[2]), geometry.AlongRow);
            Assert.Equal(new Point3(directions[3], directions[4], directions[5]), geometry.AlongColumn);
        }
    }

    [Theory]
    [InlineData("JPEG2000.dcm", MedicalFileFault.Unsupported, "JPEG 2000")]
    [InlineData("JPEGLSNearLossless_08.dcm", MedicalFileFault.Unsupported, "JPEG-LS Near-Lossless")]
    [InlineData("MR_truncated.dcm", MedicalFileFault.Damaged, "(7FE0,0010)")]
    [InlineData("badVR.dcm", MedicalFileFault.Damaged, "(0028,0008)")]
    public void What_cannot_be_read_is_refused_by_name(string name, MedicalFileFault fault, string named)
    {
        MedicalFileException refusal =
            Assert.Throws<MedicalFileException>(() => DicomImage.Read(MedicalFixtures.PathOf(name)).Stored());

        Assert.Equal(fault, refusal.Fault);
        Assert.Contains(named, refusal.Problem.Received, StringComparison.Ordinal);
        Assert.Equal(MedicalFixtures.PathOf(name), refusal.Name);
    }

    /// <summary>It begins with a stray byte, so that every tag is shifted: pydicom reads nothing of it either.</summary>
    [Fact]
    public void A_file_that_begins_with_a_stray_byte_is_no_dicom()
    {
        MedicalFileException refusal =
            Assert.Throws<MedicalFileException>(() => DicomFile.Read(MedicalFixtures.PathOf("no_meta.dcm")));

        Assert.Equal(MedicalFileFault.Foreign, refusal.Fault);
    }

    [Theory]
    [InlineData("CT_small.dcm")]
    [InlineData("MR_small_implicit.dcm")]
    [InlineData("MR_small_bigendian.dcm")]
    public void A_file_is_read_without_preamble_and_without_meta_information(string name)
    {
        byte[] content = File.ReadAllBytes(MedicalFixtures.PathOf(name));
        int meta = 132 + 12 + BitConverter.ToInt32(content, 140);
        string expected = MedicalFixtures.Expected(name).GetProperty("stored").GetProperty("sha256_int32_le").GetString()!;

        foreach (byte[] part in new[] { content[132..], content[meta..] })
        {
            var image = new DicomImage(DicomFile.Decode(part, "part"));
            Assert.Equal(expected, MedicalFixtures.Sha256(image.Stored()));
        }
    }

    [Fact]
    public void Bytes_in_words_of_a_big_endian_file_become_the_picture_of_its_little_endian_twin()
    {
        DicomImage little = DicomImage.Read(MedicalFixtures.PathOf("SC_rgb_small_odd.dcm"));
        DicomImage big = DicomImage.Read(MedicalFixtures.PathOf("SC_rgb_small_odd_big_endian.dcm"));

        Assert.Equal(little.Windowed().Data.ToArray(), big.Windowed().Data.ToArray());
    }

    [Fact]
    public void An_enhanced_image_states_geometry_frame_by_frame()
    {
        DicomImage image = DicomImage.Read(MedicalFixtures.PathOf("23x38x3_multiframe_mf.dcm"));
        for (int frame = 0; frame < 3; frame++)
        {
            SliceGeometry single = DicomImage.Read(MedicalFixtures.PathOf($"23x38x3_image_IMG000{frame + 1}.dcm")).Geometry()!;
            SliceGeometry geometry = image.Geometry(frame)!;
            Assert.Equal(single.Position.X, geometry.Position.X, 1e-9);
            Assert.Equal(single.Position.Y, geometry.Position.Y, 1e-9);
            Assert.Equal(single.Position.Z, geometry.Position.Z, 1e-9);
            Assert.Equal(single.Spacing, geometry.Spacing);
        }
    }

    [Fact]
    public void Frames_of_a_dose_lie_at_their_offsets()
    {
        DicomImage image = DicomImage.Read(MedicalFixtures.PathOf("rtdose.dcm"));

        Assert.Equal(15, image.Frames);
        Assert.NotEqual(image.Geometry(0)!.Position.Z, image.Geometry(14)!.Position.Z);
    }
}

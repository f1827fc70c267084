using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using MadgNet.Medical.Nifti;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Nifti;

public class NiftiVolumeTests
{
    public static TheoryData<string> Files => [.. MedicalFixtures.Names("nifti")];

    [Theory]
    [MemberData(nameof(Files))]
    public void Values_and_affine_are_those_of_nibabel(string name)
    {
        JsonElement expected = MedicalFixtures.Expected(name);
        NiftiVolume volume = NiftiVolume.Read(MedicalFixtures.PathOf(name));

        JsonElement values = expected.GetProperty("values");
        int[] shape = [.. values.GetProperty("shape").EnumerateArray().Select(length => length.GetInt32())];
        Assert.Equal(shape, volume.Header.Shape);
        Assert.Equal(expected.GetProperty("axcodes").GetString(), volume.Header.Affine.AxisCodes);
        double[] affine = [.. expected.GetProperty("affine").EnumerateArray().SelectMany(MedicalFixtures.Doubles)];
        for (int i = 0; i < 16; i++)
        {
            Assert.Equal(affine[i], volume.Header.Affine[i / 4, i % 4], 1e-9);
        }

        double[] samples = MedicalFixtures.Doubles(values.GetProperty("sample"));
        double[] ours = MedicalFixtures.Samples(LastAxisFastest(volume), samples.Length);
        for (int i = 0; i < samples.Length; i++)
        {
            Assert.Equal(samples[i], ours[i], 1e-9);
        }

        if (values.GetProperty("mean").ValueKind == JsonValueKind.Number)
        {
            Assert.Equal(values.GetProperty("mean").GetDouble(), volume.Values().Average(), 1e-6);
        }
    }

    [Theory]
    [InlineData(NiftiType.UInt8, 1)]
    [InlineData(NiftiType.Int8, 1)]
    [InlineData(NiftiType.Int16, 1)]
    [InlineData(NiftiType.UInt16, 2)]
    [InlineData(NiftiType.Int32, 1)]
    [InlineData(NiftiType.UInt32, 2)]
    [InlineData(NiftiType.Int64, 1)]
    [InlineData(NiftiType.UInt64, 2)]
    [InlineData(NiftiType.Float32, 1)]
    [InlineData(NiftiType.Float64, 2)]
    public void Every_type_is_read_in_both_byte_orders(NiftiType type, int version)
    {
        double[] numbers = type switch
        {
            NiftiType.UInt8 or NiftiType.UInt16 or NiftiType.UInt32 or NiftiType.UInt64 => [0, 1, 200, 7],
            NiftiType.Int8 => [0, -1, 100, 7],
            _ => [0, -1, 200, 7],
        };
        foreach (bool big in new[] { false, true })
        {
            byte[] content = NiftiBuilder.Build(type, version, big, [2, 2, 1], numbers);

            NiftiVolume volume = NiftiVolume.Decode(content, "built");

            Assert.Equal(version, volume.Header.Version);
            Assert.Equal(numbers.Select(number => (number * 2) + 1), volume.Values());
            Assert.Equal(new Point3(-4, 5, 6), volume.Header.Affine.Origin);
        }
    }

    [Fact]
    public void A_pair_of_header_and_image_is_one_volume()
    {
        using var folder = new TemporaryFolder();
        byte[] content = File.ReadAllBytes(MedicalFixtures.PathOf("anatomical.nii"));
        byte[] header = content[..348];
        header[345] = (byte)'i';
        BinaryPrimitives.WriteSingleBigEndian(header.AsSpan(108), 0);
        string path = folder.Write("brain.hdr", header);
        string image = folder.Write("brain.img", content[352..]);
        double[] expected = NiftiVolume.Read(MedicalFixtures.PathOf("anatomical.nii")).Values();

        Assert.Equal(expected, NiftiVolume.Read(path).Values());
        Assert.Equal(expected, NiftiVolume.Read(image).Values());
    }

    [Theory]
    [InlineData("masks.nii")]
    [InlineData("masks.nii.gz")]
    public void What_is_written_is_read_with_the_same_values_and_affine(string name)
    {
        using var folder = new TemporaryFolder();
        NiftiVolume source = NiftiVolume.Read(MedicalFixtures.PathOf("anatomical.nii"));
        byte[] mask = [.. source.Values().Select(value => value > 8000 ? (byte)1 : (byte)0)];
        float[] floats = [.. source.Values().Select(value => (float)value)];
        string path = folder.File(name);

        NiftiWriter.WriteBytes(path, mask, source.Header.Shape, source.Header.Affine);
        NiftiVolume masks = NiftiVolume.Read(path);
        NiftiWriter.WriteFloats(path, floats, source.Header.Shape, source.Header.Affine);
        NiftiVolume numbers = NiftiVolume.Read(path);

        Assert.Equal(source.Header.Affine, masks.Header.Affine);
        Assert.Equal(source.Header.Shape, masks.Header.Shape);
        Assert.Equal(mask.Select(value => (double)value), masks.Values());
        Assert.Equal(floats.Select(value => (double)value), numbers.Values());
        Assert.Equal([name], folder.Files);
    }

    [Fact]
    public void A_packed_file_that_unpacks_to_more_than_allowed_is_refused()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(new byte[1 << 20]);
        }

        MedicalFileException refusal = Assert.Throws<MedicalFileException>(
            () => NiftiVolume.Decode(packed.ToArray(), "bomb", new NiftiReadOptions { MaximumBytes = 1 << 18 }));

        Assert.Equal(MedicalFileFault.TooLarge, refusal.Fault);
    }

    [Fact]
    public void A_header_that_claims_more_than_the_file_has_is_refused_before_anything_is_allocated()
    {
        byte[] content = NiftiBuilder.Build(NiftiType.Float64, 1, false, [2, 2, 1], [1, 2, 3, 4]);
        BinaryPrimitives.WriteInt16LittleEndian(content.AsSpan(42), short.MaxValue);
        BinaryPrimitives.WriteInt16LittleEndian(content.AsSpan(44), short.MaxValue);
        long before = GC.GetAllocatedBytesForCurrentThread();

        MedicalFileException refusal = Assert.Throws<MedicalFileException>(() => NiftiVolume.Decode(content, "lying"));

        Assert.Equal(MedicalFileFault.Damaged, refusal.Fault);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void An_analyze_header_is_refused_because_it_does_not_say_left_and_right()
    {
        byte[] content = new byte[400];
        BinaryPrimitives.WriteInt32LittleEndian(content, 348);

        MedicalFileException refusal = Assert.Throws<MedicalFileException>(() => NiftiVolume.Decode(content, "old.hdr"));

        Assert.Contains("ANALYZE", refusal.Message, StringComparison.Ordinal);
    }

    private static double[] LastAxisFastest(NiftiVolume volume)
    {
        IReadOnlyList<int> shape = volume.Header.Shape;
        var result = new double[volume.Header.Count];
        var index = new int[shape.Count];
        for (int i = 0; i < result.Length; i++)
        {
            long at = 0;
            long step = 1;
            for (int axis = 0; axis < shape.Count; axis++)
            {
                at += index[axis] * step;
                step *= shape[axis];
            }

            result[i] = volume[at];
            for (int axis = shape.Count - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--)
            {
                index[axis] = 0;
            }
        }

        return result;
    }
}

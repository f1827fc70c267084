using System.Text;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Imaging;

public sealed class NpyFileTests
{
    [Fact]
    public void The_bytes_are_those_of_the_format_description()
    {
        // numpy.lib.format: magic, version 1.0, little-endian header length, an ASCII dictionary padded with spaces and
        // ended by a line feed so that all of it is a multiple of 64, then the values.
        var image = new FloatImage(1, 2, 3, [0, 1, -2, 0.5f, float.NaN, float.PositiveInfinity]);
        using var stream = new MemoryStream();
        NpyFile.Write(image, stream);

        byte[] bytes = stream.ToArray();
        Assert.Equal([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, 118, 0], bytes[..10]);
        string header = Encoding.ASCII.GetString(bytes, 10, 118);
        Assert.Equal("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", header.TrimEnd(' ', '\n'));
        Assert.EndsWith(" \n", header);
        Assert.Equal(128 + (6 * 4), bytes.Length);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F], bytes[128..144]);
    }

    [Theory]
    [InlineData(1, "(4, 5)")]
    [InlineData(3, "(3, 4, 5)")]
    public void One_plane_has_two_dimensions_and_several_have_three(int planes, string shape)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("map.npy");
        var image = new FloatImage(planes, 4, 5, [.. Enumerable.Range(0, planes * 20).Select(i => i / 7f)]);
        NpyFile.Write(image, path);

        Assert.Contains($"'shape': {shape}", Encoding.Latin1.GetString(File.ReadAllBytes(path)));
        FloatImage read = NpyFile.Read(path).ToImage();
        Assert.Equal((planes, 4, 5), (read.Channels, read.Height, read.Width));
        Assert.Equal(image.Data.ToArray(), read.Data.ToArray());
        Assert.Equal(["map.npy"], folder.Files);
    }

    [Theory]
    [InlineData(new int[0], "()")]
    [InlineData(new[] { 6 }, "(6,)")]
    [InlineData(new[] { 1, 2, 3, 1 }, "(1, 2, 3, 1)")]
    [InlineData(new[] { 2, 0 }, "(2, 0)")]
    public void Every_shape_comes_back(int[] shape, string written)
    {
        var array = new NpyArray(shape, [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(i => (float)i)]);
        using var stream = new MemoryStream();
        NpyFile.Write(array, stream);

        Assert.Contains($"'shape': {written}, }}", Encoding.Latin1.GetString(stream.ToArray()));
        NpyArray read = NpyFile.Decode(stream.ToArray(), "memory");
        Assert.Equal(shape, read.Shape);
        Assert.Equal(array.Values.ToArray(), read.Values.ToArray());
        Assert.Equal(0, stream.Length % 4);
    }

    [Theory]
    [InlineData("<f2", new byte[] { 0x00, 0x3C, 0x00, 0xC0 }, 1f, -2f)]
    [InlineData("<f4", new byte[] { 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0 }, 1f, -2f)]
    [InlineData("<f8", new byte[] { 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0 }, 1f, -2f)]
    [InlineData("|u1", new byte[] { 7, 255 }, 7f, 255f)]
    [InlineData("|b1", new byte[] { 0, 1 }, 0f, 1f)]
    public void Other_number_types_are_read_as_floats(string type, byte[] data, float first, float second)
    {
        NpyArray array = NpyFile.Decode(Content($"{{'shape': (2,), \"fortran_order\": False, 'descr': '{type}'}}", data), "memory");
        Assert.Equal([first, second], array.Values.ToArray());
    }

    [Fact]
    public void The_versions_with_a_longer_length_are_read()
    {
        byte[] header = Encoding.ASCII.GetBytes("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1), }\n");
        foreach (byte version in (byte[])[2, 3])
        {
            byte[] content = [0x93, .. "NUMPY"u8, version, 0, (byte)header.Length, 0, 0, 0, .. header, 9];
            Assert.Equal(9, NpyFile.Decode(content, "memory").ToImage()[0, 0, 0]);
        }
    }

    [Theory]
    [InlineData("<f4", "00004040")]
    [InlineData(">f4", "40400000")]
    [InlineData("<f2", "0042")]
    [InlineData(">f8", "4008000000000000")]
    [InlineData("|i1", "03")]
    [InlineData("<i2", "0300")]
    [InlineData(">u2", "0003")]
    [InlineData("<u4", "03000000")]
    [InlineData(">i4", "00000003")]
    [InlineData("<i8", "0300000000000000")]
    [InlineData(">u8", "0000000000000003")]
    public void Numbers_of_every_type_and_byte_order_are_read(string type, string three)
    {
        byte[] header = Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': (1,), }}\n");
        byte[] content = [0x93, .. "NUMPY"u8, 2, 0, (byte)header.Length, 0, 0, 0, .. header, .. Convert.FromHexString(three)];
        Assert.Equal([3f], NpyFile.Decode(content, "memory").Values.ToArray());
    }

    [Fact]
    public void An_array_in_Fortran_order_is_the_same_array()
    {
        byte[] header = Encoding.ASCII.GetBytes("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2), }\n");

        // numpy.arange(12).reshape(2, 3, 2) as numpy.asfortranarray stores it.
        byte[] content = [0x93, .. "NUMPY"u8, 2, 0, (byte)header.Length, 0, 0, 0, .. header, 0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11];
        Assert.Equal(Enumerable.Range(0, 12).Select(i => (float)i), NpyFile.Decode(content, "memory").Values.ToArray());
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 7, "7 bytes of values")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 9, "9 bytes of values")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", 8, "'|O'")]
    [InlineData("{'descr': '>c8', 'fortran_order': False, 'shape': (1,), }", 8, "'>c8'")]
    [InlineData("{'descr': '<f4', 'fortran_order': None, 'shape': (2,), }", 8, "neither True nor False")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", 8, "no tuple of whole numbers")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }", 8, "no tuple of whole numbers")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 65536, 65536, 65536), }", 8, "at most")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': 2, }", 8, "no '('")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, }", 8, "not all of")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8, "the key 'descr'")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", 8, "a text between quotes")]
    [InlineData("{'descr': '<f4", 8, "without its end")]
    [InlineData("", 8, "no '{'")]
    public void What_cannot_be_read_is_refused_with_its_reason(string header, int bytes, string reason)
    {
        ImageReadException refused = Assert.Throws<ImageReadException>(() => NpyFile.Decode(Content(header, new byte[bytes]), "map.npy"));
        Assert.Contains(reason, refused.Message);
        Assert.Equal("map.npy", refused.Name);
    }

    [Fact]
    public void Other_content_and_other_versions_are_refused()
    {
        foreach (byte[] content in (byte[][])[
            [],
            "PK\u0003\u0004 something else"u8.ToArray(),
            [0x93, .. "NUMPY"u8],
            [0x93, .. "NUMPY"u8, 2, 0, 1, 0],
            [0x93, .. "NUMPY"u8, 9, 0, 1, 0, 0, 0],
            [0x93, .. "NUMPY"u8, 2, 0, 255, 255, 255, 255, 0]
        ])
        {
            Assert.Throws<ImageReadException>(() => NpyFile.Decode(content, "map.npy"));
        }

        Assert.Contains(
            "no such file",
            Assert.Throws<ImageReadException>(() => NpyFile.Read(Path.Combine(Path.GetTempPath(), "absent", "map.npy"))).Message);
    }

    [Fact]
    public void A_shape_that_is_no_picture_says_so()
    {
        Assert.Throws<InvalidOperationException>(() => new NpyArray([4], new float[4]).ToImage());
        Assert.Throws<InvalidOperationException>(() => new NpyArray([2, 0], []).ToImage());
        Assert.Throws<ArgumentException>(() => new NpyArray([2, 2], new float[3]));
        Assert.Throws<ArgumentException>(() => new NpyArray([int.MaxValue, int.MaxValue, int.MaxValue, 0, 3], new float[3]));
    }

    private static byte[] Content(string header, byte[] data)
    {
        byte[] text = Encoding.ASCII.GetBytes(header);
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)(text.Length & 255), (byte)(text.Length >> 8), .. text, .. data];
    }
}

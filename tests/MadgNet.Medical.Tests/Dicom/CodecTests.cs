using System.Buffers.Binary;
using System.Text;
using MadgNet.Core.Data;
using MadgNet.Medical.Dicom;
using MadgNet.Medical.Series;
using MadgNet.Medical.Tests.Support;

namespace MadgNet.Medical.Tests.Dicom;

/// <summary>Compressions: what is refused and how, and what a host's own codec is given and may give back.</summary>
public class CodecTests
{
    public static TheoryData<string, string> Refused => new()
    {
        { "1.2.840.10008.1.2.4.57", "JPEG Lossless" },
        { "1.2.840.10008.1.2.4.70", "JPEG Lossless" },
        { "1.2.840.10008.1.2.4.80", "JPEG-LS Lossless" },
        { "1.2.840.10008.1.2.4.81", "JPEG-LS Near-Lossless" },
        { "1.2.840.10008.1.2.4.90", "JPEG 2000 Lossless" },
        { "1.2.840.10008.1.2.4.91", "JPEG 2000" },
        { "1.2.840.10008.1.2.4.100", "MPEG-2" },
        { "1.2.840.10008.1.2.4.102", "H.264" },
        { "1.2.840.10008.1.2.4.107", "H.265" },
        { "1.2.840.10008.1.2.4.110", "JPEG XL Lossless" },
        { "1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless" },
        { "1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000" },
        { "1.2.3.4.5", "unknown transfer syntax (1.2.3.4.5)" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_compression_that_nobody_unpacks_is_refused_by_its_name_with_the_cure(string uid, string name)
    {
        byte[] content = Compressed(uid, [1, 2, 3, 4]);

        MedicalFileException refusal = Assert.Throws<MedicalFileException>(() => new DicomImage(DicomFile.Decode(content, "a.dcm")));

        Assert.Equal((MedicalFileFault.Unsupported, "a.dcm"), (refusal.Fault, refusal.Name));
        Assert.Contains(name, refusal.Problem.Received, StringComparison.Ordinal);
        Assert.Contains("dcmdjpeg", refusal.Problem.Remedy, StringComparison.Ordinal);
        Assert.Contains("Codecs", refusal.Problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hosts_codec_unpacks_what_is_refused_without_it()
    {
        using var folder = new TemporaryFolder();
        var codec = new PlusOne("1.2.3.4.5");
        var options = new DicomReadOptions { Codecs = [codec] };
        string path = folder.Write("a.dcm", Compressed("1.2.3.4.5", [1, 2], [3, 4], [5, 6], [7, 8]));

        DicomImage image = DicomImage.Read(path, options);

        Assert.Equal([2, 3, 4, 5], image.Stored(0));
        Assert.Equal([6, 7, 8, 9], image.Stored(1));
        Assert.Equal((2, 2, 1), (codec.Last!.Rows, codec.Last.Columns, codec.Last.Frames));
        Assert.DoesNotContain(
            DicomSeries.Load(path, options).Findings, finding => finding.Kind == FindingKind.UnsupportedFormat);
        Assert.Contains(DicomSeries.Load(path).Findings, finding => finding.Kind == FindingKind.UnsupportedFormat);
    }

    /// <summary>A host's codec is asked before the built-in ones.</summary>
    [Fact]
    public void A_hosts_codec_may_take_the_place_of_a_built_in_one()
    {
        byte[] content = Compressed("1.2.840.10008.1.2.5", [1, 2, 3, 4], [5, 6, 7, 8]);
        var options = new DicomReadOptions { Codecs = [new PlusOne("1.2.840.10008.1.2.5")] };

        Assert.Equal([2, 3, 4, 5], new DicomImage(DicomFile.Decode(content, "a.dcm"), options).Stored());
    }

    [Theory]
    [InlineData("damaged", MedicalFileFault.Damaged, "no such code")]
    [InlineData("refused", MedicalFileFault.Unsupported, "not this kind")]
    [InlineData("short", MedicalFileFault.Damaged, "3 bytes instead of 4")]
    public void What_a_codec_says_or_does_wrong_is_told_of_the_file(string what, MedicalFileFault fault, string named)
    {
        var options = new DicomReadOptions { Codecs = [new PlusOne("1.2.3.4.5") { Failure = what }] };
        var image = new DicomImage(DicomFile.Decode(Compressed("1.2.3.4.5", [1, 2, 3, 4], [5, 6, 7, 8]), "a.dcm"), options);

        MedicalFileException refusal = Assert.Throws<MedicalFileException>(() => image.Stored());

        Assert.Equal((fault, "a.dcm"), (refusal.Fault, refusal.Name));
        Assert.Contains(named, refusal.Problem.Received, StringComparison.Ordinal);
    }

    [Fact]
    public void Jpeg_of_twelve_bits_is_refused_by_its_name()
    {
        byte[] content = Compressed("1.2.840.10008.1.2.4.51", [0xFF, 0xD8, 0xFF, 0xD9], [0xFF, 0xD8, 0xFF, 0xD9]);
        Patch(content, [0x28, 0, 0x00, 0x01], 16);
        Patch(content, [0x28, 0, 0x01, 0x01], 12);
        Patch(content, [0x28, 0, 0x02, 0x01], 11);

        MedicalFileException refusal = Assert.Throws<MedicalFileException>(
            () => new DicomImage(DicomFile.Decode(content, "a.dcm")).Stored());

        Assert.Equal(MedicalFileFault.Unsupported, refusal.Fault);
        Assert.Contains("JPEG of 12 bits", refusal.Problem.Received, StringComparison.Ordinal);
    }

    /// <summary>Two frames of 2×2 pixels whose fragments are given; of more fragments an offset table tells the first.</summary>
    private static byte[] Compressed(string uid, params byte[][] fragments)
    {
        DicomDataset data = CtPhantom.Slice(0, 1, 2, 2, 1)
            .SetNumbers(Tags.NumberOfFrames, DicomVr.IS, 2)
            .SetNumbers(Tags.BitsAllocated, DicomVr.US, 8)
            .SetNumbers(Tags.BitsStored, DicomVr.US, 8)
            .SetNumbers(Tags.HighBit, DicomVr.US, 7)
            .SetBytes(Tags.PixelData, DicomVr.OB, []);
        byte[] plain = DicomWriter.Encode(data);
        byte[] explicitUid = Encoding.ASCII.GetBytes("1.2.840.10008.1.2.1\0");
        int at = plain.AsSpan().IndexOf(explicitUid);
        byte[] own = Encoding.ASCII.GetBytes(uid.Length % 2 == 0 ? uid : uid + "\0");
        BinaryPrimitives.WriteUInt16LittleEndian(plain.AsSpan(at - 2), (ushort)own.Length);
        int groupLength = 140;
        BinaryPrimitives.WriteInt32LittleEndian(
            plain.AsSpan(groupLength), BinaryPrimitives.ReadInt32LittleEndian(plain.AsSpan(groupLength)) + own.Length - explicitUid.Length);
        int pixels = plain.Length - 12;
        BinaryPrimitives.WriteUInt32LittleEndian(plain.AsSpan(pixels + 8), uint.MaxValue);
        int perFrame = fragments.Length / 2;
        byte[] table = perFrame < 2 ? [] : [0, 0, 0, 0, (byte)fragments.Take(perFrame).Sum(fragment => 8 + fragment.Length), 0, 0, 0];
        return
        [
            .. plain[..at], .. own, .. plain[(at + explicitUid.Length)..], .. Item(table), .. fragments.SelectMany(Item), 0xFE, 0xFF, 0xDD,
            0xE0, 0, 0, 0, 0,
        ];
    }

    private static byte[] Item(byte[] content) => [0xFE, 0xFF, 0x00, 0xE0, (byte)content.Length, 0, 0, 0, .. content];

    private static void Patch(byte[] content, byte[] tag, byte value)
    {
        int at = content.AsSpan().IndexOf(tag);
        content[at + 8] = value;
    }

    /// <summary>Adds one to every byte.</summary>
    private sealed class PlusOne(string uid) : IDicomCodec
    {
        public string? Failure { get; init; }

        public DicomPixelFormat? Last { get; private set; }

        public bool Supports(TransferSyntax transferSyntax) => transferSyntax.Uid == uid;

        public byte[] Decode(ReadOnlyMemory<byte> frame, DicomPixelFormat format)
        {
            Last = format;
            return Failure switch
            {
                "damaged" => throw new InvalidDataException("no such code"),
                "refused" => throw new NotSupportedException("not this kind"),
                "short" => new byte[3],
                _ => [.. frame.ToArray().Select(value => (byte)(value + 1))],
            };
        }
    }
}

using System.Buffers.Binary;
using MadgNet.Core.Imaging;

namespace MadgNet.Medical.Dicom;

/// <summary>Unpacks JPEG of 8 bits with the image codec of MadgNet.Core.</summary>
internal sealed class JpegCodec : IDicomCodec
{
    private const byte Start = 0xD8;
    private const byte Scan = 0xDA;
    private const byte FirstApplication = 0xE0;
    private const byte AdobeApplication = 0xEE;
    private const byte LastApplication = 0xEF;

    /// <summary>Tells the decoder that components are stored as they are: it then leaves luma and colour differences alone.</summary>
    private static readonly byte[] NoTransform = [0xFF, AdobeApplication, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0];

    private readonly ImageReader _reader = new();

    public bool Supports(TransferSyntax transferSyntax) =>
        transferSyntax == TransferSyntax.JpegBaseline || transferSyntax.Uid == "1.2.840.10008.1.2.4.51";

    public byte[] Decode(ReadOnlyMemory<byte> frame, DicomPixelFormat format)
    {
        ReadOnlySpan<byte> data = frame.Span;
        if (data.Length < 4 || data[0] != 0xFF || data[1] != Start)
        {
            throw new InvalidDataException("compressed pixels that are no JPEG");
        }

        if (format.BitsAllocated != 8)
        {
            throw new NotSupportedException($"JPEG of {format.BitsStored} bits");
        }

        byte[] stream = Rewrite(data, raw: format.SamplesPerPixel == 3 && format.Photometric != "RGB");
        PixelImage image;
        try
        {
            image = _reader.Decode(stream, "frame.jpg", new ImageReadOptions
            {
                MaximumPixels = (long)format.Rows * format.Columns,
            });
        }
        catch (ImageReadException error)
        {
            throw new InvalidDataException($"JPEG that cannot be unpacked ({error.Problem.Received})", error);
        }

        if (image.Width != format.Columns || image.Height != format.Rows || image.Channels != format.SamplesPerPixel)
        {
            throw new InvalidDataException(
                $"JPEG of {image.Width}×{image.Height} pixels with {image.Channels} values for {format.Columns}×{format.Rows} with "
                    + $"{format.SamplesPerPixel}");
        }

        return image.Bytes.ToArray();
    }

    /// <summary>
    /// The stream without its application segments, which could turn the image or change its colours, and where raw values are wanted
    /// with one that keeps them.
    /// </summary>
    private static byte[] Rewrite(ReadOnlySpan<byte> data, bool raw)
    {
        using var result = new MemoryStream(data.Length + NoTransform.Length);
        result.Write(data[..2]);
        if (raw)
        {
            result.Write(NoTransform);
        }

        int at = 2;
        while (at + 4 <= data.Length && data[at] == 0xFF && data[at + 1] != Scan)
        {
            byte marker = data[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }

            int length = 2 + BinaryPrimitives.ReadUInt16BigEndian(data[(at + 2)..]);
            if (at + length > data.Length)
            {
                throw new InvalidDataException("JPEG with a segment that goes beyond its end");
            }

            bool isApplication = marker is >= FirstApplication and <= LastApplication;
            bool dropped = isApplication && (raw || marker is not (FirstApplication or AdobeApplication));
            if (!dropped)
            {
                result.Write(data.Slice(at, length));
            }

            at += length;
        }

        result.Write(data[at..]);
        return result.ToArray();
    }
}

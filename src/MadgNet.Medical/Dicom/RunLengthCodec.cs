using System.Buffers.Binary;

namespace MadgNet.Medical.Dicom;

/// <summary>Unpacks RLE Lossless (PS3.5, annex G): a segment of run-length codes for every byte of every sample.</summary>
internal sealed class RunLengthCodec : IDicomCodec
{
    private const int HeaderLength = 64;

    public bool Supports(TransferSyntax transferSyntax) => transferSyntax == TransferSyntax.RunLength;

    public byte[] Decode(ReadOnlyMemory<byte> frame, DicomPixelFormat format)
    {
        ReadOnlySpan<byte> data = frame.Span;
        int bytes = format.BitsAllocated / 8;
        int segments = format.SamplesPerPixel * bytes;
        if (format.BitsAllocated == 1)
        {
            throw new InvalidDataException("single bits as run-length codes, which the standard does not know");
        }

        if (data.Length < HeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(data) != segments)
        {
            throw new InvalidDataException($"run-length codes without their {segments} segments");
        }

        // A run of 128 equal bytes takes two: less than that cannot fill the frame, and nothing is allocated for it.
        if (format.FrameBytes > 64L * data.Length)
        {
            throw new InvalidDataException($"{data.Length} bytes of run-length codes for {format.FrameBytes} bytes of pixels");
        }

        var result = new byte[format.FrameBytes];
        int pixels = format.Rows * format.Columns;
        for (int segment = 0; segment < segments; segment++)
        {
            long start = BinaryPrimitives.ReadUInt32LittleEndian(data[(4 + (segment * 4))..]);
            long end = segment + 1 < segments ? BinaryPrimitives.ReadUInt32LittleEndian(data[(8 + (segment * 4))..]) : data.Length;
            if (start < HeaderLength || start > end || end > data.Length)
            {
                throw new InvalidDataException("a segment of run-length codes outside of its frame");
            }

            // The highest byte of a sample comes first in the file, and last in memory.
            int sample = segment / bytes;
            int position = (sample * bytes) + (bytes - 1 - (segment % bytes));
            Unpack(data[(int)start..(int)end], result, position, format.SamplesPerPixel * bytes, pixels);
        }

        return result;
    }

    private static void Unpack(ReadOnlySpan<byte> codes, byte[] target, int at, int step, int count)
    {
        int read = 0;
        while (count > 0)
        {
            if (read >= codes.Length)
            {
                throw new InvalidDataException("run-length codes that end before their frame is full");
            }

            int code = (sbyte)codes[read++];
            if (code >= 0)
            {
                int length = Math.Min(code + 1, count);
                if (read + length > codes.Length)
                {
                    throw new InvalidDataException("run-length codes that end before their frame is full");
                }

                for (int i = 0; i < length; i++, at += step)
                {
                    target[at] = codes[read + i];
                }

                read += code + 1;
                count -= length;
            }
            else if (code != -128)
            {
                if (read >= codes.Length)
                {
                    throw new InvalidDataException("run-length codes that end before their frame is full");
                }

                byte value = codes[read++];
                int length = Math.Min(1 - code, count);
                for (int i = 0; i < length; i++, at += step)
                {
                    target[at] = value;
                }

                count -= length;
            }
        }
    }
}

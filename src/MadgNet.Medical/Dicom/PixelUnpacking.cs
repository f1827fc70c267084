using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MadgNet.Medical.Dicom;

/// <summary>Turns the bytes of pixels that are not compressed into numbers.</summary>
internal static class PixelUnpacking
{
    /// <summary>The bytes that all frames take in the file.</summary>
    public static long Length(DicomPixelFormat format)
    {
        long values = format.FrameValues;
        long bits = format.IsSubsampled ? values / 3 * 2 * format.BitsAllocated : values * format.BitsAllocated;
        return ((bits * format.Frames) + 7) / 8;
    }

    /// <summary>Unpacks one frame.</summary>
    /// <param name="bytes">The pixels of all frames.</param>
    /// <param name="format">How they are stored.</param>
    /// <param name="frame">The frame, from 0.</param>
    /// <param name="bigEndian">Whether words have their highest byte first.</param>
    /// <param name="swapBytes">Whether bytes lie swapped in words: 8-bit pixels as words of a big endian file.</param>
    /// <returns>Rows from top to bottom, the values of a pixel after one another.</returns>
    public static int[] Unpack(ReadOnlySpan<byte> bytes, DicomPixelFormat format, int frame, bool bigEndian, bool swapBytes)
    {
        int count = (int)format.FrameValues;
        int[] target = GC.AllocateUninitializedArray<int>(count);
        if (format.BitsAllocated == 1)
        {
            long first = (long)frame * count;
            for (int i = 0; i < count; i++)
            {
                long bit = first + i;
                target[i] = (bytes[(int)(bit >> 3)] >> (int)(bit & 7)) & 1;
            }

            return target;
        }

        if (format.IsSubsampled)
        {
            Subsampled(bytes, frame, target, swapBytes);
            return target;
        }

        int size = format.BitsAllocated / 8;
        long start = (long)frame * count * size;
        switch (size)
        {
            case 1 when swapBytes:
                for (int i = 0; i < count; i++)
                {
                    target[i] = bytes[(int)((start + i) ^ 1)];
                }

                break;
            case 1:
                for (int i = 0; i < count; i++)
                {
                    target[i] = bytes[(int)start + i];
                }

                break;
            case 2:
                Words(bytes.Slice((int)start, count * 2), bigEndian, target);
                break;
            default:
                ReadOnlySpan<byte> wide = bytes.Slice((int)start, count * 4);
                for (int i = 0; i < count; i++)
                {
                    target[i] = bigEndian
                        ? BinaryPrimitives.ReadInt32BigEndian(wide[(i * 4)..])
                        : BinaryPrimitives.ReadInt32LittleEndian(wide[(i * 4)..]);
                }

                break;
        }

        Mask(target, format);
        return format is { SamplesPerPixel: 3, IsPlanar: true } ? Interleave(target) : target;
    }

    private static void Words(ReadOnlySpan<byte> bytes, bool bigEndian, int[] target)
    {
        ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(bytes);
        if (bigEndian == BitConverter.IsLittleEndian)
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = BinaryPrimitives.ReverseEndianness(words[i]);
            }
        }
        else
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = words[i];
            }
        }
    }

    /// <summary>Keeps the stored bits, which may lie above others (overlays of old files), and extends the sign.</summary>
    private static void Mask(int[] target, DicomPixelFormat format)
    {
        int up = 31 - format.HighBit;
        int down = 32 - format.BitsStored;
        if (format.IsSigned)
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = target[i] << up >> down;
            }
        }
        else if (format.BitsStored < 32 && (format.BitsStored < format.BitsAllocated || format.BitsAllocated == 32))
        {
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = (int)((uint)target[i] << up >> down);
            }
        }
    }

    /// <summary>Two pixels lie as Y, Y, Cb, Cr.</summary>
    private static void Subsampled(ReadOnlySpan<byte> bytes, int frame, int[] target, bool swapBytes)
    {
        int swap = swapBytes ? 1 : 0;
        int at = (int)((long)frame * (target.Length / 3) * 2);
        for (int i = 0; i < target.Length; i += 3)
        {
            int pair = at + (i / 6 * 4);
            target[i] = bytes[(pair + (i / 3 % 2)) ^ swap];
            target[i + 1] = bytes[(pair + 2) ^ swap];
            target[i + 2] = bytes[(pair + 3) ^ swap];
        }
    }

    private static int[] Interleave(int[] planes)
    {
        var result = new int[planes.Length];
        int plane = planes.Length / 3;
        for (int i = 0; i < plane; i++)
        {
            result[i * 3] = planes[i];
            result[(i * 3) + 1] = planes[plane + i];
            result[(i * 3) + 2] = planes[(plane * 2) + i];
        }

        return result;
    }
}

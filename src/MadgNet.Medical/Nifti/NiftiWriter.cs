using System.Buffers.Binary;
using System.IO.Compression;

namespace MadgNet.Medical.Nifti;

/// <summary>Writes NIfTI-1 files: one file, packed by gzip where its name ends with .gz.</summary>
public static class NiftiWriter
{
    private const int HeaderLength = 352;

    /// <summary>Writes labels or masks: bytes, with the affine of their source.</summary>
    /// <param name="path">The file to create or replace, <c>.nii</c> or <c>.nii.gz</c>; its folder must exist.</param>
    /// <param name="values">The values, the first axis running fastest.</param>
    /// <param name="shape">The lengths of one to seven axes, each at most 32767.</param>
    /// <param name="affine">Where voxels lie, usually <see cref="NiftiHeader.Affine"/> of the source.</param>
    /// <exception cref="ArgumentException">The values do not fit the shape, or the shape is none of the format's.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public static void WriteBytes(string path, ReadOnlyMemory<byte> values, IReadOnlyList<int> shape, Affine affine) =>
        Write(path, Header(shape, affine, NiftiType.UInt8, values.Length), stream => stream.Write(values.Span));

    /// <summary>Writes numbers: 32-bit floats, with the affine of their source.</summary>
    /// <param name="path">The file to create or replace, <c>.nii</c> or <c>.nii.gz</c>; its folder must exist.</param>
    /// <param name="values">The values, the first axis running fastest.</param>
    /// <param name="shape">The lengths of one to seven axes, each at most 32767.</param>
    /// <param name="affine">Where voxels lie, usually <see cref="NiftiHeader.Affine"/> of the source.</param>
    /// <exception cref="ArgumentException">The values do not fit the shape, or the shape is none of the format's.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public static void WriteFloats(string path, ReadOnlyMemory<float> values, IReadOnlyList<int> shape, Affine affine) =>
        Write(path, Header(shape, affine, NiftiType.Float32, values.Length), stream =>
        {
            var buffer = new byte[4 * 4096];
            for (int start = 0; start < values.Length; start += 4096)
            {
                ReadOnlySpan<float> part = values.Span.Slice(start, Math.Min(4096, values.Length - start));
                for (int i = 0; i < part.Length; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(buffer.AsSpan(i * 4), part[i]);
                }

                stream.Write(buffer, 0, part.Length * 4);
            }
        });

    /// <summary>Labels or masks as the bytes of a file, packed by gzip: <c>.nii.gz</c>.</summary>
    /// <param name="values">The values, the first axis running fastest.</param>
    /// <param name="shape">The lengths of one to seven axes, each at most 32767.</param>
    /// <param name="affine">Where voxels lie, usually <see cref="NiftiHeader.Affine"/> of the source.</param>
    /// <returns>The whole file.</returns>
    /// <exception cref="ArgumentException">The values do not fit the shape, or the shape is none of the format's.</exception>
    public static byte[] EncodeBytes(ReadOnlyMemory<byte> values, IReadOnlyList<int> shape, Affine affine)
    {
        using var stream = new MemoryStream();
        Pack(stream, Header(shape, affine, NiftiType.UInt8, values.Length), target => target.Write(values.Span));
        return stream.ToArray();
    }

    private static byte[] Header(IReadOnlyList<int> shape, Affine affine, NiftiType type, long count)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(affine);
        if (shape.Count is < 1 or > 7 || shape.Any(length => length is < 1 or > short.MaxValue))
        {
            throw new ArgumentException(
                $"received axes of {string.Join('×', shape)}; expected one to seven of 1 to {short.MaxValue} voxels. Divide the volume.",
                nameof(shape));
        }

        if (shape.Aggregate(1L, (product, length) => product * length) != count)
        {
            throw new ArgumentException(
                $"received {count} values; expected those of {string.Join('×', shape)}. Pass all values of the volume.", nameof(shape));
        }

        var header = new byte[HeaderLength];
        void Int16(int at, int value) => BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(at), (short)value);
        void Single(int at, double value) => BinaryPrimitives.WriteSingleLittleEndian(header.AsSpan(at), (float)value);
        BinaryPrimitives.WriteInt32LittleEndian(header, 348);
        Int16(40, shape.Count);
        for (int i = 0; i < 7; i++)
        {
            Int16(42 + (i * 2), i < shape.Count ? shape[i] : 1);
            Single(80 + (i * 4), i < 3 ? affine.Column(i).Length : 1);
        }

        Single(76, 1);
        Int16(70, (int)type);
        Int16(72, NiftiHeader.SizeOf(type) * 8);
        Single(108, HeaderLength);
        Single(112, 1);
        header[123] = 2 | 8;
        Int16(254, 1);
        for (int row = 0; row < 3; row++)
        {
            for (int column = 0; column < 4; column++)
            {
                Single(280 + (((row * 4) + column) * 4), affine[row, column]);
            }
        }

        "n+1"u8.CopyTo(header.AsSpan(344));
        return header;
    }

    private static void Write(string path, byte[] header, Action<Stream> write) => AtomicFile.Write(path, stream =>
    {
        if (!path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            stream.Write(header);
            write(stream);
            return;
        }

        Pack(stream, header, write);
    });

    private static void Pack(Stream stream, byte[] header, Action<Stream> write)
    {
        using var packed = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true);
        packed.Write(header);
        write(packed);
    }
}

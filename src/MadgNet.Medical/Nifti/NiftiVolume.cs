using System.Buffers.Binary;
using System.IO.Compression;

namespace MadgNet.Medical.Nifti;

/// <summary>A NIfTI file in memory: version 1 or 2, one file or a pair, packed by gzip or not.</summary>
/// <remarks>Immutable; safe to use from several threads at once.</remarks>
public sealed class NiftiVolume
{
    private readonly int _start;
    private readonly byte[]? _kept;
    private readonly WeakReference<byte[]>? _released;
    private readonly Func<byte[]>? _reload;

    private NiftiVolume(string name, NiftiHeader header, byte[] content, int start, Func<byte[]>? reload = null)
    {
        (Name, Header, _start, _reload) = (name, header, start, reload);
        if (reload is null)
        {
            _kept = content;
        }
        else
        {
            _released = new WeakReference<byte[]>(content);
        }
    }

    /// <summary>The file's path, or the name that the caller gave a stream.</summary>
    public string Name { get; }

    /// <summary>What the file says of its numbers.</summary>
    public NiftiHeader Header { get; }

    /// <summary>Whether content looks like a NIfTI file, packed or not.</summary>
    /// <param name="content">The whole file, or its first kilobytes.</param>
    /// <returns>True where it does.</returns>
    public static bool Recognizes(ReadOnlySpan<byte> content)
    {
        if (!IsPacked(content))
        {
            return NiftiHeader.Recognizes(content);
        }

        try
        {
            using var source = new MemoryStream(content[..Math.Min(content.Length, 1 << 16)].ToArray(), writable: false);
            using var unpacked = new GZipStream(source, CompressionMode.Decompress);
            var start = new byte[1024];
            int read = unpacked.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return NiftiHeader.Recognizes(start.AsSpan(0, read));
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            return false;
        }
    }

    /// <summary>Reads a file; of a pair, either the header (.hdr) or the image (.img) may be named.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <returns>The volume.</returns>
    /// <exception cref="MedicalFileException">The file is missing, of another format, damaged or larger than allowed.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid.</exception>
    public static NiftiVolume Read(string path, NiftiReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options = Checked(options);
        (string header, string image) = Pair(path);
        byte[] content = Unpack(MedicalBytes.Read(header), header, options);
        if (header == image)
        {
            return Create(path, content, content, options, pair: false);
        }

        return Create(path, content, Unpack(MedicalBytes.Read(image), image, options), options, pair: true);
    }

    /// <summary>Reads a single file that is in memory.</summary>
    /// <param name="content">The whole file, packed or not; kept, not copied.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    /// <returns>The volume.</returns>
    /// <exception cref="MedicalFileException">The content is of another format, damaged or larger than allowed.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid.</exception>
    public static NiftiVolume Decode(byte[] content, string name, NiftiReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(name);
        options = Checked(options);
        byte[] unpacked = Unpack(content, name, options);
        return Create(name, unpacked, unpacked, options, pair: false);
    }

    /// <summary>One value, after slope and intercept.</summary>
    /// <param name="index">Its place in the file, from 0: the first axis runs fastest.</param>
    /// <returns>The value; of a colour its luma.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such value.</exception>
    public double this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Header.Count);
            return Value(index);
        }
    }

    /// <summary>All values, after slope and intercept, in the order of the file: the first axis runs fastest.</summary>
    /// <returns>A new array.</returns>
    public double[] Values()
    {
        var values = new double[Header.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Value(i);
        }

        return values;
    }

    /// <summary>The stored bytes of one value.</summary>
    internal ReadOnlySpan<byte> Stored(long index) =>
        (_kept ?? Loaded()).AsSpan(_start + (int)(index * Header.ValueBytes), Header.ValueBytes);

    /// <summary>
    /// The same volume, of which memory may be given back: it is read anew where it is needed again. For datasets, which are larger than
    /// memory.
    /// </summary>
    internal NiftiVolume Releasing(NiftiReadOptions options)
    {
        (_, string image) = Pair(Name);
        return new NiftiVolume(
            Name, Header, _kept ?? Loaded(), _start, () => Unpack(MedicalBytes.Read(image), image, options));
    }

    private byte[] Loaded()
    {
        if (_released!.TryGetTarget(out byte[]? content))
        {
            return content;
        }

        content = _reload!();
        if (content.Length - _start < Header.Count * Header.ValueBytes)
        {
            throw MedicalFileException.Damaged(Name, "a file that has become shorter since it was opened");
        }

        _released.SetTarget(content);
        return content;
    }

    private static (string Header, string Image) Pair(string path)
    {
        string plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        string packed = path[plain.Length..];
        bool isHeader = plain.EndsWith(".hdr", StringComparison.OrdinalIgnoreCase);
        if (!isHeader && !plain.EndsWith(".img", StringComparison.OrdinalIgnoreCase))
        {
            return (path, path);
        }

        string stem = plain[..^4];
        string Other(string extension) => File.Exists(stem + extension + packed) || !File.Exists(stem + extension)
            ? stem + extension + packed
            : stem + extension;
        bool upper = char.IsUpper(plain[^1]);
        return isHeader ? (path, Other(upper ? ".IMG" : ".img")) : (Other(upper ? ".HDR" : ".hdr"), path);
    }

    private static bool IsPacked(ReadOnlySpan<byte> content) => content.Length > 2 && content[0] == 0x1F && content[1] == 0x8B;

    private static byte[] Unpack(byte[] content, string name, NiftiReadOptions options)
    {
        if (!IsPacked(content))
        {
            return content;
        }

        using var source = new MemoryStream(content, writable: false);
        using var unpacked = new GZipStream(source, CompressionMode.Decompress);
        return Unpacking.ReadAll(
            unpacked, name, options.MaximumBytes, $"{nameof(NiftiReadOptions)}.{nameof(NiftiReadOptions.MaximumBytes)}");
    }

    private static NiftiVolume Create(string name, byte[] header, byte[] data, NiftiReadOptions options, bool pair)
    {
        NiftiHeader says = NiftiHeader.Read(header, name);
        long bytes = says.Count * says.ValueBytes;
        long start = pair || says.DataOffset > 0 ? says.DataOffset : says.Version == 1 ? 352 : 544;
        return bytes <= data.Length - start
            ? new NiftiVolume(name, says, data, (int)start)
            : throw MedicalFileException.Damaged(
                name, $"{Math.Max(0, data.Length - start)} bytes of numbers where {string.Join('×', says.Shape)} of {says.Type} take {bytes}");
    }

    private static NiftiReadOptions Checked(NiftiReadOptions? options)
    {
        options ??= NiftiReadOptions.Default;
        InvalidOptionsException.ThrowIfAny(nameof(NiftiVolume), options.Validate());
        return options;
    }

    private double Value(long index)
    {
        ReadOnlySpan<byte> bytes = Stored(index);
        bool big = Header.IsBigEndian;
        double stored = Header.Type switch
        {
            NiftiType.UInt8 => bytes[0],
            NiftiType.Int8 => (sbyte)bytes[0],
            NiftiType.Int16 => big ? BinaryPrimitives.ReadInt16BigEndian(bytes) : BinaryPrimitives.ReadInt16LittleEndian(bytes),
            NiftiType.UInt16 => big ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            NiftiType.Int32 => big ? BinaryPrimitives.ReadInt32BigEndian(bytes) : BinaryPrimitives.ReadInt32LittleEndian(bytes),
            NiftiType.UInt32 => big ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            NiftiType.Int64 => big ? BinaryPrimitives.ReadInt64BigEndian(bytes) : BinaryPrimitives.ReadInt64LittleEndian(bytes),
            NiftiType.UInt64 => big ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            NiftiType.Float32 => big ? BinaryPrimitives.ReadSingleBigEndian(bytes) : BinaryPrimitives.ReadSingleLittleEndian(bytes),
            NiftiType.Float64 => big ? BinaryPrimitives.ReadDoubleBigEndian(bytes) : BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            _ => (0.299 * bytes[0]) + (0.587 * bytes[1]) + (0.114 * bytes[2]),
        };
        return (stored * Header.Slope) + Header.Intercept;
    }
}

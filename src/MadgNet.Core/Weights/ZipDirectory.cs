using System.Buffers.Binary;
using System.Text;

namespace MadgNet.Core.Weights;

/// <summary>
/// The table of contents of a zip file whose entries are stored without compression, as torch.save writes them. It
/// gives the place of each entry in the file, which System.IO.Compression does not tell: tensors are read from there
/// straight into their memory, any part of them, from several threads.
/// </summary>
internal sealed class ZipDirectory
{
    private const uint LocalSignature = 0x04034B50;
    private const uint CentralSignature = 0x02014B50;
    private const uint EndSignature = 0x06054B50;
    private const uint End64Signature = 0x06064B50;
    private const uint End64LocatorSignature = 0x07064B50;
    private const int LocalLength = 30;
    private const int CentralLength = 46;
    private const int EndLength = 22;
    private const int End64Length = 56;
    private const int End64LocatorLength = 20;
    private const int MaximumCommentLength = ushort.MaxValue;
    private const int MaximumDirectoryLength = 256 << 20;
    private const ushort Zip64Extra = 1;
    private const ushort EncryptedFlag = 1;
    private const ushort Stored = 0;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly WeightFileReader _file;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    private ZipDirectory(WeightFileReader file) => _file = file;

    /// <summary>The names of the entries, in no particular order.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    public static ZipDirectory Read(WeightFileReader file)
    {
        var directory = new ZipDirectory(file);
        (long count, long length, long offset) = directory.FindEnd();
        if (length > MaximumDirectoryLength)
        {
            throw file.Damaged($"a zip directory of {length} bytes", $"at most {MaximumDirectoryLength}");
        }

        byte[] bytes = new byte[length];
        file.Read(bytes, offset);
        directory.ReadEntries(bytes, count);
        return directory;
    }

    /// <summary>The place of an entry's content in the file, or null where there is no such entry.</summary>
    public (long Offset, long Length)? Find(string name)
    {
        if (!_entries.TryGetValue(name, out Entry entry))
        {
            return null;
        }

        if (entry.Method != Stored || (entry.Flags & EncryptedFlag) != 0 || entry.Compressed != entry.Length)
        {
            throw _file.Fault(
                $"the compressed or encrypted zip entry '{name}'",
                "entries that are stored as they are, as torch.save writes them",
                "Unpack the archive and zip it again without compression (zip -0 -r), or save it again with torch.save");
        }

        Span<byte> local = stackalloc byte[LocalLength];
        if (entry.LocalOffset > _file.Length - LocalLength)
        {
            throw _file.Damaged(
                $"the zip entry '{name}' at byte {entry.LocalOffset}", $"a place within the {_file.Length} bytes of the file");
        }

        _file.Read(local, entry.LocalOffset);
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != LocalSignature)
        {
            throw _file.Damaged($"no zip entry at byte {entry.LocalOffset}", $"the entry '{name}'");
        }

        long start = entry.LocalOffset + LocalLength + U16(local, 26) + U16(local, 28);
        if (entry.Length > _file.Length - start)
        {
            throw _file.Damaged(
                $"the zip entry '{name}' of {entry.Length} bytes at byte {start}", $"an end within the {_file.Length} bytes of the file");
        }

        return (start, entry.Length);
    }

    private (long Count, long Length, long Offset) FindEnd()
    {
        byte[] tail = new byte[(int)Math.Min(_file.Length, EndLength + MaximumCommentLength)];
        long tailStart = _file.Length - tail.Length;
        _file.Read(tail, tailStart);
        for (int at = tail.Length - EndLength; at >= 0; at--)
        {
            ReadOnlySpan<byte> end = tail.AsSpan(at);
            if (U32(end, 0) == EndSignature && EndLength + U16(end, 20) == end.Length)
            {
                return CheckEnd(tailStart + at, end);
            }
        }

        throw _file.Damaged("a zip file without its directory at the end", "a complete zip file");
    }

    private (long Count, long Length, long Offset) CheckEnd(long endOffset, ReadOnlySpan<byte> end)
    {
        (ulong count, ulong length, ulong offset) = (U16(end, 10), U32(end, 12), U32(end, 16));
        if ((count == ushort.MaxValue || length == uint.MaxValue || offset == uint.MaxValue) && endOffset >= End64LocatorLength)
        {
            Span<byte> locator = stackalloc byte[End64LocatorLength];
            _file.Read(locator, endOffset - End64LocatorLength);
            ulong end64Offset = BinaryPrimitives.ReadUInt64LittleEndian(locator[8..]);
            if (U32(locator, 0) == End64LocatorSignature
                && _file.Length >= End64Length
                && end64Offset <= (ulong)(_file.Length - End64Length))
            {
                Span<byte> end64 = stackalloc byte[End64Length];
                _file.Read(end64, (long)end64Offset);
                if (U32(end64, 0) == End64Signature)
                {
                    count = BinaryPrimitives.ReadUInt64LittleEndian(end64[32..]);
                    length = BinaryPrimitives.ReadUInt64LittleEndian(end64[40..]);
                    offset = BinaryPrimitives.ReadUInt64LittleEndian(end64[48..]);
                }
            }
        }

        if (offset > (ulong)endOffset || length > (ulong)endOffset - offset || count > length / CentralLength)
        {
            throw _file.Damaged(
                $"a zip directory of {count} entries and {length} bytes at byte {offset}", $"one that ends before byte {endOffset}");
        }

        return ((long)count, (long)length, (long)offset);
    }

    private void ReadEntries(ReadOnlySpan<byte> bytes, long count)
    {
        for (long i = 0; i < count; i++)
        {
            if (bytes.Length < CentralLength || U32(bytes, 0) != CentralSignature)
            {
                throw _file.Damaged($"a zip directory that breaks off after {i} entries", $"{count} entries");
            }

            int nameLength = U16(bytes, 28);
            int extraLength = U16(bytes, 30);
            int total = CentralLength + nameLength + extraLength + U16(bytes, 32);
            if (total > bytes.Length)
            {
                throw _file.Damaged($"a zip directory that breaks off in its entry {i}", $"{count} complete entries");
            }

            string name = Name(bytes.Slice(CentralLength, nameLength));
            Entry entry = ReadSizes(bytes, bytes.Slice(CentralLength + nameLength, extraLength), name);
            if (!_entries.TryAdd(name, entry))
            {
                throw _file.Damaged($"two zip entries named '{name}'", "every name once");
            }

            bytes = bytes[total..];
        }
    }

    private Entry ReadSizes(ReadOnlySpan<byte> central, ReadOnlySpan<byte> extra, string name)
    {
        ulong compressed = U32(central, 20);
        ulong length = U32(central, 24);
        ulong local = U32(central, 42);
        ReadOnlySpan<byte> zip64 = [];
        while (extra.Length >= 4)
        {
            int size = Math.Min(U16(extra, 2), extra.Length - 4);
            if (U16(extra, 0) == Zip64Extra)
            {
                zip64 = extra.Slice(4, size);
            }

            extra = extra[(4 + size)..];
        }

        Widen(ref length, ref zip64);
        Widen(ref compressed, ref zip64);
        Widen(ref local, ref zip64);
        if (length > long.MaxValue || compressed > long.MaxValue || local > long.MaxValue)
        {
            throw _file.Damaged(
                $"the zip entry '{name}' of {length} bytes at byte {local}", $"a place within the {_file.Length} bytes of the file");
        }

        return new Entry((long)local, (long)length, (long)compressed, U16(central, 10), U16(central, 8));
    }

    /// <summary>Takes the next 64-bit value of the extra field where the 32-bit one says that it does not fit.</summary>
    private static void Widen(ref ulong value, ref ReadOnlySpan<byte> zip64)
    {
        if (value == uint.MaxValue && zip64.Length >= sizeof(ulong))
        {
            value = BinaryPrimitives.ReadUInt64LittleEndian(zip64);
            zip64 = zip64[sizeof(ulong)..];
        }
    }

    private string Name(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw _file.Damaged("a zip entry whose name is not UTF-8", "names in UTF-8", exception);
        }
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private readonly record struct Entry(long LocalOffset, long Length, long Compressed, ushort Method, ushort Flags);
}

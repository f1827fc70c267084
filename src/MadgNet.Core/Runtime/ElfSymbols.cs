using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Text;

namespace MadgNet.Core.Runtime;

/// <summary>Looks symbols up in the full symbol table (<c>.symtab</c>) of a 64-bit little-endian ELF file, local ones included.</summary>
internal static unsafe class ElfSymbols
{
    private const int FileHeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const int SymbolSize = 24;
    private const uint SymbolTable = 2;

    /// <summary>Finds symbols by their exact names.</summary>
    /// <param name="file">The library's file.</param>
    /// <param name="names">The names.</param>
    /// <returns>
    /// Value and size of each, in the order of the names; null where the file has no symbol table, where a name is missing, or
    /// where it stands for more than one place.
    /// </returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static IReadOnlyList<(long Value, long Size)>? Find(string file, IReadOnlyList<string> names)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length < FileHeaderSize)
        {
            return null;
        }

        using var mapped = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        using MemoryMappedViewAccessor view = mapped.CreateViewAccessor(0, stream.Length, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            return Find(new File(start, stream.Length), names);
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private static List<(long Value, long Size)>? Find(File file, IReadOnlyList<string> names)
    {
        ReadOnlySpan<byte> header = file.At(0, FileHeaderSize);
        bool elf64 = header[..4].SequenceEqual("\u007fELF"u8) && header[4] == 2 && header[5] == 1;
        if (!elf64)
        {
            return null;
        }

        long sections = BinaryPrimitives.ReadInt64LittleEndian(header[0x28..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(header[0x3C..]);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> section = file.At(sections + ((long)i * SectionHeaderSize), SectionHeaderSize);
            if (section.IsEmpty || BinaryPrimitives.ReadUInt32LittleEndian(section[4..]) != SymbolTable)
            {
                continue;
            }

            ReadOnlySpan<byte> symbols = Content(file, section);
            ReadOnlySpan<byte> strings = file.At(
                sections + (BinaryPrimitives.ReadUInt32LittleEndian(section[0x28..]) * (long)SectionHeaderSize), SectionHeaderSize);
            return strings.IsEmpty ? null : Find(symbols, Content(file, strings), names);
        }

        return null;
    }

    private static List<(long Value, long Size)>? Find(ReadOnlySpan<byte> symbols, ReadOnlySpan<byte> strings, IReadOnlyList<string> names)
    {
        // The names' places first: a linker keeps each name once, and the table of names is walked at the speed of memory.
        var wanted = new Dictionary<uint, int>();
        for (int name = 0; name < names.Count; name++)
        {
            int found = strings.IndexOf(Encoding.ASCII.GetBytes(names[name] + '\0'));
            if (found < 0)
            {
                return null;
            }

            wanted[(uint)found] = name;
        }

        var results = new (long Value, long Size)?[names.Count];
        for (int offset = 0; offset + SymbolSize <= symbols.Length; offset += SymbolSize)
        {
            if (!wanted.TryGetValue(BinaryPrimitives.ReadUInt32LittleEndian(symbols[offset..]), out int name))
            {
                continue;
            }

            ReadOnlySpan<byte> symbol = symbols.Slice(offset, SymbolSize);
            bool defined = BinaryPrimitives.ReadUInt16LittleEndian(symbol[6..]) != 0;
            if (defined && results[name] is not null)
            {
                return null;
            }

            if (defined)
            {
                results[name] = (BinaryPrimitives.ReadInt64LittleEndian(symbol[8..]), BinaryPrimitives.ReadInt64LittleEndian(symbol[16..]));
            }
        }

        return results.Any(result => result is null) ? null : [.. results.Select(result => result!.Value)];
    }

    private static ReadOnlySpan<byte> Content(File file, ReadOnlySpan<byte> section) => file.At(
        BinaryPrimitives.ReadInt64LittleEndian(section[0x18..]), BinaryPrimitives.ReadInt64LittleEndian(section[0x20..]));

    /// <summary>The bytes of a mapped file.</summary>
    private readonly struct File(byte* start, long length)
    {
        /// <summary>A part of the file; empty where the file does not hold it.</summary>
        public ReadOnlySpan<byte> At(long offset, long size) =>
            offset >= 0 && size is >= 0 and <= int.MaxValue && offset <= length - size ? new(start + offset, (int)size) : [];
    }
}

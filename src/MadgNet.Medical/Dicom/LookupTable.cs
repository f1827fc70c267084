using System.Buffers.Binary;

namespace MadgNet.Medical.Dicom;

/// <summary>A table of values of a DICOM file: modality, window and palette tables have one form.</summary>
internal sealed class LookupTable
{
    private readonly ushort[] _entries;

    private LookupTable(int first, int bits, ushort[] entries) => (First, Bits, _entries) = (first, bits, entries);

    /// <summary>The value that the first entry belongs to.</summary>
    public int First { get; }

    /// <summary>The bits of an entry.</summary>
    public int Bits { get; }

    /// <summary>The entry of a value; of one outside the table the nearest entry.</summary>
    public ushort this[long value] => _entries[Math.Clamp(value - First, 0, _entries.Length - 1)];

    /// <summary>Reads a table.</summary>
    /// <exception cref="MedicalFileException">The table contradicts its descriptor.</exception>
    public static LookupTable Read(DicomDataset dataset, DicomTag descriptor, DicomTag data, bool signed)
    {
        IReadOnlyList<double> says = dataset.Numbers(descriptor);
        if (says.Count != 3 || !dataset.TryGet(data, out DicomElement? element))
        {
            throw MedicalFileException.Damaged(dataset.Source, $"a lookup table without {descriptor} or {data}");
        }

        int count = says[0] == 0 ? 1 << 16 : (int)(says[0] < 0 ? says[0] + 65536 : says[0]);
        int first = (int)says[1];
        first = signed && first > short.MaxValue ? first - 65536 : !signed && first < 0 ? first + 65536 : first;
        int bits = (int)says[2];
        ReadOnlySpan<byte> bytes = element.Value.Span;
        bool wide = bytes.Length >= count * 2;
        if (bits is < 8 or > 16 || bytes.Length < count)
        {
            throw MedicalFileException.Damaged(
                dataset.Source, $"a lookup table of {bytes.Length} bytes for {count} entries of {bits} bits in {data}");
        }

        var entries = new ushort[count];
        for (int i = 0; i < count; i++)
        {
            entries[i] = !wide
                ? bytes[element.IsBigEndian ? Math.Min(i ^ 1, bytes.Length - 1) : i]
                : element.IsBigEndian
                    ? BinaryPrimitives.ReadUInt16BigEndian(bytes[(i * 2)..])
                    : BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * 2)..]);
        }

        return new LookupTable(first, bits, entries);
    }
}

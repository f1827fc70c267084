namespace MadgNet.Medical.Dicom;

/// <summary>One attribute of a data set: a value, a sequence of items, or the fragments of compressed pixels.</summary>
public sealed class DicomElement
{
    internal DicomElement(DicomTag tag, DicomVr vr, ReadOnlyMemory<byte> value, bool bigEndian = false)
    {
        Tag = tag;
        Vr = vr;
        Value = value;
        IsBigEndian = bigEndian;
    }

    internal DicomElement(DicomTag tag, IReadOnlyList<DicomDataset> items)
    {
        Tag = tag;
        Vr = DicomVr.SQ;
        Items = items;
    }

    internal DicomElement(DicomTag tag, DicomVr vr, IReadOnlyList<ReadOnlyMemory<byte>> fragments)
    {
        Tag = tag;
        Vr = vr;
        Fragments = fragments;
    }

    /// <summary>The attribute's number.</summary>
    public DicomTag Tag { get; }

    /// <summary>How the value is written.</summary>
    public DicomVr Vr { get; }

    /// <summary>The value as it lies in the file; empty for sequences and fragments.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>Whether numbers in the value have their highest byte first.</summary>
    public bool IsBigEndian { get; }

    /// <summary>The items of a sequence; empty for every other value.</summary>
    public IReadOnlyList<DicomDataset> Items { get; } = [];

    /// <summary>The parts of compressed pixels, the basic offset table first; empty for every other value.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Fragments { get; } = [];
}

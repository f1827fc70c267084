using System.Buffers.Binary;

namespace MadgNet.Medical.Dicom;

/// <summary>Writes data sets as DICOM files, explicit little endian, with preamble and meta information.</summary>
public static class DicomWriter
{
    /// <summary>Identifies this library as the writer.</summary>
    internal const string ImplementationClass = "2.25.311374902684193058274410968725013469187";

    private const string ImplementationVersion = "MADGNET_CORE";

    /// <summary>Writes a file. It appears complete or not at all.</summary>
    /// <param name="dataset">The data set, with SOP class and instance, and pixels that are not compressed.</param>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <exception cref="ArgumentException">The data set lacks its SOP class or instance, or holds compressed pixels.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public static void Write(DicomDataset dataset, string path)
    {
        byte[] content = Encode(dataset);
        AtomicFile.Write(path, content.Length, stream => stream.Write(content));
    }

    /// <summary>The bytes of a file.</summary>
    /// <param name="dataset">The data set, as for <see cref="Write"/>.</param>
    /// <returns>The whole file.</returns>
    /// <exception cref="ArgumentException">The data set lacks its SOP class or instance, or holds compressed pixels.</exception>
    public static byte[] Encode(DicomDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        string sopClass = Required(dataset, Tags.SopClass);
        string instance = Required(dataset, Tags.SopInstance);
        DicomDataset meta = new DicomDataset()
            .SetBytes(Tags.FileMetaVersion, DicomVr.OB, [0, 1])
            .SetText(Tags.MediaStorageSopClass, DicomVr.UI, sopClass)
            .SetText(Tags.MediaStorageSopInstance, DicomVr.UI, instance)
            .SetText(Tags.TransferSyntaxUid, DicomVr.UI, TransferSyntax.ExplicitLittleEndian.Uid)
            .SetText(Tags.ImplementationClassUid, DicomVr.UI, ImplementationClass)
            .SetText(Tags.ImplementationVersion, DicomVr.SH, ImplementationVersion);
        meta.SetNumbers(Tags.FileMetaGroupLength, DicomVr.UL, LengthOf(meta));
        using var stream = new MemoryStream();
        stream.Write(new byte[128]);
        stream.Write("DICM"u8);
        WriteElements(meta, stream);
        WriteElements(dataset, stream);
        return stream.ToArray();
    }

    private static string Required(DicomDataset dataset, DicomTag tag) => dataset.Text(tag)
        ?? throw new ArgumentException($"received a data set without {tag}; expected its SOP class and instance. Set both.", nameof(dataset));

    private static void WriteElements(DicomDataset dataset, Stream stream)
    {
        Span<byte> header = stackalloc byte[12];
        Span<byte> start = stackalloc byte[8];
        foreach (DicomElement element in dataset.Elements)
        {
            if (element.Fragments.Count > 0 || element.IsBigEndian)
            {
                throw new ArgumentException(
                    $"received {element.Tag} with {(element.IsBigEndian ? "big endian values" : "compressed pixels")}; expected little "
                        + $"endian values that are not compressed. Set the attribute anew.",
                    nameof(dataset));
            }

            long length = ValueLength(element);
            bool wide = HasWideLength(element.Vr);
            header.Clear();
            BinaryPrimitives.WriteUInt16LittleEndian(header, element.Tag.Group);
            BinaryPrimitives.WriteUInt16LittleEndian(header[2..], element.Tag.Element);
            string letters = element.Vr.ToString();
            header[4] = (byte)letters[0];
            header[5] = (byte)letters[1];
            if (wide)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(header[8..], checked((uint)length));
            }
            else
            {
                BinaryPrimitives.WriteUInt16LittleEndian(header[6..], checked((ushort)length));
            }

            stream.Write(header[..(wide ? 12 : 8)]);
            if (element.Vr != DicomVr.SQ)
            {
                stream.Write(element.Value.Span);
                if (element.Value.Length % 2 == 1)
                {
                    stream.WriteByte(0);
                }

                continue;
            }

            foreach (DicomDataset item in element.Items)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(start, Tags.Item.Group);
                BinaryPrimitives.WriteUInt16LittleEndian(start[2..], Tags.Item.Element);
                BinaryPrimitives.WriteUInt32LittleEndian(start[4..], checked((uint)LengthOf(item)));
                stream.Write(start);
                WriteElements(item, stream);
            }
        }
    }

    private static long LengthOf(DicomDataset dataset) =>
        dataset.Elements.Sum(element => (HasWideLength(element.Vr) ? 12L : 8L) + ValueLength(element));

    private static long ValueLength(DicomElement element) => element.Vr == DicomVr.SQ
        ? element.Items.Sum(item => 8L + LengthOf(item))
        : element.Value.Length + (element.Value.Length % 2);

    private static bool HasWideLength(DicomVr vr) => vr is DicomVr.OB or DicomVr.OD or DicomVr.OF or DicomVr.OL or DicomVr.OV
        or DicomVr.OW or DicomVr.SQ or DicomVr.SV or DicomVr.UC or DicomVr.UN or DicomVr.UR or DicomVr.UT or DicomVr.UV;
}

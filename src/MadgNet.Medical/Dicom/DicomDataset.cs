using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace MadgNet.Medical.Dicom;

/// <summary>
/// The attributes of a DICOM file or of an item of a sequence, in the order of their tags. It may hold what identifies a patient:
/// nothing of this package writes that to logs, messages or names of files.
/// </summary>
public sealed class DicomDataset
{
    private readonly SortedDictionary<uint, DicomElement> _elements = [];

    /// <summary>Creates an empty data set, to be filled and written.</summary>
    public DicomDataset()
        : this("data set")
    {
    }

    internal DicomDataset(string source) => Source = source;

    /// <summary>The elements, by tag.</summary>
    public IReadOnlyCollection<DicomElement> Elements => _elements.Values;

    /// <summary>The file that the data set comes from, for messages.</summary>
    internal string Source { get; }

    /// <summary>Whether the attribute is there, with a value or without.</summary>
    /// <param name="tag">The attribute.</param>
    /// <returns>True where it is.</returns>
    public bool Contains(DicomTag tag) => _elements.ContainsKey(tag.Number);

    /// <summary>Finds an attribute.</summary>
    /// <param name="tag">The attribute.</param>
    /// <param name="element">The element, where the result is true.</param>
    /// <returns>Whether it is there.</returns>
    public bool TryGet(DicomTag tag, [NotNullWhen(true)] out DicomElement? element) => _elements.TryGetValue(tag.Number, out element);

    /// <summary>The first value of an attribute as text.</summary>
    /// <param name="tag">The attribute.</param>
    /// <returns>The text without padding; null where the attribute is missing or empty.</returns>
    public string? Text(DicomTag tag) => Texts(tag) is [{ Length: > 0 } first, ..] ? first : null;

    /// <summary>The values of an attribute as texts.</summary>
    /// <param name="tag">The attribute.</param>
    /// <returns>The texts without padding; empty where the attribute is missing or empty.</returns>
    public IReadOnlyList<string> Texts(DicomTag tag)
    {
        if (!TryGet(tag, out DicomElement? element) || element.Value.IsEmpty)
        {
            return [];
        }

        if (IsBinary(VrOf(element)))
        {
            return [.. Numbers(tag).Select(number => number.ToString("R", CultureInfo.InvariantCulture))];
        }

        string text = Encoding().GetString(element.Value.Span).TrimEnd('\0', ' ');
        return [.. text.Split('\\').Select(part => part.Trim(' ', '\0'))];
    }

    /// <summary>The first value of an attribute as a number.</summary>
    /// <param name="tag">The attribute.</param>
    /// <returns>The number; null where the attribute is missing or empty.</returns>
    /// <exception cref="MedicalFileException">The value is no number.</exception>
    public double? Number(DicomTag tag) => Numbers(tag) is [var first, ..] ? first : null;

    /// <summary>The first value of an attribute as a whole number.</summary>
    /// <param name="tag">The attribute.</param>
    /// <returns>The number; null where the attribute is missing or empty.</returns>
    /// <exception cref="MedicalFileException">The value is no whole number of 32 bits.</exception>
    public int? Integer(DicomTag tag)
    {
        if (Number(tag) is not { } number)
        {
            return null;
        }

        return number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue
            ? (int)number
            : throw MedicalFileException.Damaged(Source, $"a value of {tag} that is no whole number");
    }

    /// <summary>The values of an attribute as numbers, whether they are stored as binary numbers or as texts.</summary>
    /// <param name="tag">The attribute.</param>
    /// <returns>The numbers; empty where the attribute is missing or empty.</returns>
    /// <exception cref="MedicalFileException">A value is no number.</exception>
    public IReadOnlyList<double> Numbers(DicomTag tag)
    {
        if (!TryGet(tag, out DicomElement? element) || element.Value.IsEmpty)
        {
            return [];
        }

        DicomVr vr = VrOf(element);
        if (!IsBinary(vr))
        {
            return ParseTexts(tag);
        }

        int size = SizeOf(vr);
        ReadOnlySpan<byte> value = element.Value.Span;
        if (value.Length % size != 0)
        {
            throw MedicalFileException.Damaged(Source, $"{value.Length} bytes in {tag}, where numbers have {size} each");
        }

        var numbers = new double[value.Length / size];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = Binary(vr, value.Slice(i * size, size), element.IsBigEndian);
        }

        return numbers;
    }

    /// <summary>The items of a sequence.</summary>
    /// <param name="tag">The attribute.</param>
    /// <returns>The items; empty where the attribute is missing or no sequence.</returns>
    public IReadOnlyList<DicomDataset> Sequence(DicomTag tag) => TryGet(tag, out DicomElement? element) ? element.Items : [];

    /// <summary>Sets an attribute to texts.</summary>
    /// <param name="tag">The attribute.</param>
    /// <param name="vr">How it is written: one of the representations of text.</param>
    /// <param name="values">The values; none, or an empty one, for an attribute without value.</param>
    /// <returns>The data set itself.</returns>
    /// <exception cref="ArgumentException">The representation is not one of text.</exception>
    public DicomDataset SetText(DicomTag tag, DicomVr vr, params IReadOnlyList<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (IsBinary(vr) || vr is DicomVr.SQ or DicomVr.UN or DicomVr.AT)
        {
            throw new ArgumentException(
                $"received {vr}; expected a representation of text. Use SetNumbers, SetBytes or SetItems.", nameof(vr));
        }

        byte[] bytes = Encoding().GetBytes(string.Join('\\', values));
        return Set(new DicomElement(tag, vr, Padded(bytes, vr == DicomVr.UI ? (byte)0 : (byte)' ')));
    }

    /// <summary>Sets an attribute to numbers.</summary>
    /// <param name="tag">The attribute.</param>
    /// <param name="vr">How they are written: US, SS, UL, SL, FL, FD, DS or IS. A DS has at most 16 characters.</param>
    /// <param name="values">The values.</param>
    /// <returns>The data set itself.</returns>
    /// <exception cref="ArgumentException">The representation is not one of numbers, or a value does not fit it.</exception>
    public DicomDataset SetNumbers(DicomTag tag, DicomVr vr, params IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return vr switch
        {
            DicomVr.DS => SetText(tag, vr, [.. values.Select(DecimalString.Of)]),
            DicomVr.IS => SetText(tag, vr, [.. values.Select(value => ((long)value).ToString(CultureInfo.InvariantCulture))]),
            _ => Set(new DicomElement(tag, vr, BinaryNumbers.Write(vr, values))),
        };
    }

    /// <summary>Sets an attribute to bytes: pixels, tables.</summary>
    /// <param name="tag">The attribute.</param>
    /// <param name="vr">How they are written: OB, OW or UN; words have their lowest byte first.</param>
    /// <param name="value">The bytes; kept, not copied, unless one is added to make their number even.</param>
    /// <returns>The data set itself.</returns>
    public DicomDataset SetBytes(DicomTag tag, DicomVr vr, byte[] value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Set(new DicomElement(tag, vr, Padded(value, 0)));
    }

    /// <summary>Sets an attribute to the items of a sequence.</summary>
    /// <param name="tag">The attribute.</param>
    /// <param name="items">The items, possibly none.</param>
    /// <returns>The data set itself.</returns>
    public DicomDataset SetItems(DicomTag tag, params IReadOnlyList<DicomDataset> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return Set(new DicomElement(tag, items));
    }

    /// <summary>Sets an attribute to the numbers of other attributes.</summary>
    internal DicomDataset SetTags(DicomTag tag, params ReadOnlySpan<DicomTag> values)
    {
        var bytes = new byte[values.Length * 4];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 4), values[i].Group);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan((i * 4) + 2), values[i].Element);
        }

        return Set(new DicomElement(tag, DicomVr.AT, bytes));
    }

    internal DicomDataset Set(DicomElement element)
    {
        _elements[element.Tag.Number] = element;
        return this;
    }

    /// <summary>
    /// The representation to read by: a stated one, or the dictionary's where a file says nothing, or says no more than that it is bytes.
    /// </summary>
    private static DicomVr VrOf(DicomElement element) => element.Vr is DicomVr.UN or DicomVr.OB
        && DicomDictionary.Of(element.Tag) is not DicomVr.UN and var known ? known : element.Vr;

    private static bool IsBinary(DicomVr vr) => SizeOf(vr) > 0;

    private static int SizeOf(DicomVr vr) => vr switch
    {
        DicomVr.US or DicomVr.SS or DicomVr.OW => 2,
        DicomVr.UL or DicomVr.SL or DicomVr.FL or DicomVr.OF or DicomVr.OL or DicomVr.AT => 4,
        DicomVr.FD or DicomVr.OD or DicomVr.OV or DicomVr.SV or DicomVr.UV => 8,
        DicomVr.OB => 1,
        _ => 0,
    };

    private static double Binary(DicomVr vr, ReadOnlySpan<byte> value, bool bigEndian) => vr switch
    {
        DicomVr.OB => value[0],
        DicomVr.US or DicomVr.OW => bigEndian
            ? BinaryPrimitives.ReadUInt16BigEndian(value)
            : BinaryPrimitives.ReadUInt16LittleEndian(value),
        DicomVr.SS => bigEndian ? BinaryPrimitives.ReadInt16BigEndian(value) : BinaryPrimitives.ReadInt16LittleEndian(value),
        DicomVr.SL => bigEndian ? BinaryPrimitives.ReadInt32BigEndian(value) : BinaryPrimitives.ReadInt32LittleEndian(value),
        DicomVr.FL or DicomVr.OF => bigEndian
            ? BinaryPrimitives.ReadSingleBigEndian(value)
            : BinaryPrimitives.ReadSingleLittleEndian(value),
        DicomVr.FD or DicomVr.OD => bigEndian
            ? BinaryPrimitives.ReadDoubleBigEndian(value)
            : BinaryPrimitives.ReadDoubleLittleEndian(value),
        DicomVr.SV => bigEndian ? BinaryPrimitives.ReadInt64BigEndian(value) : BinaryPrimitives.ReadInt64LittleEndian(value),
        DicomVr.OV or DicomVr.UV => bigEndian
            ? BinaryPrimitives.ReadUInt64BigEndian(value)
            : BinaryPrimitives.ReadUInt64LittleEndian(value),
        _ => bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(value) : BinaryPrimitives.ReadUInt32LittleEndian(value),
    };

    private static byte[] Padded(byte[] bytes, byte padding) => bytes.Length % 2 == 0 ? bytes : [.. bytes, padding];

    private double[] ParseTexts(DicomTag tag)
    {
        IReadOnlyList<string> texts = Texts(tag);
        var numbers = new double[texts.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!double.TryParse(texts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i])
                || !double.IsFinite(numbers[i]))
            {
                throw MedicalFileException.Damaged(Source, $"a value of {tag} that is no number");
            }
        }

        return texts is [{ Length: 0 }] ? [] : numbers;
    }

    /// <summary>UTF-8 where the data set says so; otherwise Latin 1, which keeps ASCII and every byte.</summary>
    private Encoding Encoding()
    {
        if (TryGet(Tags.SpecificCharacterSet, out DicomElement? set))
        {
            return set.Value.Span.IndexOf("ISO_IR 192"u8) >= 0 ? System.Text.Encoding.UTF8 : System.Text.Encoding.Latin1;
        }

        return IsUtf8 ? System.Text.Encoding.UTF8 : System.Text.Encoding.Latin1;
    }

    /// <summary>Whether the data set around this item says UTF-8.</summary>
    internal bool IsUtf8 { get; init; }
}

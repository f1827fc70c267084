using System.Buffers.Binary;

namespace MadgNet.Medical.Dicom;

/// <summary>
/// Takes a data set apart. Every length is checked against what is there before it is followed; nothing is copied, values are views
/// of the file's bytes.
/// </summary>
internal sealed class DicomParser
{
    private const uint Undefined = 0xFFFFFFFF;
    private const int Deepest = 32;

    /// <summary>More elements than any file in use has; bounds the memory that their objects take.</summary>
    private const int MostElements = 4_000_000;

    private readonly ReadOnlyMemory<byte> _data;
    private readonly string _source;
    private readonly bool _bigEndian;
    private readonly bool _stopAtPixels;
    private readonly long _length;
    private bool _explicit;
    private int _position;
    private int _elements;

    /// <param name="data">The bytes, or the first ones of a longer file.</param>
    /// <param name="length">The bytes that the whole file has.</param>
    /// <param name="start">Where the data set begins.</param>
    /// <param name="syntax">How it is written.</param>
    /// <param name="source">The file's name, for messages.</param>
    /// <param name="stopAtPixels">Whether the pixels, and what follows them, are left out.</param>
    public DicomParser(
        ReadOnlyMemory<byte> data, long length, int start, TransferSyntax syntax, string source, bool stopAtPixels)
    {
        _data = data;
        _length = length;
        _position = start;
        _explicit = syntax.IsExplicit;
        _bigEndian = syntax.IsBigEndian;
        _source = source;
        _stopAtPixels = stopAtPixels;
    }

    /// <summary>Where the parser stands.</summary>
    public int Position => _position;

    private ReadOnlySpan<byte> Span => _data.Span;

    /// <summary>Whether the first element of a data set states a representation that there is.</summary>
    public static bool BeginsExplicit(ReadOnlySpan<byte> data) =>
        data.Length >= 8 && TryVr(data[4], data[5], out DicomVr vr) && vr != DicomVr.UN;

    /// <summary>Reads elements to the end of the data.</summary>
    /// <exception cref="MedicalFileException">The data set is damaged.</exception>
    /// <exception cref="BeyondStartException">The data is the start of a longer file, and the header goes on behind it.</exception>
    public DicomDataset ReadAll()
    {
        var dataset = new DicomDataset(_source);
        ReadInto(dataset, _data.Length, isItem: false, depth: 0);
        return dataset;
    }

    /// <summary>Reads the elements of the group of the file's meta information, and stops behind it.</summary>
    public DicomDataset ReadMeta()
    {
        var dataset = new DicomDataset(_source);
        while (_data.Length - _position >= 8 && BinaryPrimitives.ReadUInt16LittleEndian(Span[_position..]) == 0x0002)
        {
            ReadElement(dataset, _data.Length, 0);
        }

        return dataset;
    }

    /// <summary>Reads elements up to an end.</summary>
    /// <returns>Whether a delimiter ended them before.</returns>
    private bool ReadInto(DicomDataset dataset, int end, bool isItem, int depth)
    {
        while (_position < end)
        {
            if (end - _position < 8)
            {
                // Some writers fill their files up.
                if (!isItem && _length == _data.Length && Span[_position..end].IndexOfAnyExcept((byte)0) < 0)
                {
                    return false;
                }

                throw Short("the header of an element", 8, end);
            }

            DicomTag tag = PeekTag();
            if (tag == Tags.ItemEnd && isItem)
            {
                _position += 8;
                return true;
            }

            if (tag.Group == 0xFFFE)
            {
                throw Damaged($"{tag} outside of a sequence");
            }

            if (depth == 0 && tag is { Group: 0, Element: 0 } && Span[_position..end].IndexOfAnyExcept((byte)0) < 0)
            {
                return false;
            }

            if (_stopAtPixels && depth == 0 && tag.Group == 0x7FE0)
            {
                return false;
            }

            ReadElement(dataset, end, depth);
        }

        return !isItem && _length > _data.Length ? throw new BeyondStartException() : false;
    }

    private void ReadElement(DicomDataset dataset, int end, int depth)
    {
        if (++_elements > MostElements)
        {
            throw new MedicalFileException(
                MedicalFileFault.TooLarge,
                _source,
                $"more than {MostElements} elements",
                $"at most {MostElements}",
                "Divide the file");
        }

        DicomTag tag = PeekTag();
        _position += 4;
        (DicomVr vr, uint length) = ReadVrAndLength(tag, end);
        if (length == Undefined)
        {
            if (tag == Tags.PixelData || vr is DicomVr.OB or DicomVr.OW)
            {
                dataset.Set(new DicomElement(tag, vr, ReadFragments(end)));
                return;
            }

            if (vr is not (DicomVr.SQ or DicomVr.UN))
            {
                throw Damaged($"{tag} of undefined length, which {vr} cannot have");
            }

            // A sequence of unknown representation is written without representations, whatever the file is (PS3.5, 6.2.2).
            bool before = _explicit;
            _explicit = before && vr == DicomVr.SQ;
            dataset.Set(new DicomElement(tag, ReadItems(dataset, end, closed: false, depth + 1)));
            _explicit = before;
            return;
        }

        if (length > end - _position)
        {
            throw Short($"{tag}", length, end);
        }

        if (vr == DicomVr.SQ || (vr == DicomVr.UN && DicomDictionary.Of(tag) == DicomVr.SQ))
        {
            bool before = _explicit;
            _explicit = before && vr == DicomVr.SQ;
            dataset.Set(new DicomElement(tag, ReadItems(dataset, _position + (int)length, closed: true, depth + 1)));
            _explicit = before;
            return;
        }

        dataset.Set(new DicomElement(tag, vr, _data.Slice(_position, (int)length), _bigEndian));
        _position += (int)length;
    }

    /// <summary>Reads the items of a sequence: up to its end where its length is stated, up to its delimiter otherwise.</summary>
    private List<DicomDataset> ReadItems(DicomDataset parent, int end, bool closed, int depth)
    {
        if (depth > Deepest)
        {
            throw Damaged($"sequences inside of each other, more than {Deepest} deep");
        }

        var items = new List<DicomDataset>();
        while (_position < end)
        {
            if (end - _position < 8)
            {
                throw Short("the header of an item", 8, end);
            }

            DicomTag tag = PeekTag();
            uint length = UInt32(_position + 4);
            _position += 8;
            if (tag == Tags.SequenceEnd && !closed)
            {
                return items;
            }

            if (tag != Tags.Item)
            {
                throw Damaged($"{tag} where an item of a sequence begins");
            }

            if (length != Undefined && length > end - _position)
            {
                throw Short("an item", length, end);
            }

            if (++_elements > MostElements)
            {
                throw Damaged($"more than {MostElements} items");
            }

            var item = new DicomDataset(_source)
            {
                IsUtf8 = parent.IsUtf8
                    || (parent.TryGet(Tags.SpecificCharacterSet, out DicomElement? set) && set.Value.Span.IndexOf("ISO_IR 192"u8) >= 0),
            };
            bool ended = ReadInto(item, length == Undefined ? end : _position + (int)length, isItem: true, depth);
            if (length == Undefined && !ended)
            {
                throw Short("the end of an item", 8, end);
            }

            items.Add(item);
        }

        if (!closed)
        {
            throw Short("the end of a sequence", 8, end);
        }

        return items;
    }

    /// <summary>Reads the fragments of compressed pixels, the offset table first.</summary>
    private List<ReadOnlyMemory<byte>> ReadFragments(int end)
    {
        var fragments = new List<ReadOnlyMemory<byte>>();
        while (end - _position >= 8)
        {
            DicomTag tag = PeekTag();
            uint length = UInt32(_position + 4);
            _position += 8;
            if (tag == Tags.SequenceEnd)
            {
                return fragments;
            }

            if (tag != Tags.Item)
            {
                throw Damaged($"{tag} where a fragment of compressed pixels begins");
            }

            if (length > end - _position)
            {
                throw Short("a fragment of compressed pixels", length, end);
            }

            if (++_elements > MostElements)
            {
                throw Damaged($"more than {MostElements} fragments");
            }

            fragments.Add(_data.Slice(_position, (int)length));
            _position += (int)length;
        }

        // Without the closing delimiter all fragments are there: writers forget it.
        return _position == end ? fragments : throw Short("the end of the compressed pixels", 8, end);
    }

    private (DicomVr Vr, uint Length) ReadVrAndLength(DicomTag tag, int end)
    {
        if (!_explicit || !TryVr(Span[_position], Span[_position + 1], out DicomVr vr))
        {
            // Also an explicit file whose two letters are none: they are the length of an element without representation.
            uint plain = UInt32(_position);
            _position += 4;
            DicomVr known = DicomDictionary.Of(tag);
            return (known == DicomVr.UN && plain == Undefined ? DicomVr.SQ : known, plain);
        }

        if (vr is not (DicomVr.OB or DicomVr.OD or DicomVr.OF or DicomVr.OL or DicomVr.OV or DicomVr.OW or DicomVr.SQ or DicomVr.SV
            or DicomVr.UC or DicomVr.UN or DicomVr.UR or DicomVr.UT or DicomVr.UV))
        {
            ushort small = UInt16(_position + 2);
            _position += 4;
            return (vr, small);
        }

        if (end - _position < 8)
        {
            throw Short($"the length of {tag}", 8, end);
        }

        uint length = UInt32(_position + 4);
        _position += 8;
        return (vr, length);
    }

    private static bool TryVr(byte first, byte second, out DicomVr vr)
    {
        vr = DicomVr.UN;
        if (first is < (byte)'A' or > (byte)'Z' || second is < (byte)'A' or > (byte)'Z')
        {
            return false;
        }

        // Letters that are no representation are those of a newer standard or a mistake: an unknown one.
        ReadOnlySpan<char> letters = [(char)first, (char)second];
        if (!Enum.TryParse(letters, out vr))
        {
            vr = DicomVr.UN;
        }

        return true;
    }

    private DicomTag PeekTag() => new(UInt16(_position), UInt16(_position + 2));

    private ushort UInt16(int at) => _bigEndian
        ? BinaryPrimitives.ReadUInt16BigEndian(Span[at..])
        : BinaryPrimitives.ReadUInt16LittleEndian(Span[at..]);

    private uint UInt32(int at) => _bigEndian
        ? BinaryPrimitives.ReadUInt32BigEndian(Span[at..])
        : BinaryPrimitives.ReadUInt32LittleEndian(Span[at..]);

    private Exception Short(string what, uint length, int end) => _length > _data.Length
        ? new BeyondStartException()
        : MedicalFileException.Damaged(
            _source, $"{what} of {length} bytes where {Math.Max(0, end - _position)} are left, at byte {_position}");

    private MedicalFileException Damaged(string received) => MedicalFileException.Damaged(_source, $"{received}, at byte {_position}");

    /// <summary>The header goes on behind the part of the file that was read.</summary>
    public sealed class BeyondStartException : Exception;
}

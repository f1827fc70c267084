using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace MadgNet.Core.Imaging;

/// <summary>
/// NumPy's <c>.npy</c> files (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): what
/// <c>numpy.load</c> reads and <c>numpy.save</c> writes. Maps keep every bit of their values in them, which an 8-bit
/// picture does not.
/// </summary>
/// <remarks>
/// Written is float32, little-endian, C order, version 1.0, the values starting at a multiple of 64 bytes. Read are
/// the versions 1.0 to 3.0 with values of float16, float32, float64, bool and whole numbers of 8 to 64 bits, in C or Fortran order and
/// either byte order, all turned into float32. Nothing in a file is executed: object arrays are refused. Safe to use from several threads.
/// </remarks>
public static class NpyFile
{
    /// <summary>The values start at a multiple of this many bytes, so that a reader may map the file into memory.</summary>
    private const int Alignment = 64;

    /// <summary>Far above any header of plain numbers; NumPy itself refuses headers above 10,000 characters from untrusted files.</summary>
    private const int LargestHeader = 65_536;

    /// <summary>NumPy's own limit on dimensions.</summary>
    private const int LargestRank = 64;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Writes an image: H×W where it has one plane, N×H×W otherwise. The file appears complete or not at all.</summary>
    /// <param name="image">The image; every value is written as it is, also NaN.</param>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(FloatImage image, string path)
    {
        ArgumentNullException.ThrowIfNull(image);
        AtomicFile.Write(path, stream => Write(image, stream));
    }

    /// <summary>Writes an image to a stream, which stays open: H×W where it has one plane, N×H×W otherwise.</summary>
    /// <param name="image">The image; every value is written as it is, also NaN.</param>
    /// <param name="stream">A writable stream.</param>
    public static void Write(FloatImage image, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(stream);
        int[] shape = image.Channels == 1 ? [image.Height, image.Width] : [image.Channels, image.Height, image.Width];
        Write(shape, image.Data, stream);
    }

    /// <summary>Writes an array of any shape. The file appears complete or not at all.</summary>
    /// <param name="array">The array.</param>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(NpyArray array, string path)
    {
        ArgumentNullException.ThrowIfNull(array);
        AtomicFile.Write(path, stream => Write(array, stream));
    }

    /// <summary>Writes an array of any shape to a stream, which stays open.</summary>
    /// <param name="array">The array.</param>
    /// <param name="stream">A writable stream.</param>
    public static void Write(NpyArray array, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(stream);
        Write(array.Shape, array.Values, stream);
    }

    /// <summary>Reads a file whatever its shape.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The array; <see cref="NpyArray.ToImage"/> makes an image of a map.</returns>
    /// <exception cref="ImageReadException">The file is missing, damaged, no <c>.npy</c> file, or holds what is not read: see the
    /// class.</exception>
    public static NpyArray Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] content = StreamBytes.ReadFile(path, Array.MaxLength, start => start.StartsWith(Magic), "a readable .npy file");
        return Decode(content, path);
    }

    /// <summary>Reads an array from memory.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="name">The name that an exception gives the file.</param>
    /// <returns>The array.</returns>
    /// <exception cref="ImageReadException">The content is damaged, no <c>.npy</c> file, or holds what is not read: see the
    /// class.</exception>
    public static NpyArray Decode(ReadOnlySpan<byte> content, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (content.Length < Magic.Length + 4 || !content.StartsWith(Magic))
        {
            throw new ImageReadException(
                name,
                $"{content.Length} bytes that do not start as an .npy file",
                "a file that numpy.save wrote",
                "Check the path, or convert the file");
        }

        (int start, int length) = content[6] switch
        {
            1 => (10, BinaryPrimitives.ReadUInt16LittleEndian(content[8..])),
            2 or 3 when content.Length >= 12 => (12, (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(content[8..]), int.MaxValue)),
            2 or 3 => throw ImageReader.Damaged(name, $"an .npy file that ends after {content.Length} bytes"),
            byte version => throw new ImageReadException(
                name, $"version {version}.{content[7]} of the format", "version 1.0, 2.0 or 3.0", "Save the array with numpy.save"),
        };
        if (length > LargestHeader || length > content.Length - start)
        {
            throw ImageReader.Damaged(name, $"an .npy header of {length} bytes in a file of {content.Length}");
        }

        // Latin-1 up to version 2, UTF-8 from 3; what is read here consists of ASCII in either.
        var header = new Header(Encoding.Latin1.GetString(content.Slice(start, length)), name);
        ReadOnlySpan<byte> data = content[(start + length)..];
        long bytes = header.Count * header.Size;
        if (data.Length != bytes)
        {
            throw ImageReader.Damaged(
                name, $"{data.Length} bytes of values for the shape ({string.Join(", ", header.Shape)}), which takes {bytes}");
        }

        return new NpyArray(header.Shape, header.Read(data)) { FullRange = header.FullRange };
    }

    private static void Write(IReadOnlyList<int> shape, ReadOnlySpan<float> values, Stream stream)
    {
        // A tuple of one number keeps its comma in Python.
        string sizes = string.Join(", ", shape.Select(size => size.ToString(CultureInfo.InvariantCulture))) + (shape.Count == 1 ? "," : "");
        string text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({sizes}), }}";
        int unpadded = Magic.Length + 4 + text.Length + 1;
        int padding = (Alignment - (unpadded % Alignment)) % Alignment;
        var header = new byte[unpadded + padding];
        Magic.CopyTo(header);
        header[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)(header.Length - 10));
        header.AsSpan(10).Fill((byte)' ');
        Encoding.ASCII.GetBytes(text, header.AsSpan(10));
        header[^1] = (byte)'\n';
        stream.Write(header);
        if (BitConverter.IsLittleEndian)
        {
            // In pieces, because a span of bytes cannot be longer than 2³¹.
            const int Piece = 1 << 24;
            for (int i = 0; i < values.Length; i += Piece)
            {
                stream.Write(MemoryMarshal.AsBytes(values.Slice(i, Math.Min(Piece, values.Length - i))));
            }

            return;
        }

        Span<byte> one = stackalloc byte[4];
        foreach (float value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(one, value);
            stream.Write(one);
        }
    }

    /// <summary>The Python dictionary at the start of a file: three keys with a text, a truth value and a tuple of whole numbers.</summary>
    private sealed class Header
    {
        private readonly string _text;
        private readonly string _name;
        private readonly string _type;
        private readonly bool _byColumns;
        private int _position;

        public Header(string text, string name)
        {
            _text = text;
            _name = name;
            string? type = null;
            bool? columns = null;
            int[]? shape = null;
            Expect('{');
            while (!Take('}'))
            {
                string key = Text();
                Expect(':');
                switch (key)
                {
                    case "descr" when type is null:
                        type = Text();
                        break;
                    case "fortran_order" when columns is null:
                        columns = Truth();
                        break;
                    case "shape" when shape is null:
                        shape = Tuple();
                        break;
                    default:
                        throw Damaged($"the key '{key}'");
                }

                if (!Take(','))
                {
                    Expect('}');
                    break;
                }
            }

            Skip();
            if (_position != _text.Length || type is null || columns is null || shape is null)
            {
                throw Damaged(_position == _text.Length ? "not all of descr, fortran_order and shape" : "text after its end");
            }

            _byColumns = columns.Value && shape.Length > 1;
            Size = type is "|u1" or "|b1" or "|i1" ? 1
                : type is ['<' or '>', 'f', '2' or '4' or '8'] or ['<' or '>', 'i' or 'u', '2' or '4' or '8'] ? type[2] - '0'
                : throw new ImageReadException(
                    name,
                    $"values of the type '{type}'",
                    "floating-point numbers of 2, 4 or 8 bytes, whole numbers of 1 to 8, or bool",
                    "Save array.astype('<f4')");
            _type = type;
            Shape = shape;
            Count = 1;
            foreach (int size in shape)
            {
                Count *= size;
                if (Count > Array.MaxLength)
                {
                    throw new ImageReadException(
                        name, $"the shape ({string.Join(", ", shape)})", $"at most {Array.MaxLength} values", "Divide the array");
                }
            }
        }

        public int[] Shape { get; }

        public int Size { get; }

        /// <summary>What the type can hold; null for fractions and for 32 and 64 bits, whose range nobody uses.</summary>
        public (double Low, double High)? FullRange => _type switch
        {
            "|u1" => (byte.MinValue, byte.MaxValue),
            "|i1" => (sbyte.MinValue, sbyte.MaxValue),
            "<u2" or ">u2" => (ushort.MinValue, ushort.MaxValue),
            "<i2" or ">i2" => (short.MinValue, short.MaxValue),
            _ => null,
        };

        public long Count { get; }

        public float[] Read(ReadOnlySpan<byte> data)
        {
            float[] values = GC.AllocateUninitializedArray<float>((int)Count);
            if (_type == "<f4" && BitConverter.IsLittleEndian)
            {
                data.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            }
            else
            {
                Span<byte> number = stackalloc byte[8];
                for (int i = 0; i < values.Length; i++)
                {
                    Span<byte> one = number[..Size];
                    data.Slice(i * Size, Size).CopyTo(one);
                    if (_type[0] == '>')
                    {
                        one.Reverse();
                    }

                    values[i] = Number(one);
                }
            }

            return _byColumns ? RowMajor(values) : values;
        }

        private float Number(ReadOnlySpan<byte> one) => _type[1..] switch
        {
            "f4" => BinaryPrimitives.ReadSingleLittleEndian(one),
            "f2" => (float)BinaryPrimitives.ReadHalfLittleEndian(one),
            "f8" => (float)BinaryPrimitives.ReadDoubleLittleEndian(one),
            "i1" => (sbyte)one[0],
            "i2" => BinaryPrimitives.ReadInt16LittleEndian(one),
            "u2" => BinaryPrimitives.ReadUInt16LittleEndian(one),
            "i4" => BinaryPrimitives.ReadInt32LittleEndian(one),
            "u4" => BinaryPrimitives.ReadUInt32LittleEndian(one),
            "i8" => BinaryPrimitives.ReadInt64LittleEndian(one),
            "u8" => BinaryPrimitives.ReadUInt64LittleEndian(one),
            _ => one[0],
        };

        /// <summary>Values whose first dimension runs fastest, in the order in which the last one does.</summary>
        private float[] RowMajor(float[] values)
        {
            float[] result = GC.AllocateUninitializedArray<float>(values.Length);
            var index = new int[Shape.Length];
            var step = new long[Shape.Length];
            for (int d = 0; d < step.Length; d++)
            {
                step[d] = d == 0 ? 1 : step[d - 1] * Shape[d - 1];
            }

            long at = 0;
            for (int i = 0; i < result.Length; i++)
            {
                result[i] = values[at];
                for (int d = Shape.Length - 1; d >= 0; d--)
                {
                    at += step[d];
                    if (++index[d] < Shape[d])
                    {
                        break;
                    }

                    at -= step[d] * Shape[d];
                    index[d] = 0;
                }
            }

            return result;
        }

        private string Text()
        {
            Skip();
            char quote = Current;
            if (quote is not ('\'' or '"'))
            {
                throw Damaged("something else than a text between quotes");
            }

            int end = _text.IndexOf(quote, _position + 1);
            if (end < 0)
            {
                throw Damaged("a text without its end");
            }

            string text = _text[(_position + 1)..end];
            _position = end + 1;
            return text;
        }

        private bool Truth()
        {
            Skip();
            foreach ((string word, bool value) in ((string, bool)[])[("True", true), ("False", false)])
            {
                if (string.CompareOrdinal(_text, _position, word, 0, word.Length) == 0)
                {
                    _position += word.Length;
                    return value;
                }
            }

            throw Damaged("neither True nor False for fortran_order");
        }

        private int[] Tuple()
        {
            var sizes = new List<int>();
            Expect('(');
            while (!Take(')'))
            {
                int start = _position;
                while (char.IsAsciiDigit(Current))
                {
                    _position++;
                }

                if (!int.TryParse(_text.AsSpan(start, _position - start), NumberStyles.None, CultureInfo.InvariantCulture, out int size)
                    || sizes.Count == LargestRank)
                {
                    throw Damaged("a shape that is no tuple of whole numbers");
                }

                sizes.Add(size);
                if (!Take(','))
                {
                    Expect(')');
                    break;
                }

                Skip();
            }

            return [.. sizes];
        }

        private char Current => _position < _text.Length ? _text[_position] : '\0';

        private void Skip()
        {
            while (Current is ' ' or '\n' or '\t' or '\r')
            {
                _position++;
            }
        }

        private bool Take(char expected)
        {
            Skip();
            if (Current != expected)
            {
                return false;
            }

            _position++;
            return true;
        }

        private void Expect(char expected)
        {
            if (!Take(expected))
            {
                throw Damaged($"no '{expected}' at character {_position}");
            }
        }

        private ImageReadException Damaged(string what) => ImageReader.Damaged(_name, $"an .npy header with {what}");
    }
}

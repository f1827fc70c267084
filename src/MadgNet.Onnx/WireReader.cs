using System.Text;

namespace MadgNet.Onnx;

/// <summary>Reads the fields of a Protocol Buffers message one after another, and passes over their contents.</summary>
internal sealed class WireReader(Stream stream)
{
    public const int Varint = 0;
    public const int Bytes = 2;

    private const int Fixed64 = 1;
    private const int StartGroup = 3;
    private const int EndGroup = 4;
    private const int Fixed32 = 5;
    private const int DeepestGroup = 32;

    private readonly byte[] _buffer = new byte[1 << 14];
    private int _next;
    private int _filled;
    private long _start;

    /// <summary>How far the file is read.</summary>
    public long Position => _start + _next;

    public (int Field, int Type) ReadTag()
    {
        ulong tag = ReadVarint();
        return tag is 0 or > uint.MaxValue ? throw Damaged() : ((int)(tag >> 3), (int)(tag & 7));
    }

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = ReadByte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Damaged();
    }

    /// <summary>Reads the length of a field, and gives where it ends: not behind what it is in.</summary>
    public long ReadEnd(long limit)
    {
        ulong length = ReadVarint();
        return length <= (ulong)Math.Max(0, limit - Position) ? Position + (long)length : throw Damaged();
    }

    public string ReadText(long end, int longest)
    {
        long length = end - Position;
        if (length > longest)
        {
            throw new InvalidDataException($"a name of {length} bytes");
        }

        byte[] text = new byte[length];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = ReadByte();
        }

        return Encoding.UTF8.GetString(text);
    }

    public void Skip(int type, long limit) => Skip(type, limit, 0);

    private static InvalidDataException Damaged() => new("fields that contradict each other");

    private void Skip(int type, long limit, int depth)
    {
        switch (type)
        {
            case Varint:
                ReadVarint();
                break;
            case Fixed64:
                Seek(Position + 8, limit);
                break;
            case Fixed32:
                Seek(Position + 4, limit);
                break;
            case Bytes:
                Seek(ReadEnd(limit), limit);
                break;
            case StartGroup when depth < DeepestGroup:
                while (ReadTag() is (_, not EndGroup) field)
                {
                    Skip(field.Type, limit, depth + 1);
                }

                break;
            default:
                throw Damaged();
        }
    }

    private void Seek(long position, long limit)
    {
        if (position > limit)
        {
            throw Damaged();
        }

        if (position - _start <= _filled)
        {
            _next = (int)(position - _start);
            return;
        }

        stream.Position = position;
        (_start, _next, _filled) = (position, 0, 0);
    }

    private byte ReadByte()
    {
        if (_next == _filled)
        {
            _start += _filled;
            _next = 0;
            stream.Position = _start;
            _filled = stream.Read(_buffer, 0, _buffer.Length);
            if (_filled == 0)
            {
                throw Damaged();
            }
        }

        return _buffer[_next++];
    }
}

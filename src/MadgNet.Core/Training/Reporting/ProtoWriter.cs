using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MadgNet.Core.Training.Reporting;

/// <summary>
/// The few wire types of Protocol Buffers that TensorBoard's events need
/// (https://protobuf.dev/programming-guides/encoding).
/// </summary>
internal sealed class ProtoWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    private enum Wire
    {
        Varint = 0,
        Fixed64 = 1,
        Length = 2,
        Fixed32 = 5,
    }

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public ProtoWriter Integer(int field, long value)
    {
        Tag(field, Wire.Varint);
        Varint((ulong)value);
        return this;
    }

    public ProtoWriter Double(int field, double value)
    {
        Tag(field, Wire.Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
        return this;
    }

    public ProtoWriter Float(int field, float value)
    {
        Tag(field, Wire.Fixed32);
        BinaryPrimitives.WriteSingleLittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
        return this;
    }

    public ProtoWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtoWriter Message(int field, ProtoWriter message) => Bytes(field, message._buffer.WrittenSpan);

    public ProtoWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, Wire.Length);
        Varint((ulong)value.Length);
        _buffer.Write(value);
        return this;
    }

    /// <summary>A repeated field of doubles, packed.</summary>
    public ProtoWriter Doubles(int field, ReadOnlySpan<double> values)
    {
        Tag(field, Wire.Length);
        Varint((ulong)values.Length * 8);
        foreach (double value in values)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(_buffer.GetSpan(8), value);
            _buffer.Advance(8);
        }

        return this;
    }

    private void Tag(int field, Wire wire) => Varint(((ulong)field << 3) | (ulong)wire);

    private void Varint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        int length = 0;
        do
        {
            bytes[length++] = (byte)((value & 0x7F) | (value > 0x7F ? 0x80u : 0));
            value >>= 7;
        }
        while (value != 0);
        _buffer.Write(bytes[..length]);
    }
}

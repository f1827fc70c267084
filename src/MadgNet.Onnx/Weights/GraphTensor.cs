using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Onnx;

namespace MadgNet.Onnx.Weights;

/// <summary>A constant of an ONNX graph, in single precision.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Values">The values, rows one behind the other.</param>
internal sealed record GraphTensor(string Name, IReadOnlyList<long> Shape, float[] Values)
{
    /// <summary>Reads a constant; null where it holds no floating-point numbers, or keeps them outside of the file.</summary>
    /// <exception cref="InvalidDataException">Shape and values contradict each other.</exception>
    public static GraphTensor? Read(TensorProto tensor)
    {
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
        {
            return null;
        }

        ReadOnlySpan<byte> raw = tensor.RawData.Span;
        float[]? values = (TensorProto.Types.DataType)tensor.DataType switch
        {
            TensorProto.Types.DataType.Float => raw.Length > 0 ? Singles(raw) : [.. tensor.FloatData],
            TensorProto.Types.DataType.Float16 => raw.Length > 0
                ? Halves(raw)
                : [.. tensor.Int32Data.Select(bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits))],
            TensorProto.Types.DataType.Double => raw.Length > 0
                ? Doubles(raw)
                : [.. tensor.DoubleData.Select(value => (float)value)],
            _ => null,
        };
        if (values is null)
        {
            return null;
        }

        long count = 1;
        foreach (long length in tensor.Dims)
        {
            count = length < 0 || length > int.MaxValue || count * length > int.MaxValue ? -1 : count * length;
            if (count < 0)
            {
                break;
            }
        }

        return count == values.Length
            ? new GraphTensor(tensor.Name, [.. tensor.Dims], values)
            : throw new InvalidDataException(
                $"the tensor '{tensor.Name}' of the shape [{string.Join(", ", tensor.Dims)}] with {values.Length} values");
    }

    /// <summary>The file's order is little-endian on every machine.</summary>
    private static float[] Singles(ReadOnlySpan<byte> raw)
    {
        float[] values = new float[raw.Length / sizeof(float)];
        if (BitConverter.IsLittleEndian)
        {
            raw[..(values.Length * sizeof(float))].CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
            return values;
        }

        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(raw[(i * sizeof(float))..]);
        }

        return values;
    }

    private static float[] Halves(ReadOnlySpan<byte> raw)
    {
        float[] values = new float[raw.Length / 2];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(raw[(i * 2)..]);
        }

        return values;
    }

    private static float[] Doubles(ReadOnlySpan<byte> raw)
    {
        float[] values = new float[raw.Length / sizeof(double)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(raw[(i * sizeof(double))..]);
        }

        return values;
    }
}

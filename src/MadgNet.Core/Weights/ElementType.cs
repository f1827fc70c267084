using static TorchSharp.torch;

namespace MadgNet.Core.Weights;

/// <summary>The element types that weight files may hold: their size, and their names in both formats.</summary>
/// <param name="Type">The type in memory.</param>
/// <param name="Size">Bytes of one element.</param>
/// <param name="SafetensorsName">Name in a safetensors header.</param>
/// <param name="TorchStorage">Name of the class of PyTorch's storages of this type.</param>
internal sealed record ElementType(ScalarType Type, int Size, string SafetensorsName, string TorchStorage)
{
    /// <summary>
    /// All of them, in the order in which a canonical safetensors file lays its tensors out: the reference
    /// implementation sorts by descending alignment, and within one alignment by its own list of types.
    /// </summary>
    public static readonly IReadOnlyList<ElementType> All =
    [
        new(ScalarType.Int64, 8, "I64", "LongStorage"),
        new(ScalarType.Float64, 8, "F64", "DoubleStorage"),
        new(ScalarType.Float32, 4, "F32", "FloatStorage"),
        new(ScalarType.Int32, 4, "I32", "IntStorage"),
        new(ScalarType.BFloat16, 2, "BF16", "BFloat16Storage"),
        new(ScalarType.Float16, 2, "F16", "HalfStorage"),
        new(ScalarType.Int16, 2, "I16", "ShortStorage"),
        new(ScalarType.Int8, 1, "I8", "CharStorage"),
        new(ScalarType.Byte, 1, "U8", "ByteStorage"),
        new(ScalarType.Bool, 1, "BOOL", "BoolStorage"),
    ];

    /// <summary>The names in a safetensors header, for messages.</summary>
    public static string SafetensorsNames => string.Join(", ", All.Select(type => type.SafetensorsName));

    public static ElementType? Of(ScalarType type) => All.FirstOrDefault(known => known.Type == type);

    public static ElementType? OfSafetensors(string? name) => All.FirstOrDefault(known => known.SafetensorsName == name);

    public static ElementType? OfTorchStorage(string name) => All.FirstOrDefault(known => known.TorchStorage == name);

    /// <summary>
    /// The bytes that a dense tensor of the shape takes, or null where the shape has a negative size, more dimensions
    /// than libtorch iterates over, or more elements than memory could ever hold.
    /// </summary>
    public long? ByteCount(IReadOnlyList<long> shape)
    {
        const int MaximumRank = 64;
        if (shape.Count > MaximumRank || shape.Any(size => size < 0))
        {
            return null;
        }

        // A size of 0 empties the tensor, but libtorch still multiplies the other sizes into strides.
        UInt128 bytes = (uint)Size;
        bool empty = false;
        foreach (long size in shape)
        {
            if (size == 0)
            {
                empty = true;
                continue;
            }

            bytes *= (ulong)size;
            if (bytes > long.MaxValue)
            {
                return null;
            }
        }

        return empty ? 0 : (long)bytes;
    }
}

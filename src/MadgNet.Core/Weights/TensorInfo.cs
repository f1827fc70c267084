using static TorchSharp.torch;

namespace MadgNet.Core.Weights;

/// <summary>What is known of a tensor without its values: name, element type and shape.</summary>
public sealed class TensorInfo
{
    /// <summary>Describes a tensor.</summary>
    /// <param name="name">Name of the tensor in its file or state dict.</param>
    /// <param name="type">Type of its elements.</param>
    /// <param name="shape">Its sizes, none for a scalar; each at least 0.</param>
    internal TensorInfo(string name, ScalarType type, IReadOnlyList<long> shape)
    {
        Name = name;
        Type = type;
        Shape = shape;
    }

    /// <summary>Name of the tensor in its file or state dict.</summary>
    public string Name { get; }

    /// <summary>Type of the elements.</summary>
    public ScalarType Type { get; }

    /// <summary>The sizes of the dimensions; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Number of elements: 1 for a scalar, 0 when a dimension is 0.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Type and shape as text, such as <c>Float32 64×3×7×7</c> or <c>Int64 scalar</c>.</summary>
    /// <returns>The description, without the name.</returns>
    public override string ToString() => $"{Type} {(Shape.Count == 0 ? "scalar" : string.Join('×', Shape))}";
}

using Onnx;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary>
/// Adaptive average pooling to D×D, which ONNX has no operation for: position i of D averages the positions
/// ⌊i·H/D⌋ … ⌈(i+1)·H/D⌉ − 1 of H. That is linear and separable, so it is a product with a D×H matrix from the left and with
/// a W×D matrix from the right. The matrices are constants where the size is, and computed in the graph where it is free.
/// </summary>
internal sealed class AdaptivePooling(Operations operations)
{
    private readonly Dictionary<string, string> _computed = [];

    /// <summary>The map at D×D.</summary>
    public OnnxFeatureMap Build(OnnxFeatureMap input, int size)
    {
        if (input.Height == size && input.Width == size)
        {
            return input;
        }

        if (input.Height is { } h && input.Width is { } w && h == w && h % size == 0)
        {
            return operations.AveragePool(input, h / size, h / size);
        }

        GraphBuilder graph = operations.Graph;
        string name = input.Name;
        if (input.Width != size)
        {
            string right = input.Width is { } width
                ? graph.Constant("pool_columns", Transpose(Matrix(width, size), size, width), width, size)
                : Computed(input.Name, 3, size);
            name = graph.Node("MatMul", [name, right]);
        }

        if (input.Height != size)
        {
            string left = input.Height is { } height
                ? graph.Constant("pool_rows", Matrix(height, size), size, height)
                : graph.Node("Transpose", [Computed(input.Name, 2, size)], GraphBuilder.Attribute("perm", [1, 0]));
            name = graph.Node("MatMul", [left, name]);
        }

        return new OnnxFeatureMap(name, input.Channels, size, size);
    }

    /// <summary>The D×H matrix, row by row.</summary>
    internal static float[] Matrix(int length, int size)
    {
        var matrix = new float[size * length];
        for (int i = 0; i < size; i++)
        {
            int start = (int)((long)i * length / size);
            int end = (int)((((long)(i + 1) * length) + size - 1) / size);
            for (int position = start; position < end; position++)
            {
                matrix[(i * length) + position] = (float)(1.0 / (end - start));
            }
        }

        return matrix;
    }

    private static float[] Transpose(float[] matrix, int rows, int columns)
    {
        var transposed = new float[matrix.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                transposed[(column * rows) + row] = matrix[(row * columns) + column];
            }
        }

        return transposed;
    }

    /// <summary>The length×D matrix of an axis whose length is known when the graph runs.</summary>
    private string Computed(string map, int axis, int size)
    {
        if (_computed.TryGetValue($"{map} {axis} {size}", out string? known))
        {
            return known;
        }

        GraphBuilder graph = operations.Graph;
        string length = operations.Slice(graph.Node("Shape", [map]), axis, axis + 1);
        string scalar = graph.Node("Squeeze", [length]);
        string divisor = graph.Integers("size", [size]);

        // start = i·length / D and end = (i·length + length + D − 1) / D, divisions of positive integers.
        string multiples = operations.Multiply(graph.Integers("index", [.. Enumerable.Range(0, size).Select(i => (long)i)]), length);
        string start = graph.Node("Div", [multiples, divisor]);
        string rounded = operations.Add(length, graph.Integers("round_up", [size - 1]));
        string end = graph.Node("Div", [operations.Add(multiples, rounded), divisor]);
        string positions = graph.Node(
            "Range",
            [graph.Integers("zero", [0], scalar: true), scalar, graph.Integers("one", [1], scalar: true)]);
        string column = graph.Node("Unsqueeze", [positions, graph.Integers("last_axis", [1])]);
        string inside = graph.Node("And", [graph.Node("GreaterOrEqual", [column, start]), graph.Node("Less", [column, end])]);
        string count = graph.Cast(graph.Node("Sub", [end, start]), TensorProto.Types.DataType.Float);
        string matrix = graph.Node("Div", [graph.Cast(inside, TensorProto.Types.DataType.Float), count]);
        if (graph.ComputeType != TensorProto.Types.DataType.Float)
        {
            matrix = graph.Cast(matrix, graph.ComputeType);
        }

        _computed.Add($"{map} {axis} {size}", matrix);
        return matrix;
    }
}

using System.Runtime.InteropServices;
using MadgNet.Core.Modules.Attention;
using TorchSharp;
using static MadgNet.Onnx.Export.GraphBuilder;
using static TorchSharp.torch;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary>
/// The statistics of <see cref="WaveletChannelAttention"/>. The transform is linear and separable: the subbands are the blocks of
/// W·x·Wᵀ, with one D×D matrix W whose rows are read off the module itself.
/// </summary>
internal sealed class WaveletGraph(Operations operations)
{
    /// <summary>The means over the subbands of each one's average, maximum and minimum, N×C×3.</summary>
    public string Build(OnnxFeatureMap pooled, WaveletChannelAttention attention)
    {
        GraphBuilder graph = operations.Graph;
        int size = attention.StatisticsSize;
        int bands = 1 << attention.Levels;
        int side = size / bands;
        float[] matrix = Matrix(attention, size, bands, side);
        var transposed = new float[matrix.Length];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                transposed[(j * size) + i] = matrix[(i * size) + j];
            }
        }

        string columns = graph.Node("MatMul", [pooled.Name, graph.Constant("wavelets_transposed", transposed, size, size)]);
        string all = graph.Node("MatMul", [graph.Constant("wavelets", matrix, size, size), columns]);

        // N×C×(u·P)×(v·P) → N×C×u×v×P×P → N×C×(u·v)×(P·P), of which the subbands that count are gathered.
        string blocks = graph.Node("Reshape", [all, graph.Integers("blocks", [0, 0, bands, side, bands, side])]);
        string ordered = graph.Node("Transpose", [blocks], Attribute("perm", [0, 1, 2, 4, 3, 5]));
        string rows = graph.Node("Reshape", [ordered, graph.Integers("rows", [0, 0, (long)bands * bands, (long)side * side])]);
        string index = graph.Integers("subbands", [.. attention.Frequencies.Select(band => ((long)band.U * bands) + band.V)]);
        string chosen = graph.Node("Gather", [rows, index], Attribute("axis", 2));
        return operations.Concatenate(2, [.. new[] { "ReduceMean", "ReduceMax", "ReduceMin" }
            .Select(statistic => operations.Reduce("ReduceMean", operations.Reduce(statistic, chosen, 3, keep: false), 2))]);
    }

    /// <summary>
    /// The matrix of the transform along one axis, bands in frequency order. A map of ones in row i is constant along the columns, of
    /// which the lowest band alone sees something, the same everywhere: what the bands (u, 0) hold is column i of W's rows.
    /// </summary>
    private static float[] Matrix(WaveletChannelAttention attention, int size, int bands, int side)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        using var single = new WaveletChannelAttention(1, size, attention.Frequencies.Count, attention.Filter);
        Tensor maps = eye(size, dtype: ScalarType.Float32).view(size, 1, size, 1).expand(size, 1, size, size).contiguous();
        Tensor transformed = single.Decompose(maps);
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(transformed.contiguous().bytes);
        double gain = Math.Pow(Math.Sqrt(2), attention.Levels);
        int count = attention.Frequencies.Count;
        var matrix = new float[size * size];
        for (int band = 0; band < count; band++)
        {
            if (attention.Frequencies[band].V != 0)
            {
                continue;
            }

            for (int i = 0; i < size; i++)
            {
                for (int y = 0; y < side; y++)
                {
                    float value = values[((((i * count) + band) * side) + y) * side];
                    matrix[(((attention.Frequencies[band].U * side) + y) * size) + i] = (float)(value / gain);
                }
            }
        }

        return matrix;
    }
}

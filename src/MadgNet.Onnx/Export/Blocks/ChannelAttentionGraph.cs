using MadgNet.Core.Modules.Attention;
using static MadgNet.Onnx.Export.GraphBuilder;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary>
/// <see cref="MultiFrequencyChannelAttention"/>. A basis image is a product of a vertical and a horizontal cosine,
/// <c>B(i,j) = a(i)·b(j)</c>, so the largest <c>x·B</c> is the largest over i of <c>a(i)·M(i)</c> and <c>a(i)·m(i)</c>, where M and m
/// are the largest and smallest <c>x(i,j)·b(j)</c> of row i. Whole maps are thus multiplied once for each different horizontal
/// frequency (at most 7) instead of once for each of the F basis images, and F copies of the map never exist.
/// </summary>
internal sealed class ChannelAttentionGraph(Operations operations, ModelWeights weights)
{
    private readonly AdaptivePooling _pooling = new(operations);

    /// <summary>The weights of the channels, N×C×1×1.</summary>
    public string Build(OnnxFeatureMap input, string name, IReadOnlyList<(int U, int V)> frequencies, int size)
    {
        GraphBuilder graph = operations.Graph;
        using IDisposable scope = graph.Scope("channel_attention");
        OnnxFeatureMap pooled = _pooling.Build(input, size);
        string average = Average(pooled, frequencies, size);
        (string maxima, string minima) = Extremes(pooled.Name, frequencies, size);

        // N×C×3×1: the perceptron sees the three statistics as three positions; its second layer is linear and takes their sum.
        string statistics = operations.Concatenate(2, average, maxima, minima);
        string columns = graph.Node("Unsqueeze", [statistics, graph.Integers("last_axis", [3])]);
        OnnxFeatureMap hidden = operations.ConvolveRelu(new OnnxFeatureMap(columns, input.Channels, 3, 1), weights.Kernel(name + ".0.fc.0"));
        string sum = graph.Node("ReduceSum", [hidden.Name, graph.Integers("positions", [2])], Attribute("keepdims", 1));
        OnnxFeatureMap logits = operations.Convolve(new OnnxFeatureMap(sum, hidden.Channels, 1, 1), weights.Kernel(name + ".0.fc.2"));
        return operations.Sigmoid(logits.Name);
    }

    /// <summary>The spatial average with the mean basis image, N×C×1.</summary>
    private string Average(OnnxFeatureMap pooled, IReadOnlyList<(int U, int V)> frequencies, int size)
    {
        var mean = new double[size * size];
        foreach ((int u, int v) in frequencies)
        {
            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j < size; j++)
                {
                    mean[(i * size) + j] += Cosine(i, u, size) * Cosine(j, v, size);
                }
            }
        }

        // Divided in two steps: half precision could not hold 1 / (F·D²) of a large D.
        GraphBuilder graph = operations.Graph;
        string image = graph.Constant("mean_basis", [.. mean.Select(value => (float)(value / frequencies.Count / size))], size * size, 1);
        string plane = graph.Node("Reshape", [pooled.Name, graph.Integers("plane", [0, 0, -1])]);
        return operations.Multiply(graph.Node("MatMul", [plane, image]), graph.Constant("share", [1f / size], 1));
    }

    /// <summary>The means over the frequencies of the largest and smallest products, both N×C×1.</summary>
    private (string Maxima, string Minima) Extremes(string pooled, IReadOnlyList<(int U, int V)> frequencies, int size)
    {
        GraphBuilder graph = operations.Graph;
        int[] horizontal = [.. frequencies.Select(frequency => frequency.V).Distinct()];
        var largest = new List<string>();
        var smallest = new List<string>();
        foreach (int v in horizontal)
        {
            string product = operations.Multiply(pooled, graph.Constant("cosine", Cosines(v, size), size));
            largest.Add(operations.Reduce("ReduceMax", product, 3));
            smallest.Add(operations.Reduce("ReduceMin", product, 3));
        }

        // N×C×D×F: of every row its extremes under the frequency's horizontal cosine, times its vertical one.
        string index = graph.Integers("horizontal", [.. frequencies.Select(frequency => (long)Array.IndexOf(horizontal, frequency.V))]);
        var vertical = new float[size * frequencies.Count];
        for (int i = 0; i < size; i++)
        {
            for (int f = 0; f < frequencies.Count; f++)
            {
                vertical[(i * frequencies.Count) + f] = (float)Cosine(i, frequencies[f].U, size);
            }
        }

        string table = graph.Constant("vertical", vertical, size, frequencies.Count);
        string high = Rows(largest);
        string low = Rows(smallest);
        string maxima = operations.Reduce("ReduceMax", graph.Node("Max", [high, low]), 2, keep: false);
        string minima = operations.Reduce("ReduceMin", graph.Node("Min", [high, low]), 2, keep: false);
        return (operations.Reduce("ReduceMean", maxima, 2), operations.Reduce("ReduceMean", minima, 2));

        string Rows(List<string> extremes) => operations.Multiply(
            graph.Node("Gather", [operations.Concatenate(3, [.. extremes]), index], Attribute("axis", 3)),
            table);
    }

    private static float[] Cosines(int frequency, int size) =>
        [.. Enumerable.Range(0, size).Select(position => (float)Cosine(position, frequency, size))];

    /// <summary><c>c(k)·cos(πk(i+½)/D)</c>, one factor of a basis image of <see cref="DctBasis"/>.</summary>
    private static double Cosine(int position, int frequency, int size)
    {
        double value = Math.Cos(Math.PI * frequency * (position + 0.5) / size) / Math.Sqrt(size);
        return frequency == 0 ? value : value * Math.Sqrt(2);
    }
}

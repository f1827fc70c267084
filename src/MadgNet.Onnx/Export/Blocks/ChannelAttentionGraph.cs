using MadgNet.Core.Modules.Attention;
using static MadgNet.Onnx.Export.GraphBuilder;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary>
/// The channel attentions. In <see cref="MultiFrequencyChannelAttention"/> a basis image is a product of a vertical and a horizontal
/// cosine,
/// <c>B(i,j) = a(i)·b(j)</c>, so the largest <c>x·B</c> is the largest over i of <c>a(i)·M(i)</c> and <c>a(i)·m(i)</c>, where M and m
/// are the largest and smallest <c>x(i,j)·b(j)</c> of row i. Whole maps are thus multiplied once for each different horizontal
/// frequency (at most 7) instead of once for each of the F basis images, and F copies of the map never exist.
/// </summary>
internal sealed class ChannelAttentionGraph(Operations operations, ModelWeights weights)
{
    private readonly AdaptivePooling _pooling = new(operations);

    /// <summary>The weighted map.</summary>
    /// <param name="input">The features.</param>
    /// <param name="name">What the attention's tensors are called, up to <c>.fc.0</c>.</param>
    /// <param name="attention">The module.</param>
    /// <exception cref="OnnxExportException">The attention is the host's, and no <see cref="IOnnxModule"/>.</exception>
    public OnnxFeatureMap Build(OnnxFeatureMap input, string name, ChannelAttention attention)
    {
        using IDisposable scope = operations.Graph.Scope("channel_attention");
        string statistics;
        switch (attention)
        {
            case MultiFrequencyChannelAttention { Basis: { } basis }:
                (int U, int V)[] frequencies = [.. Enumerable.Range(0, basis.Frequencies).Select(basis.FrequencyAt)];
                OnnxFeatureMap pooled = _pooling.Build(input, basis.Size);
                string average = Average(pooled, frequencies, basis.Size);
                (string maxima, string minima) = Extremes(pooled.Name, frequencies, basis.Size);

                // N×C×3×1: the perceptron sees the three statistics as three positions; its second layer is linear and takes their sum.
                statistics = operations.Concatenate(2, average, maxima, minima);
                break;
            case WaveletChannelAttention wavelets:
                statistics = new WaveletGraph(operations).Build(_pooling.Build(input, wavelets.StatisticsSize), wavelets);
                break;
            case SqueezeAndExcitation:
                // N×C×1: one position.
                string mean = operations.Graph.Node("GlobalAveragePool", [input.Name]);
                statistics = operations.Graph.Node("Squeeze", [mean, operations.Graph.Integers("last_axis", [3])]);
                break;
            case IOnnxModule own:
                return own.Export(new OnnxGraph(operations), input);
            default:
                throw NoGraph(attention.GetName());
        }

        GraphBuilder graph = operations.Graph;
        string columns = graph.Node("Unsqueeze", [statistics, graph.Integers("last_axis", [3])]);
        OnnxFeatureMap hidden = operations.ConvolveRelu(
            new OnnxFeatureMap(columns, input.Channels, null, 1), weights.Kernel(name + ".fc.0"));
        string sum = graph.Node("ReduceSum", [hidden.Name, graph.Integers("positions", [2])], Attribute("keepdims", 1));
        OnnxFeatureMap logits = operations.Convolve(new OnnxFeatureMap(sum, hidden.Channels, 1, 1), weights.Kernel(name + ".fc.2"));
        return input with { Name = operations.Multiply(input.Name, operations.Sigmoid(logits.Name)) };
    }

    /// <summary>The refusal of a module of your own that does not say what it is.</summary>
    internal static OnnxExportException NoGraph(string module) => new(new Problem(
        module,
        "a module of the host's without a graph",
        $"a module of this library, or an {nameof(IOnnxModule)}",
        $"Implement {nameof(IOnnxModule)} on the module"));

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

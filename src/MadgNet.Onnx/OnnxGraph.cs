using MadgNet.Onnx.Export;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Onnx;

/// <summary>
/// The graph of an encoder that is being exported, see <see cref="IOnnxEncoder"/>: operations on feature maps, in the precision
/// that was asked for.
/// </summary>
/// <remarks>Valid during <see cref="IOnnxEncoder.Export"/> alone.</remarks>
public sealed class OnnxGraph
{
    private readonly Operations _operations;

    internal OnnxGraph(Operations operations)
    {
        _operations = operations;
    }

    /// <summary>
    /// A convolution with a square kernel of an odd size, padded so that a stride of one keeps height and width, and the batch
    /// normalisation after it, folded into its weights.
    /// </summary>
    /// <param name="input">N×C×H×W.</param>
    /// <param name="state">A module's <c>state_dict()</c>.</param>
    /// <param name="convolution">What its weights are called there, without <c>.weight</c>; a <c>.bias</c> is optional.
    /// O×(C/groups)×k×k.</param>
    /// <param name="normalization">What the batch normalisation is called, with its running statistics and an ε of 1e-5; null for
    /// none.</param>
    /// <param name="stride">The stride; 1 or more.</param>
    /// <param name="dilation">The dilation; 1 or more.</param>
    /// <returns>N×O×(H/stride)×(W/stride), rounded up.</returns>
    /// <exception cref="OnnxExportException">The state has no such weights, or they do not fit the input.</exception>
    public OnnxFeatureMap Convolve(
        OnnxFeatureMap input,
        IReadOnlyDictionary<string, Tensor> state,
        string convolution,
        string? normalization = null,
        int stride = 1,
        int dilation = 1)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(dilation, 1);
        string[] names = normalization is null
            ? [$"{convolution}.weight"]
            : [$"{convolution}.weight", $"{normalization}.weight", $"{normalization}.bias", $"{normalization}.running_mean",
                $"{normalization}.running_var"];
        foreach (string name in names)
        {
            if (!state.ContainsKey(name))
            {
                throw new OnnxExportException(new Problem(
                    name,
                    "a state without it",
                    "the module's weights and running statistics",
                    "Pass the state_dict() of the module that has them"));
            }
        }

        long[] shape = state[names[0]].shape;
        if (shape.Length != 4
            || shape[2] != shape[3]
            || shape[2] % 2 == 0
            || input.Channels % shape[1] != 0
            || shape[0] % (input.Channels / shape[1]) != 0)
        {
            throw new OnnxExportException(new Problem(
                names[0],
                $"weights [{string.Join(", ", shape)}] for {input.Channels} channels",
                "O×(C/groups)×k×k with an odd k and groups that divide O",
                "Pass the map that the convolution is made for"));
        }

        var weights = new ModelWeights(state);
        Kernel kernel = normalization is null ? weights.Kernel(convolution) : weights.Kernel(convolution, normalization);
        return _operations.Convolve(input, kernel, stride, dilation);
    }

    /// <summary>ReLU.</summary>
    /// <param name="input">A map.</param>
    /// <returns>A map of the same shape.</returns>
    public OnnxFeatureMap Relu(OnnxFeatureMap input) => _operations.Relu(input);

    /// <summary>The logistic function.</summary>
    /// <param name="input">A map.</param>
    /// <returns>A map of the same shape.</returns>
    public OnnxFeatureMap Sigmoid(OnnxFeatureMap input) => input with { Name = _operations.Sigmoid(input.Name) };

    /// <summary>The sum of two maps of one shape.</summary>
    /// <param name="a">A map.</param>
    /// <param name="b">Another of the same shape.</param>
    /// <returns>A map of that shape.</returns>
    public OnnxFeatureMap Add(OnnxFeatureMap a, OnnxFeatureMap b) => a with { Name = _operations.Add(a.Name, b.Name) };

    /// <summary>The product of two maps of one shape.</summary>
    /// <param name="a">A map.</param>
    /// <param name="b">Another of the same shape.</param>
    /// <returns>A map of that shape.</returns>
    public OnnxFeatureMap Multiply(OnnxFeatureMap a, OnnxFeatureMap b) => a with { Name = _operations.Multiply(a.Name, b.Name) };

    /// <summary>The channels of several maps one after another.</summary>
    /// <param name="maps">Maps of one height and width; at least one.</param>
    /// <returns>A map with all their channels.</returns>
    public OnnxFeatureMap Concatenate(params OnnxFeatureMap[] maps)
    {
        ArgumentNullException.ThrowIfNull(maps);
        ArgumentOutOfRangeException.ThrowIfZero(maps.Length);
        return maps[0] with
        {
            Name = _operations.Concatenate(1, [.. maps.Select(map => map.Name)]),
            Channels = maps.Sum(map => map.Channels)
        };
    }

    /// <summary>The product of a map and a weight of each channel, or of each pixel.</summary>
    /// <param name="map">N×C×H×W.</param>
    /// <param name="weight">N×C×1×1 or N×1×H×W.</param>
    /// <returns>N×C×H×W.</returns>
    public OnnxFeatureMap Weigh(OnnxFeatureMap map, OnnxFeatureMap weight) =>
        map with { Name = _operations.Multiply(map.Name, weight.Name) };

    /// <summary>The mean over space.</summary>
    /// <param name="input">N×C×H×W.</param>
    /// <returns>N×C×1×1.</returns>
    public OnnxFeatureMap GlobalAveragePool(OnnxFeatureMap input) =>
        new(_operations.Graph.Node("GlobalAveragePool", [input.Name]), input.Channels, 1, 1);

    /// <summary>Bilinear interpolation to the size of another map, corners not aligned.</summary>
    /// <param name="input">A map.</param>
    /// <param name="target">A map of the size that is wanted.</param>
    /// <returns>The map at that size.</returns>
    public OnnxFeatureMap ResizeLike(OnnxFeatureMap input, OnnxFeatureMap target) => _operations.ResizeLike(input, target);

    /// <summary>Bilinear interpolation by a whole factor, corners aligned, as the sub-decoders enlarge their maps.</summary>
    /// <param name="input">A map.</param>
    /// <param name="factor">1 or more.</param>
    /// <returns>The enlarged map.</returns>
    public OnnxFeatureMap Enlarge(OnnxFeatureMap input, int factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        return _operations.Enlarge(input, factor);
    }

    /// <summary>Max-pooling.</summary>
    /// <param name="input">A map.</param>
    /// <param name="kernel">Height and width of the window; 1 or more.</param>
    /// <param name="stride">From window to window; 1 or more.</param>
    /// <param name="padding">Positions around the map that never win; at most half of the window.</param>
    /// <returns>The pooled map.</returns>
    public OnnxFeatureMap MaxPool(OnnxFeatureMap input, int kernel, int stride, int padding = 0) =>
        _operations.MaxPool(input, kernel, stride, padding);

    /// <summary>Average pooling.</summary>
    /// <param name="input">A map.</param>
    /// <param name="kernel">Height and width of the window; 1 or more.</param>
    /// <param name="stride">From window to window; 1 or more.</param>
    /// <param name="padding">Zeros around the map, which count; at most half of the window.</param>
    /// <returns>The pooled map.</returns>
    public OnnxFeatureMap AveragePool(OnnxFeatureMap input, int kernel, int stride, int padding = 0) =>
        _operations.AveragePool(input, kernel, stride, padding);
}

using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>
/// Multi-frequency channel attention on the CPU with a derivative written by hand, which keeps the positions of the extremes
/// instead of feature maps: the same as <see cref="MultiFrequencyChannelAttention"/>'s tensor operations, in single precision
/// whatever the type of the map.
/// </summary>
/// <remarks>The gradients belong to the graph and go with it.</remarks>
internal sealed class FrequencyAttentionFunction : autograd.SingleTensorFunction<FrequencyAttentionFunction>
{
    private const string StateKey = "state";

    /// <inheritdoc/>
    public override string Name => nameof(FrequencyAttentionFunction);

    /// <summary>Whether the function can take a map and the perceptron's weights.</summary>
    public static bool CanRun(Tensor map, Tensor squeeze, Tensor excite) =>
        GradientLifetime.Available && FeatureMemory.CanHold(map) && IsSingle(squeeze) && IsSingle(excite);

    /// <summary>Weighs the channels of a map, with a graph where one is wanted.</summary>
    /// <param name="map">N×C×H×W.</param>
    /// <param name="squeeze">The perceptron's first weights, hidden×C×1×1.</param>
    /// <param name="excite">Its second weights, C×hidden×1×1.</param>
    /// <param name="basis">The basis images.</param>
    /// <returns>N×C×H×W, in the caller's scope.</returns>
    public static Tensor Run(Tensor map, Tensor squeeze, Tensor excite, DctBasis basis)
    {
        basis.ThrowIfDisposed();
        bool graph = is_grad_enabled() && (map.requires_grad || squeeze.requires_grad || excite.requires_grad);
        return graph ? apply(map, squeeze, excite, basis) : Forward(map, squeeze, excite, basis, null);
    }

    /// <summary>The weights of the channels, N×C×1×1 in float32, without a graph.</summary>
    public static Tensor Weights(Tensor map, AttentionPerceptron perceptron, DctBasis basis)
    {
        basis.ThrowIfDisposed();
        using DisposeScope scope = NewDisposeScope();
        bool channelsLast = FeatureMemory.IsChannelsLast(map);
        FeatureMemory memory = FeatureMemory.Of(FeatureMemory.Dense(map, channelsLast), channelsLast);
        FrequencyStatistics statistics = FrequencyStatistics.Of(memory, basis, positions: false);
        float[] weights = perceptron.Weigh(statistics.Values, memory.Batch, out _);
        return tensor(weights, [memory.Batch, memory.Channels, 1, 1]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext context, params object[] vars) =>
        Forward((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (DctBasis)vars[3], context);

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext context, Tensor grad_output)
    {
        try
        {
            return Backward(context, grad_output);
        }
        catch (Exception exception)
        {
            // Native code is the caller, through which no exception passes: the cause goes to the trace, and a gradient of a
            // shape that cannot be makes libtorch end the backward pass with an error of its own.
            Trace.TraceError($"{Name}, backward pass: {exception}");
            Tensor[] impossible = [empty(0), empty(0), empty(0)];
            GradientLifetime.Tie(context, outputs: 1, impossible);
            return [.. impossible, null!];
        }
        finally
        {
            grad_output.Dispose();
        }
    }

    /// <summary>Whether weights are float32 on the CPU.</summary>
    internal static bool IsSingle(Tensor weights) => weights.device_type == DeviceType.CPU && weights.dtype == ScalarType.Float32;

    private static Tensor Forward(Tensor map, Tensor squeeze, Tensor excite, DctBasis basis, autograd.AutogradContext? context)
    {
        bool channelsLast = FeatureMemory.IsChannelsLast(map);
        Tensor dense = FeatureMemory.Dense(map, channelsLast);
        FeatureMemory memory = FeatureMemory.Of(dense, channelsLast);
        FrequencyStatistics statistics = FrequencyStatistics.Of(memory, basis, positions: context is not null);
        float[] weights = new AttentionPerceptron(squeeze, excite).Weigh(statistics.Values, memory.Batch, out float[] hidden);
        if (context is not null)
        {
            context.save_for_backward([dense, squeeze, excite]);
            context.save_data(StateKey, new State(basis, channelsLast, statistics, weights, hidden));
        }

        using Tensor single = tensor(weights, [memory.Batch, memory.Channels, 1, 1]);
        using Tensor factors = single.to(map.dtype);
        return dense * factors;
    }

    private static List<Tensor> Backward(autograd.AutogradContext context, Tensor gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        var state = (State)context.get_data(StateKey);
        List<Tensor> saved = context.get_saved_variables();
        (Tensor map, Tensor squeeze, Tensor excite) = (saved[0], saved[1], saved[2]);
        Tensor dense = FeatureMemory.Dense(gradient, state.ChannelsLast);
        FeatureMemory values = FeatureMemory.Of(map, state.ChannelsLast);
        FeatureMemory gradients = FeatureMemory.Of(dense, state.ChannelsLast);
        float[] byWeights = FrequencyGradients.ByWeights(gradients, values);
        (float[] byStatistics, float[] bySqueeze, float[] byExcite) = new AttentionPerceptron(squeeze, excite)
            .Differentiate(state.Statistics.Values, state.Hidden, state.Weights, byWeights);

        Tensor byMap = empty_like(map);
        FrequencyGradients.ByMap(
            gradients, FeatureMemory.Of(byMap, state.ChannelsLast), state.Basis, state.Weights, byStatistics, state.Statistics.Positions!);
        Tensor[] results = [byMap, tensor(bySqueeze, squeeze.shape), tensor(byExcite, excite.shape)];
        GradientLifetime.Tie(context, outputs: 1, results);
        return [.. results, null!];
    }

    /// <summary>What a backward pass needs beside the map and the weights.</summary>
    private sealed record State(DctBasis Basis, bool ChannelsLast, FrequencyStatistics Statistics, float[] Weights, float[] Hidden);
}

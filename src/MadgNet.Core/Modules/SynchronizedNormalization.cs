using System.Diagnostics;
using MadgNet.Core.Modules.Attention.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules;

/// <summary>
/// Batch normalisation with the mean and variance of all ranks' batches together: what a process with all their images
/// computes, up to rounding. One sum over the ranks forward and one backward, of 2·C doubles each.
/// </summary>
/// <remarks>
/// <para>With <c>x̂ = (x − μ)·s</c>, <c>s = 1/√(σ² + ε)</c> over the N values of a channel on all ranks, the gradient is
/// <c>dx = w·s·(dy − Σdy/N − x̂·Σ(dy·x̂)/N)</c> (Ioffe and Szegedy, 2015, section 3), where both sums go over all ranks.
/// Weight's and bias's gradients are the rank's own part: the trainer sums those of all parameters.</para>
/// <para>The gradients belong to the graph and go with it.</para>
/// </remarks>
internal sealed class SynchronizedNormalization : autograd.SingleTensorFunction<SynchronizedNormalization>
{
    private const string StateKey = "state";
    private static readonly long[] Positions = [0, 2, 3];

    /// <inheritdoc/>
    public override string Name => nameof(SynchronizedNormalization);

    /// <summary>Normalises a map, with a graph where one is wanted.</summary>
    /// <param name="map">N×C×H×W.</param>
    /// <param name="weight">The factor of each channel.</param>
    /// <param name="bias">The summand of each channel.</param>
    /// <param name="request">The ranks, and the running statistics, which follow.</param>
    /// <returns>N×C×H×W. The caller owns it.</returns>
    public static Tensor Run(Tensor map, Tensor weight, Tensor bias, NormalizationRequest request)
    {
        bool graph = is_grad_enabled() && (map.requires_grad || weight.requires_grad || bias.requires_grad);
        return graph ? apply(map, weight, bias, request) : Forward(map, weight, bias, request, null);
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext context, params object[] vars) =>
        Forward((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (NormalizationRequest)vars[3], context);

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext context, Tensor grad_output)
    {
        var state = (State)context.get_data(StateKey);
        try
        {
            return Backward(context, state, grad_output);
        }
        catch (Exception exception)
        {
            // Native code is the caller, through which no exception passes: a gradient of a shape that cannot be makes libtorch
            // end the backward pass with an error of its own, and the trainer finds the cause.
            state.Group.Fault ??= exception;
            Trace.TraceError($"{Name}, backward pass: {exception}");
            return Tied(context, empty(0), empty(0), empty(0));
        }
        finally
        {
            grad_output.Dispose();
        }
    }

    private static Tensor Forward(
        Tensor map, Tensor weight, Tensor bias, NormalizationRequest request, autograd.AutogradContext? context)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        int channels = (int)map.size(1);
        double[] sums = Sums(map, request.Group.Counts);
        request.Group.Ranks.Sum(sums);
        double count = sums[0];
        if (count < 2)
        {
            Guard.Normalizable(true, (long)count, 1, 1, nameof(BatchNormalization));
        }

        var mean = new double[channels];
        var variance = new double[channels];
        var scale = new double[channels];
        for (int channel = 0; channel < channels; channel++)
        {
            mean[channel] = sums[1 + channel] / count;
            variance[channel] = Math.Max(0, (sums[1 + channels + channel] / count) - (mean[channel] * mean[channel]));
            scale[channel] = 1 / Math.Sqrt(variance[channel] + request.Epsilon);
        }

        Tensor means = Vector(mean, request.RunningMean);
        Tensor variances = Vector(variance, request.RunningVariance);
        Follow(request.RunningMean, means, request.Momentum);
        Follow(request.RunningVariance, variances.Times(count / (count - 1)), request.Momentum);
        context?.save_for_backward([map, weight]);
        context?.save_data(StateKey, new State(request.Group, request.Group.Counts, count, mean, scale));
        return nn.functional.batch_norm(map, means, variances, weight, bias, false, request.Momentum, request.Epsilon)
            .MoveToOuterDisposeScope();
    }

    private static List<Tensor> Backward(autograd.AutogradContext context, State state, Tensor gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        List<Tensor> saved = context.get_saved_variables();
        (Tensor map, Tensor weight) = (saved[0], saved[1]);
        int channels = (int)map.size(1);
        Tensor byOutput = gradient.to(ScalarType.Float32);
        Tensor scale = Column(state.Scale, byOutput);
        Tensor normalized = (map.to(ScalarType.Float32) - Column(state.Mean, byOutput)) * scale;
        Tensor byBias = byOutput.sum(Positions);
        Tensor byWeight = (byOutput * normalized).sum(Positions);
        var sums = new double[2 * channels];
        if (state.Counts)
        {
            Read(byBias, sums.AsSpan(0, channels));
            Read(byWeight, sums.AsSpan(channels));
        }

        state.Group.Ranks.Sum(sums);
        Tensor inner = byOutput;
        if (state.Counts)
        {
            Array.ForEach(Enumerable.Range(0, sums.Length).ToArray(), i => sums[i] /= state.Count);
            inner = byOutput - Column(sums[..channels], byOutput) - (normalized * Column(sums[channels..], byOutput));
        }

        Tensor byMap = (inner * (scale * weight.to(ScalarType.Float32).view(1, channels, 1, 1))).to(map.dtype);
        return Tied(context, byMap, byWeight.to(weight.dtype), byBias.to(weight.dtype));
    }

    /// <summary>The number of values a channel, their sums and the sums of their squares; zeros where the map does not count.</summary>
    private static double[] Sums(Tensor map, bool counts)
    {
        int channels = (int)map.size(1);
        var sums = new double[1 + (2 * channels)];
        if (!counts)
        {
            return sums;
        }

        Tensor wide = map.to(ScalarType.Float32);
        Span<double> means = sums.AsSpan(1, channels);
        Span<double> squares = sums.AsSpan(1 + channels);
        Read(wide.mean(Positions), means);
        Read(wide.var(Positions, unbiased: false), squares);
        double count = map.size(0) * map.size(2) * map.size(3);
        for (int channel = 0; channel < channels; channel++)
        {
            // From the variance, which libtorch takes without cancellation: of squares alone little would be left in float32.
            squares[channel] = count * (squares[channel] + (means[channel] * means[channel]));
            means[channel] *= count;
        }

        sums[0] = count;
        return sums;
    }

    private static void Follow(Tensor running, Tensor batch, double momentum)
    {
        using Scalar kept = (1 - momentum).ToScalar();
        running.mul_(kept).Accumulate(batch.Times(momentum));
    }

    private static Tensor Vector(double[] values, Tensor like) => tensor(values).to(like.dtype, like.device);

    private static Tensor Column(double[] values, Tensor like) =>
        tensor(values).view(1, values.Length, 1, 1).to(ScalarType.Float32, like.device);

    private static void Read(Tensor values, Span<double> target)
    {
        using Tensor wide = values.to(ScalarType.Float64, CPU);
        wide.data<double>().ToArray().CopyTo(target);
    }

    private static List<Tensor> Tied(autograd.AutogradContext context, params Tensor[] gradients)
    {
        if (GradientLifetime.Available)
        {
            GradientLifetime.Tie(context, outputs: 1, gradients);
        }
        else
        {
            Array.ForEach(gradients, gradient => gradient.DetachFromDisposeScope());
        }

        return [.. gradients, null!];
    }

    /// <summary>What a backward pass needs beside the map and the weight.</summary>
    private sealed record State(NormalizationGroup Group, bool Counts, double Count, double[] Mean, double[] Scale);
}

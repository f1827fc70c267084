using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// An exponential moving average of a model's weights (Polyak averaging in the form that Tan and Le, 2019, and others
/// evaluate): after every step <c>average += (1 − d)·(weight − average)</c>.
/// </summary>
/// <remarks>
/// <para>With <c>warmUp</c> the factor d of the n-th update is <c>min(decay, (1 + n) / (10 + n))</c>, n from 1, as in TensorFlow's
/// <c>ExponentialMovingAverage</c>, so that the first, random weights are forgotten soon.</para>
/// <para>Averaged is every floating-point tensor of the state dict: parameters, frozen ones too, and the running means and
/// variances of normalisations, with the same factor. Whole numbers, such as a normalisation's count of batches, are copied as
/// they are. Holds one copy of the weights. Not safe for use by several threads at once.</para>
/// </remarks>
public sealed class EmaWeights : IDisposable
{
    private const string UpdatesName = "updates";
    private const string Prefix = "average/";

    private readonly nn.Module _model;
    private readonly Dictionary<string, Tensor> _average = new(StringComparer.Ordinal);
    private readonly Tensor _counter;
    private Swap? _swap;
    private bool _disposed;

    /// <summary>Begins with the model's weights as they are.</summary>
    /// <param name="model">The model; it stays the caller's. Put it on its device before.</param>
    /// <param name="decay">What an update keeps of the average, 0 to below 1.</param>
    /// <param name="warmUp">Whether the first updates keep less.</param>
    /// <exception cref="ArgumentOutOfRangeException">The decay is out of its range.</exception>
    public EmaWeights(nn.Module model, double decay = 0.999, bool warmUp = true)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!(decay >= 0 && decay < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(decay), decay, "Expected 0 to below 1. Use 0.999, or less for a run of few steps.");
        }

        _model = model;
        Decay = decay;
        WarmUp = warmUp;
        _counter = zeros([], ScalarType.Int64, CPU).DetachFromDisposeScope();
        try
        {
            using DisposeScope scope = NewDisposeScope();
            using var noGradients = no_grad();
            foreach ((string name, Tensor weight) in model.state_dict())
            {
                using Tensor values = weight.detach();
                _average.Add(name, values.clone().DetachFromDisposeScope());
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What an update keeps of the average, after the warm-up.</summary>
    public double Decay { get; }

    /// <summary>Whether the first updates keep less.</summary>
    public bool WarmUp { get; }

    /// <summary>How many updates there were, also before a resume.</summary>
    public long Updates { get; private set; }

    /// <summary>Takes the model's weights, after a step, into the average.</summary>
    /// <exception cref="InvalidOperationException">The average is swapped into the model.</exception>
    public void Update()
    {
        CheckUsable();
        double decay = WarmUp ? Math.Min(Decay, (2.0 + Updates) / (11.0 + Updates)) : Decay;
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        using Scalar share = (1 - decay).ToScalar();
        var jobs = new List<FusedJob>();
        foreach ((string name, Tensor weight) in _model.state_dict())
        {
            Tensor average = _average[name];
            if (!average.is_floating_point())
            {
                average.copy_(weight);
            }
            else if (Fuse(average, weight, (float)(1 - decay)) is { } job)
            {
                jobs.Add(job);
            }
            else
            {
                using DisposeScope inner = NewDisposeScope();
                average.add_(weight.detach().sub(average), share);
            }
        }

        FusedPass.Run(jobs, Update);
        Updates++;
    }

    /// <summary>
    /// Swaps the average into the model, until the result is disposed: then the model has its own weights again, bit for bit.
    /// </summary>
    /// <returns>Ends the swap when disposed; a second time does nothing.</returns>
    /// <exception cref="InvalidOperationException">The average is swapped in already.</exception>
    /// <remarks>
    /// What is written to the model's weights in between, as by a training step, goes to the average. Saving the model meanwhile saves the
    /// average.
    /// </remarks>
    public IDisposable Apply()
    {
        CheckUsable();
        Exchange();
        return _swap = new Swap(this);
    }

    /// <summary>The average as <c>average/NAME</c> under the names of the state dict, and <c>updates</c> (int64).</summary>
    /// <returns>Names and tensors. They stay the average's, and change with its next update: save them, do not keep or dispose
    /// them.</returns>
    /// <exception cref="InvalidOperationException">The average is swapped into the model.</exception>
    public IReadOnlyDictionary<string, Tensor> State()
    {
        CheckUsable();
        _counter.bytes = BitConverter.GetBytes(Updates);
        var state = new Dictionary<string, Tensor> { [UpdatesName] = _counter };
        foreach ((string name, Tensor average) in _average)
        {
            state.Add(Prefix + name, average);
        }

        return state;
    }

    /// <summary>
    /// Takes up what <see cref="State"/> gave, all or nothing. The tensors are copied, from any device and memory layout.
    /// </summary>
    /// <param name="state">Names and tensors; they stay the caller's.</param>
    /// <exception cref="TrainingStateException">Something is missing, unexpected or has another shape; lists all of it. The average is as
    /// it was.</exception>
    /// <exception cref="InvalidOperationException">The average is swapped into the model.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        CheckUsable();
        var check = new StateCheck("weight average", state, "Resume with the model that the checkpoint was written with");
        long updates = check.Count(UpdatesName);
        foreach ((string name, Tensor average) in _average)
        {
            check.Like(Prefix + name, average);
        }

        check.ThrowIfAny();
        using var noGradients = no_grad();
        foreach ((string name, Tensor average) in _average)
        {
            average.copy_(state[Prefix + name]);
        }

        Updates = updates;
    }

    /// <summary>Disposes the average; where it is swapped into the model, the model gets its own weights back before.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _swap?.Dispose();
        _disposed = true;
        _counter.Dispose();
        foreach (Tensor average in _average.Values)
        {
            average.Dispose();
        }

        _average.Clear();
    }

    private static unsafe FusedJob? Fuse(Tensor average, Tensor weight, float share) =>
        FusedPass.CanHold(average) && FusedPass.CanHold(weight) && FusedPass.TryOrder(average, out long[]? order)
            ? new FusedJob
            {
                Target = FusedPass.Pointer(FusedPass.Row(average, order)),
                Source = FusedPass.Pointer(FusedPass.Row(weight, order)),
                Length = average.numel(),
                Rate = share,
            }
            : null;

    private static unsafe void Update(in FusedJob job, long start, int count)
    {
        float* average = job.Target + start;
        float* weight = job.Source + start;
        int width = Vector<float>.Count;
        int i = 0;
        for (; i <= count - width; i += width)
        {
            Vector<float> kept = Vector.Load(average + i);
            Vector.Store(kept + ((Vector.Load(weight + i) - kept) * job.Rate), average + i);
        }

        for (; i < count; i++)
        {
            average[i] += (weight[i] - average[i]) * job.Rate;
        }
    }

    /// <summary>
    /// Exchanges the values of the model and the average. Memory is taken before the first value moves, so that it happens whole or not at
    /// all.
    /// </summary>
    private void Exchange()
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        var scratch = new Dictionary<(ScalarType, DeviceType, int), Tensor>();
        var moves = new List<(Tensor Weight, Tensor Average, Tensor Scratch)>();
        List<(Tensor Weight, Tensor Average)> pairs = [.. _model.state_dict().Select(entry => (entry.Value, _average[entry.Key]))];
        foreach (var kind in pairs.GroupBy(pair => (pair.Average.dtype, pair.Average.device_type, pair.Average.device_index)))
        {
            scratch[kind.Key] = empty(kind.Max(pair => pair.Average.numel()), kind.Key.dtype, kind.First().Average.device);
        }

        foreach ((Tensor weight, Tensor average) in pairs)
        {
            moves.Add(
                (weight,
                    average,
                    scratch[(average.dtype, average.device_type, average.device_index)].narrow(0, 0, average.numel()).view(average.shape)));
        }

        foreach ((Tensor weight, Tensor average, Tensor between) in moves)
        {
            between.copy_(weight);
            weight.copy_(average);
            average.copy_(between);
        }
    }

    private void CheckUsable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_swap is not null)
        {
            throw new InvalidOperationException(
                "The average is swapped into the model; expected the model with its own weights. Dispose what Apply returned first.");
        }
    }

    private sealed class Swap(EmaWeights owner) : IDisposable
    {
        public void Dispose()
        {
            if (ReferenceEquals(owner._swap, this))
            {
                owner.Exchange();
                owner._swap = null;
            }
        }
    }
}

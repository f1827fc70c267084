using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// Moves parameters along their gradients. Same formulas and order of operations as PyTorch's optimizers; the same
/// gradients give the same bits, whatever the number of threads.
/// </summary>
/// <remarks>
/// float32 parameters on the CPU are updated in one fused pass over their memory, others by tensor operations. Not safe for
/// use by several threads at once. The parameters stay their module's: create the optimizer after <c>to(device)</c>, because
/// that replaces them.
/// </remarks>
public abstract class Optimizer : IDisposable
{
    private const string TotalName = "steps";
    private const string StepPrefix = "step/";

    private readonly List<OptimizerSlot> _slots;
    private readonly Dictionary<string, Tensor> _counters = [];
    private bool _disposed;

    /// <summary>Checks and keeps the groups.</summary>
    /// <param name="groups">At least one group, no parameter and no name twice.</param>
    /// <exception cref="InvalidOptionsException">The groups are invalid; lists all problems.</exception>
    private protected Optimizer(IReadOnlyList<ParameterGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        InvalidOptionsException.ThrowIfAny(nameof(Optimizer), Validate(groups));
        Groups = [.. groups];
        _slots =
            [.. Groups.SelectMany(group =>
                group.Parameters.Select(parameter => new OptimizerSlot(parameter.Name, parameter.Value, group)))];
    }

    /// <summary>What is trained.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>How many steps were taken, also before a resume.</summary>
    public long Steps { get; private set; }

    /// <summary>What the tensors of a parameter's state are called; empty where the optimizer has none.</summary>
    private protected abstract IReadOnlyList<string> MomentNames { get; }

    /// <summary>
    /// Removes the gradients of all parameters, so that the next backward pass begins anew. A parameter without a gradient is not stepped.
    /// </summary>
    public void ZeroGradients()
    {
        foreach (OptimizerSlot slot in _slots)
        {
            using Tensor? gradient = slot.Value.grad;
            if (gradient is not null)
            {
                slot.Value.grad = null;
            }
        }
    }

    /// <summary>Takes a step. Parameters that do not require a gradient, or have none, are left alone, and so is their state.</summary>
    /// <param name="learningRate">The rate before the groups' multipliers; finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of its range.</exception>
    /// <remarks>Where memory for the state cannot be had, nothing was stepped.</remarks>
    public void Step(double learningRate)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!(learningRate >= 0) || double.IsInfinity(learningRate))
        {
            throw new ArgumentOutOfRangeException(
                nameof(learningRate), learningRate, "Expected a finite rate of 0 or more. Look at the schedule and its settings.");
        }

        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        var fused = new List<(OptimizerSlot Slot, FusedJob Job)>();
        var plain = new List<(OptimizerSlot Slot, Tensor Gradient)>();
        List<(OptimizerSlot Slot, Tensor Gradient)> stepped =
            [.. _slots.Where(slot => slot.Value.requires_grad)
                .Select(slot => (slot, slot.Value.grad!))
                .Where(pair => pair.Item2 is not null)];
        OptimizerSlot.EnsureMoments(stepped.Select(pair => pair.Slot), MomentNames.Count);
        foreach ((OptimizerSlot slot, Tensor gradient) in stepped)
        {
            if (Fuse(slot, gradient) is { } job)
            {
                fused.Add((slot, job));
            }
            else
            {
                plain.Add((slot, gradient));
            }
        }

        var jobs = new List<FusedJob>(fused.Count);
        foreach ((OptimizerSlot slot, FusedJob job) in fused)
        {
            slot.Steps++;
            jobs.Add(Prepare(slot, job, learningRate * slot.Group.RateMultiplier));
        }

        FusedPass.Run(jobs, Update);
        foreach ((OptimizerSlot slot, Tensor gradient) in plain)
        {
            slot.Steps++;
            using DisposeScope inner = NewDisposeScope();
            Update(slot, gradient, learningRate * slot.Group.RateMultiplier);
        }

        Steps++;
    }

    /// <summary>
    /// Everything that has to be kept to go on exactly: <c>steps</c>, and for every parameter <c>step/NAME</c> (int64) and, once
    /// it was stepped, its moments as <c>exp_avg/NAME</c>, <c>exp_avg_sq/NAME</c> or <c>momentum_buffer/NAME</c>.
    /// </summary>
    /// <returns>Names and tensors. They stay the optimizer's, and change with its next step: save them, do not keep or dispose
    /// them.</returns>
    public IReadOnlyDictionary<string, Tensor> State()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var state = new Dictionary<string, Tensor> { [TotalName] = Counter(TotalName, Steps) };
        foreach (OptimizerSlot slot in _slots)
        {
            state.Add(StepPrefix + slot.Name, Counter(StepPrefix + slot.Name, slot.Steps));
            for (int i = 0; i < slot.Moments.Length; i++)
            {
                state.Add(MomentName(i, slot), slot.Moments[i]);
            }
        }

        return state;
    }

    /// <summary>
    /// Takes up what <see cref="State"/> gave, all or nothing. The tensors are copied, from any device and memory layout.
    /// </summary>
    /// <param name="state">Names and tensors; they stay the caller's.</param>
    /// <exception cref="TrainingStateException">Something is missing, unexpected or has another shape; lists all of it. The optimizer is as
    /// it was.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ObjectDisposedException.ThrowIf(_disposed, this);
        var check = new StateCheck(
            "optimizer", state, "Resume with the model, the optimizer and the parameter groups that the checkpoint was written with");
        long steps = check.Count(TotalName);
        var counts = new long[_slots.Count];
        for (int i = 0; i < counts.Length; i++)
        {
            counts[i] = check.Count(StepPrefix + _slots[i].Name);
            for (int moment = 0; counts[i] > 0 && moment < MomentNames.Count; moment++)
            {
                check.Like(MomentName(moment, _slots[i]), _slots[i].Value);
            }
        }

        check.ThrowIfAny();
        var moments = new List<Tensor[]>(_slots.Count);
        try
        {
            for (int i = 0; i < _slots.Count; i++)
            {
                moments.Add(
                    counts[i] == 0
                        ? []
                        : [.. MomentNames.Select((_, moment) => Copy(state[MomentName(moment, _slots[i])], _slots[i].Value))]);
            }
        }
        catch
        {
            moments.ForEach(tensors => Array.ForEach(tensors, tensor => tensor.Dispose()));
            throw;
        }

        for (int i = 0; i < _slots.Count; i++)
        {
            _slots[i].DisposeMoments();
            _slots[i].Moments = moments[i];
            _slots[i].Steps = counts[i];
        }

        Steps = steps;
    }

    /// <summary>Disposes the state; not the parameters.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the state.</summary>
    /// <param name="disposing">Whether managed state is to be disposed.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || _disposed)
        {
            return;
        }

        _disposed = true;
        _slots.ForEach(slot => slot.DisposeMoments());
        foreach (Tensor counter in _counters.Values)
        {
            counter.Dispose();
        }

        _counters.Clear();
    }

    /// <summary>Adds the numbers of this step to a parameter's job.</summary>
    private protected abstract FusedJob Prepare(OptimizerSlot slot, FusedJob job, double rate);

    /// <summary>Steps a block of a job.</summary>
    private protected abstract void Update(in FusedJob job, long start, int count);

    /// <summary>Steps a parameter by tensor operations. The gradient may not be changed.</summary>
    private protected abstract void Update(OptimizerSlot slot, Tensor gradient, double rate);

    private static List<Problem> Validate(IReadOnlyList<ParameterGroup> groups)
    {
        var problems = new List<Problem>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var handles = new HashSet<IntPtr>();
        foreach (ParameterGroup? group in groups)
        {
            if (group?.Parameters is null)
            {
                problems.Add(new Problem("groups", "null", "groups with their parameters", "Take the groups from OptimizerOptions.Group"));
                continue;
            }

            OptimizerOptions.Check(
                problems, $"{group.Name} RateMultiplier", group.RateMultiplier, group.RateMultiplier >= 0, "0 or more", "1");
            OptimizerOptions.Check(problems, $"{group.Name} WeightDecay", group.WeightDecay, group.WeightDecay >= 0, "0 or more", "0");
            foreach ((string name, TorchSharp.Modules.Parameter value) in group.Parameters)
            {
                if (value is null || string.IsNullOrEmpty(name) || !value.is_floating_point())
                {
                    problems.Add(new Problem(
                        $"group {group.Name}",
                        value is null ? $"null as '{name}'" : $"{value.dtype} as '{name}'",
                        "floating-point parameters with names",
                        "Take the groups from OptimizerOptions.Group"));
                }
                else if (!names.Add(name) || !handles.Add(value.Handle))
                {
                    problems.Add(new Problem(
                        $"group {group.Name}",
                        $"'{name}', which is in the groups already",
                        "every name and parameter once",
                        "Leave it in one group"));
                }
            }
        }

        if (problems.Count == 0 && names.Count == 0)
        {
            problems.Add(new Problem("groups", "no parameter", "at least one", "Pass the groups of a model that has parameters"));
        }

        return problems;
    }

    private static Tensor Copy(Tensor source, Tensor like)
    {
        using var noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return zeros_like(like).requires_grad_(false).copy_(source).DetachFromDisposeScope();
    }

    private string MomentName(int moment, OptimizerSlot slot) => $"{MomentNames[moment]}/{slot.Name}";

    private Tensor Counter(string name, long value)
    {
        if (!_counters.TryGetValue(name, out Tensor? counter))
        {
            counter = zeros([], ScalarType.Int64, CPU).DetachFromDisposeScope();
            _counters.Add(name, counter);
        }

        counter.bytes = BitConverter.GetBytes(value);
        return counter;
    }

    /// <summary>The rows of a parameter whose memory can be gone over; null for one that takes tensor operations.</summary>
    private unsafe FusedJob? Fuse(OptimizerSlot slot, Tensor gradient)
    {
        if (!FusedPass.CanHold(slot.Value) || !FusedPass.CanHold(gradient) || !FusedPass.TryOrder(slot.Value, out long[]? order))
        {
            return null;
        }

        // A gradient may lie otherwise than its parameter, as after a change of layout: then its row is a copy.
        slot.Align(order);
        return new FusedJob
        {
            Target = FusedPass.Pointer(FusedPass.Row(slot.Value, order)),
            Source = FusedPass.Pointer(FusedPass.Row(gradient, order)),
            First = slot.Moments.Length > 0 ? FusedPass.Pointer(FusedPass.Row(slot.Moments[0], order)) : null,
            Second = slot.Moments.Length > 1 ? FusedPass.Pointer(FusedPass.Row(slot.Moments[1], order)) : null,
            Length = slot.Value.numel(),
        };
    }
}

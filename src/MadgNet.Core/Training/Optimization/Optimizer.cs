using static TorchSharp.torch;

namespace MadgNet.Core.Training;

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
    /// <summary>Checks and keeps the groups.</summary>
    /// <param name="groups">At least one group, no parameter and no name twice.</param>
    /// <exception cref="InvalidOptionsException">The groups are invalid; lists all problems.</exception>
    protected Optimizer(IReadOnlyList<ParameterGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        Groups = groups;
    }

    /// <summary>What is trained.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>How many steps were taken, also before a resume.</summary>
    public long Steps => throw new NotImplementedException();

    /// <summary>Removes the gradients of all parameters, so that the next backward pass begins anew. A parameter without a gradient is not stepped.</summary>
    public void ZeroGradients() => throw new NotImplementedException();

    /// <summary>Takes a step. Parameters that do not require a gradient, or have none, are left alone, and so is their state.</summary>
    /// <param name="learningRate">The rate before the groups' multipliers; finite, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is out of its range.</exception>
    public void Step(double learningRate) => throw new NotImplementedException();

    /// <summary>
    /// Everything that has to be kept to go on exactly: <c>steps</c>, and for every parameter <c>step/NAME</c> (int64) and, once
    /// it was stepped, its moments as <c>exp_avg/NAME</c>, <c>exp_avg_sq/NAME</c> or <c>momentum_buffer/NAME</c>.
    /// </summary>
    /// <returns>Names and tensors. They stay the optimizer's, and change with its next step: save them, do not keep or dispose them.</returns>
    public IReadOnlyDictionary<string, Tensor> State() => throw new NotImplementedException();

    /// <summary>Takes up what <see cref="State"/> gave, all or nothing. The tensors are copied, from any device and memory layout.</summary>
    /// <param name="state">Names and tensors; they stay the caller's.</param>
    /// <exception cref="TrainingStateException">Something is missing, unexpected or has another shape; lists all of it. The optimizer is as it was.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state) => throw new NotImplementedException();

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
    }
}

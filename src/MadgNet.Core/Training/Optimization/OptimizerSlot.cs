using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Training;

/// <summary>A parameter with what its optimizer remembers of it.</summary>
internal sealed class OptimizerSlot(string name, Parameter value, ParameterGroup group)
{
    public string Name { get; } = name;

    public Parameter Value { get; } = value;

    public ParameterGroup Group { get; } = group;

    /// <summary>How often the parameter was stepped.</summary>
    public long Steps { get; set; }

    /// <summary>The state's tensors; empty until the first step.</summary>
    public Tensor[] Moments { get; set; } = [];

    /// <summary>Makes the state of zeros, laid out as the parameter is, where there is none yet.</summary>
    public void EnsureMoments(int count)
    {
        if (Moments.Length == count)
        {
            return;
        }

        // Not in a scope: what was made before a failure is disposed here, the rest outlives every scope.
        var moments = new List<Tensor>(count);
        try
        {
            while (moments.Count < count)
            {
                moments.Add(zeros_like(Value).requires_grad_(false).DetachFromDisposeScope());
            }
        }
        catch
        {
            moments.ForEach(moment => moment.Dispose());
            throw;
        }

        Moments = [.. moments];
    }

    /// <summary>Lays the state out anew where the parameter's memory was since.</summary>
    public void Align(long[]? order)
    {
        for (int i = 0; i < Moments.Length; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            if (!(order is null ? Moments[i] : Moments[i].permute(order)).is_contiguous())
            {
                using Tensor old = Moments[i];
                Moments[i] = Laid(old, order).DetachFromDisposeScope();
            }
        }
    }

    public void DisposeMoments()
    {
        foreach (Tensor moment in Moments)
        {
            moment.Dispose();
        }

        Moments = [];
    }

    /// <summary>A copy whose memory follows the given order of axes.</summary>
    private static Tensor Laid(Tensor tensor, long[]? order)
    {
        if (order is null)
        {
            return tensor.contiguous();
        }

        var inverse = new long[order.Length];
        for (int i = 0; i < inverse.Length; i++)
        {
            inverse[order[i]] = i;
        }

        return tensor.permute(order).contiguous().permute(inverse);
    }
}

using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>What a <see cref="DeepSupervisionLoss"/> computed. Owns its tensors.</summary>
public sealed class DeepSupervisionResult : IDisposable
{
    internal DeepSupervisionResult(Tensor total, Tensor terms)
    {
        Total = total;
        Terms = terms;
    }

    /// <summary>The weighted sum of all terms, a scalar that gradients flow from.</summary>
    public Tensor Total { get; }

    /// <summary>
    /// The value of every term before its weight, stages × 3 (region, distance, boundary), without gradients and still on
    /// the device: sums over many batches can be kept there and read once.
    /// </summary>
    public Tensor Terms { get; }

    /// <summary>Reads the terms of every stage, which waits for the device once.</summary>
    /// <returns>One entry a stage, in the order of the stages.</returns>
    public IReadOnlyList<TaskLossValues> ReadStages()
    {
        using DisposeScope scope = NewDisposeScope();
        ReadOnlySpan<double> values = MemoryMarshal.Cast<byte, double>(Terms.to(ScalarType.Float64).cpu().contiguous().bytes);
        var stages = new TaskLossValues[values.Length / 3];
        for (int stage = 0; stage < stages.Length; stage++)
        {
            stages[stage] = new TaskLossValues(values[3 * stage], values[(3 * stage) + 1], values[(3 * stage) + 2]);
        }

        return stages;
    }

    /// <summary>Disposes both tensors.</summary>
    public void Dispose()
    {
        Total.Dispose();
        Terms.Dispose();
    }
}

using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <summary>The logits of every decoder stage, deepest first, each at input resolution.</summary>
/// <remarks>Owns its tensors. The prediction is <c>σ(Final.Region)</c>; the other maps exist to be supervised and looked at.</remarks>
public sealed class SegmentationOutput : IDisposable
{
    /// <summary>Takes ownership of the stages' maps.</summary>
    /// <param name="stages">Region, distance and boundary logits of each stage, deepest first; at least one.</param>
    /// <exception cref="ArgumentException"><paramref name="stages"/> is empty.</exception>
    public SegmentationOutput(IReadOnlyList<TaskMaps> stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        if (stages.Count == 0)
        {
            throw new ArgumentException(
                "Received no stages; expected the maps of at least one. Pass the output of every decoder stage.", nameof(stages));
        }

        Stages = stages;
    }

    /// <summary>The maps of every stage, deepest first; each map N×n×H×W, logits.</summary>
    public IReadOnlyList<TaskMaps> Stages { get; }

    /// <summary>The maps of the last stage, the finest.</summary>
    public TaskMaps Final => Stages[^1];

    /// <summary>Disposes every map.</summary>
    public void Dispose()
    {
        foreach (TaskMaps maps in Stages)
        {
            maps.Dispose();
        }
    }
}

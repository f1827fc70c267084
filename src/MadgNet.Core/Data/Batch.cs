using static TorchSharp.torch;

namespace MadgNet.Core.Data;

/// <summary>Samples stacked into tensors, with the targets that supervise them.</summary>
/// <remarks>Owns its tensors, which belong to no dispose scope: dispose the batch.</remarks>
public sealed class Batch : IDisposable
{
    internal Batch(
        int number, Tensor images, TaskMaps targets, IReadOnlyList<string> names, IReadOnlyList<(int Height, int Width)> originalSizes)
    {
        Number = number;
        Images = images;
        Targets = targets;
        Names = names;
        OriginalSizes = originalSizes;
    }

    /// <summary>The batch's number within its epoch, from 0.</summary>
    public int Number { get; }

    /// <summary>N×C×H×W float32.</summary>
    public Tensor Images { get; }

    /// <summary>
    /// Region (0 or 1), distance (0..1) and boundary (0 or 1) targets, each N×n×H×W float32 for n labels; distance and boundary are
    /// null where they were not asked for.
    /// </summary>
    public TaskMaps Targets { get; }

    /// <summary>
    /// N×1×H×W float32, 1 where a pixel counts for nothing and 0 elsewhere: what the losses take as <c>ignore</c>. Null where all
    /// pixels of the batch count.
    /// </summary>
    public Tensor? Ignored { get; internal init; }

    /// <summary>The samples' names, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The samples' sizes as loaded, before any transform, in order.</summary>
    public IReadOnlyList<(int Height, int Width)> OriginalSizes { get; }

    /// <summary>Number of samples, N.</summary>
    public int Count => Names.Count;

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        Images.Dispose();
        Ignored?.Dispose();
        Targets.Dispose();
    }
}

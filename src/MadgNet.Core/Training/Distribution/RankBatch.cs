using MadgNet.Core.Data;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Distribution;

/// <summary>What the ranks know of one batch before they go through the network with it.</summary>
/// <param name="Counts">The images of each rank.</param>
/// <param name="Cancelled">Whether somebody wants the run to end.</param>
/// <param name="Shapes">Channels, height, width and labels of each rank's images; zeros where a rank has none.</param>
internal sealed record RankBatch(int[] Counts, bool Cancelled, int[][] Shapes)
{
    /// <summary>The images of the whole batch.</summary>
    public int Total => Counts.Sum();

    /// <summary>Whether the images of all ranks have one shape, as those of a batch do.</summary>
    public bool IsUniform => Shapes.Where((_, rank) => Counts[rank] > 0).DistinctBy(shape => string.Join(',', shape)).Count() <= 1;

    /// <summary>The shapes in words.</summary>
    public string Describe() => string.Join(
        ", ", Shapes.Select((shape, rank) => $"{shape[0]}×{shape[1]}×{shape[2]} with {shape[3]} labels on rank {rank}"));

    /// <summary>
    /// An empty image that a rank without images goes through the network with: no name, so that it counts for nothing. The
    /// caller disposes it.
    /// </summary>
    public Batch Blank(int number, SupervisionTasks tasks)
    {
        int[] shape = Shapes[Array.FindIndex(Counts, count => count > 0)];
        return new Batch(
            number,
            Zeros(shape[0]),
            new TaskMaps(
                Zeros(shape[3]),
                tasks.HasFlag(SupervisionTasks.Distance) ? Zeros(shape[3]) : null,
                tasks.HasFlag(SupervisionTasks.Boundary) ? Zeros(shape[3]) : null),
            [],
            []);

        Tensor Zeros(int planes) => zeros([1, planes, shape[1], shape[2]], ScalarType.Float32, CPU).DetachFromDisposeScope();
    }
}

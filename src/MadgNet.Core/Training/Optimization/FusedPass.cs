using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// Elementwise passes over the float32 memory of CPU tensors. The rows are cut into blocks of a fixed length, whatever the
/// number of threads; as no block knows of another, and sums are taken block by block in their order, neither do the results.
/// </summary>
internal static unsafe class FusedPass
{
    /// <summary>The values of a block: four rows of it fit into a core's second-level cache.</summary>
    public const int BlockLength = 1 << 15;

    /// <summary>What is done to a block of a job.</summary>
    public delegate void Kernel(in FusedJob job, long start, int count);

    /// <summary>What is summed over a block of a job.</summary>
    public delegate double Sum(in FusedJob job, long start, int count);

    /// <summary>Does something to every value of every job.</summary>
    public static void Run(List<FusedJob> jobs, Kernel kernel) =>
        ForEachBlock(jobs, (job, start, count, _) => kernel(jobs[job], start, count));

    /// <summary>Sums over the values of each job.</summary>
    public static double[] Total(List<FusedJob> jobs, Sum sum)
    {
        var parts = new double[jobs.Sum(job => Blocks(job.Length))];
        ForEachBlock(jobs, (job, start, count, block) => parts[block] = sum(jobs[job], start, count));
        var totals = new double[jobs.Count];
        int next = 0;
        for (int i = 0; i < totals.Length; i++)
        {
            for (int last = next + Blocks(jobs[i].Length); next < last; next++)
            {
                totals[i] += parts[next];
            }
        }

        return totals;
    }

    /// <summary>Whether a tensor's memory can be gone over as one row of float32.</summary>
    public static bool CanHold(Tensor tensor) =>
        tensor.device_type == DeviceType.CPU
            && tensor.dtype == ScalarType.Float32
            && tensor.numel() is > 0 and <= int.MaxValue / sizeof(float);

    /// <summary>
    /// The order of the axes, the slowest first, in which a tensor's values follow each other in memory without a gap: null for
    /// the usual order. False where they do not, as those of a slice.
    /// </summary>
    public static bool TryOrder(Tensor tensor, out long[]? order)
    {
        order = null;
        if (tensor.is_contiguous())
        {
            return true;
        }

        long[] sizes = tensor.shape;
        long[] strides = tensor.stride();
        long[] axes = [.. Enumerable.Range(0, sizes.Length)
            .OrderByDescending(axis => strides[axis])
            .ThenByDescending(axis => sizes[axis])
            .Select(axis => (long)axis)];
        long expected = 1;
        for (int i = axes.Length - 1; i >= 0; i--)
        {
            long size = sizes[axes[i]];
            if (size != 1 && strides[axes[i]] != expected)
            {
                return false;
            }

            expected *= size;
        }

        order = axes;
        return true;
    }

    /// <summary>The values in the given order of axes, as one row: a view where they lie so, else a copy. In the caller's scope.</summary>
    public static Tensor Row(Tensor tensor, long[]? order)
    {
        Tensor ordered = order is null ? tensor : tensor.permute(order);
        return ordered.is_contiguous() ? ordered : ordered.contiguous();
    }

    /// <summary>Where the memory of a contiguous tensor begins. Valid as long as the tensor.</summary>
    public static float* Pointer(Tensor contiguous)
    {
        // Native memory: nothing has to be pinned.
        fixed (byte* first = contiguous.bytes)
        {
            return (float*)first;
        }
    }

    private static int Blocks(long length) => (int)((length + BlockLength - 1) / BlockLength);

    private static void ForEachBlock(List<FusedJob> jobs, Action<int, long, int, int> action)
    {
        // Where each job's blocks begin, for the way from a block back to its job.
        var firsts = new int[jobs.Count];
        int blocks = 0;
        for (int i = 0; i < firsts.Length; i++)
        {
            firsts[i] = blocks;
            blocks += Blocks(jobs[i].Length);
        }

        ParallelTasks.Run(blocks, Do);

        void Do(int block)
        {
            int job = Array.BinarySearch(firsts, block);
            job = job >= 0 ? job : ~job - 1;
            long start = (long)(block - firsts[job]) * BlockLength;
            action(job, start, (int)Math.Min(BlockLength, jobs[job].Length - start), block);
        }
    }
}

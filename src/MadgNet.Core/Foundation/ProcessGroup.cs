using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Foundation;

/// <summary>
/// Processes that work on one thing together, each under a number of its own: its rank, 0 to <see cref="Size"/> − 1. What they
/// do together (sums, broadcasts, barriers) each of them has to call, in the same order and with spans of the same length; a
/// call returns when all have come.
/// </summary>
/// <remarks>
/// <para>Sums are the same on all ranks, bit for bit. A group is used by one thread at a time, which need not be the same
/// one.</para>
/// <para>A rank that cannot go on calls <see cref="Fail"/>: the others would wait for it. Disposing of a group that did not fail
/// waits for the other ranks to do so too.</para>
/// </remarks>
public abstract class ProcessGroup : IDisposable
{
    private const int Chunk = 6_250_000;

    /// <summary>The group of a process that is alone. Disposing of it does nothing.</summary>
    public static ProcessGroup Single { get; } = new SingleProcess();

    /// <summary>The number of this process, from 0.</summary>
    public abstract int Rank { get; }

    /// <summary>How many processes there are, 1 or more.</summary>
    public abstract int Size { get; }

    /// <summary>The number of this process among those on the same machine, from 0: which GPU it takes.</summary>
    public abstract int LocalRank { get; }

    /// <summary>How many processes of the group are on this machine, 1 or more: what it shares the cores with.</summary>
    public abstract int LocalSize { get; }

    /// <summary>Whether there is no other process.</summary>
    public bool IsAlone => Size == 1;

    /// <summary>Whether this is rank 0, which writes files and reports.</summary>
    public bool Leads => Rank == 0;

    /// <summary>Replaces every value by its sum over the ranks.</summary>
    /// <param name="values">The values; as many on every rank.</param>
    public abstract void Sum(Span<float> values);

    /// <summary>Replaces every value by its sum over the ranks.</summary>
    /// <param name="values">The values; as many on every rank.</param>
    public abstract void Sum(Span<double> values);

    /// <summary>Replaces every value by its sum over the ranks.</summary>
    /// <param name="values">The values; as many on every rank.</param>
    public abstract void Sum(Span<long> values);

    /// <summary>Replaces every value by the largest of all ranks. None may be NaN.</summary>
    /// <param name="values">The values; as many on every rank.</param>
    public abstract void Maximum(Span<double> values);

    /// <summary>Replaces the bytes by those of one rank.</summary>
    /// <param name="bytes">The bytes; as many on every rank.</param>
    /// <param name="root">The rank whose bytes all get.</param>
    public abstract void Broadcast(Span<byte> bytes, int root);

    /// <summary>Waits until every rank has come here.</summary>
    public abstract void Barrier();

    /// <summary>
    /// Tells the group that this rank cannot go on. The call returns, so that the process can say what happened; the other ranks
    /// end soon, and this one too where it does not end by itself. The first call counts.
    /// </summary>
    /// <param name="cause">What happened.</param>
    public abstract void Fail(Exception cause);

    /// <summary>Ends all processes of the group at once, this one too.</summary>
    /// <param name="exitCode">The exit code; not 0.</param>
    [DoesNotReturn]
    public abstract void Abort(int exitCode);

    /// <summary>
    /// Replaces a tensor's values by their sum over the ranks, in float32. Goes through the memory of the processor whatever the
    /// device; a group that can talk between GPUs overrides it.
    /// </summary>
    /// <param name="tensor">A floating-point tensor of any device and layout, of the same shape on every rank; stays the caller's.</param>
    public virtual void Sum(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (IsAlone)
        {
            return;
        }

        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        bool direct = tensor.device_type == DeviceType.CPU && tensor.dtype == ScalarType.Float32 && tensor.is_contiguous();
        Tensor staged = direct ? tensor.alias() : empty(tensor.shape, ScalarType.Float32, CPU).copy_(tensor);
        Span<float> values = MemoryMarshal.Cast<byte, float>(staged.bytes);
        for (int start = 0; start < values.Length; start += Chunk)
        {
            Sum(values.Slice(start, Math.Min(Chunk, values.Length - start)));
        }

        if (!direct)
        {
            tensor.copy_(staged);
        }
    }

    /// <summary>The values of every rank.</summary>
    /// <param name="mine">This rank's; as many on every rank.</param>
    /// <returns>Those of rank 0, 1, 2 …</returns>
    public double[][] Gather(ReadOnlySpan<double> mine)
    {
        // Everybody adds to zeros but in a place of its own. A value that is no number would spoil only itself.
        var all = new double[Size * mine.Length];
        mine.CopyTo(all.AsSpan(Rank * mine.Length));
        Sum(all);
        int length = mine.Length;
        return [.. Enumerable.Range(0, Size).Select(rank => all.AsSpan(rank * length, length).ToArray())];
    }

    /// <summary>The bytes of every rank, of any length each.</summary>
    /// <param name="mine">This rank's.</param>
    /// <returns>Those of rank 0, 1, 2 …</returns>
    public byte[][] GatherBytes(ReadOnlySpan<byte> mine)
    {
        var lengths = new long[Size];
        lengths[Rank] = mine.Length;
        Sum(lengths);
        var all = new byte[Size][];
        for (int rank = 0; rank < Size; rank++)
        {
            all[rank] = rank == Rank ? mine.ToArray() : new byte[lengths[rank]];
            Broadcast(all[rank], rank);
        }

        return all;
    }

    /// <summary>The bytes of rank 0, of any length.</summary>
    /// <param name="mine">The bytes on rank 0; not looked at on others.</param>
    /// <returns>The bytes of rank 0.</returns>
    public byte[] OfLeader(ReadOnlySpan<byte> mine)
    {
        long[] length = [Leads ? mine.Length : 0];
        Sum(length);
        byte[] bytes = Leads ? mine.ToArray() : new byte[length[0]];
        Broadcast(bytes, 0);
        return bytes;
    }

    /// <summary>Leaves the group: waits for the others, or ends them where this rank failed.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Leaves the group.</summary>
    /// <param name="disposing">Whether it is left on purpose.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}

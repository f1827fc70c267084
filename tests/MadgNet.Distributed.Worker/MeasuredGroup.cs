using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace MadgNet.Distributed.Worker;

/// <summary>A group that measures what goes through it: bytes, calls, and the time that a rank spends in them, waiting too.</summary>
internal sealed class MeasuredGroup(ProcessGroup inner) : ProcessGroup
{
    private const int SmallMessage = 1 << 16;

    private long _ticks;

    public override int Rank => inner.Rank;

    public override int Size => inner.Size;

    public override int LocalRank => inner.LocalRank;

    public override int LocalSize => inner.LocalSize;

    /// <summary>Bytes of long messages: gradients.</summary>
    public long LargeBytes { get; private set; }

    /// <summary>Short messages: normalisations and decisions.</summary>
    public int SmallCalls { get; private set; }

    public double Seconds => Stopwatch.GetElapsedTime(0, _ticks).TotalSeconds;

    public void Reset() => (LargeBytes, SmallCalls, _ticks) = (0, 0, 0);

    public override void Sum(Span<float> values)
    {
        long began = Begin(values.Length * sizeof(float));
        inner.Sum(values);
        End(began);
    }

    public override void Sum(Span<double> values)
    {
        long began = Begin(values.Length * sizeof(double));
        inner.Sum(values);
        End(began);
    }

    public override void Sum(Span<long> values)
    {
        long began = Begin(values.Length * sizeof(long));
        inner.Sum(values);
        End(began);
    }

    public override void Maximum(Span<double> values)
    {
        long began = Begin(values.Length * sizeof(double));
        inner.Maximum(values);
        End(began);
    }

    public override void Broadcast(Span<byte> bytes, int root)
    {
        long began = Begin(bytes.Length);
        inner.Broadcast(bytes, root);
        End(began);
    }

    public override void Barrier() => inner.Barrier();

    public override void Fail(Exception cause) => inner.Fail(cause);

    [DoesNotReturn]
    public override void Abort(int exitCode) => inner.Abort(exitCode);

    private long Begin(long bytes)
    {
        if (bytes < SmallMessage)
        {
            SmallCalls++;
        }
        else
        {
            LargeBytes += bytes;
        }

        return Stopwatch.GetTimestamp();
    }

    private void End(long began) => _ticks += Stopwatch.GetTimestamp() - began;
}

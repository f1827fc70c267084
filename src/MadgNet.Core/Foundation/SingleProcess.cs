using System.Diagnostics.CodeAnalysis;

namespace MadgNet.Core.Foundation;

/// <summary>The group of a process that is alone: everything that it has is what all have.</summary>
internal sealed class SingleProcess : ProcessGroup
{
    public override int Rank => 0;

    public override int Size => 1;

    public override int LocalRank => 0;

    public override int LocalSize => 1;

    public override void Sum(Span<float> values)
    {
    }

    public override void Sum(Span<double> values)
    {
    }

    public override void Sum(Span<long> values)
    {
    }

    public override void Maximum(Span<double> values)
    {
    }

    public override void Broadcast(Span<byte> bytes, int root) => ArgumentOutOfRangeException.ThrowIfNotEqual(root, 0);

    public override void Barrier()
    {
    }

    public override void Fail(Exception cause)
    {
    }

    [DoesNotReturn]
    public override void Abort(int exitCode)
    {
        Environment.Exit(exitCode);
        throw new InvalidOperationException("The process ends.");
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace MadgNet.Core.Tests.Support;

/// <summary>
/// Ranks that are threads of one process: what several processes do together, without an MPI. A rank that fails ends the waiting of
/// the others with an exception.
/// </summary>
internal sealed class ThreadGroup : ProcessGroup
{
    private readonly Meeting _meeting;

    private ThreadGroup(Meeting meeting, int rank)
    {
        _meeting = meeting;
        Rank = rank;
    }

    public override int Rank { get; }

    public override int Size => _meeting.Barrier.ParticipantCount;

    public override int LocalRank => Rank;

    public override int LocalSize => Size;

    /// <summary>How often a rank met the others.</summary>
    public int Meetings { get; private set; }

    /// <summary>Runs something on every rank at once; what the first failed rank threw is thrown.</summary>
    public static T[] Run<T>(int size, Func<ProcessGroup, T> body)
    {
        var meeting = new Meeting(size);
        var results = new T[size];
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            using var group = new ThreadGroup(meeting, rank);
            try
            {
                results[rank] = body(group);
            }
            catch (Exception exception)
            {
                meeting.Fail(rank, exception);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return meeting.Failures.Count == 0 ? results : throw new AggregateException(meeting.Failures.Values);
    }

    public override void Sum(Span<float> values) => Combine(values, (left, right) => left + right);

    public override void Sum(Span<double> values) => Combine(values, (left, right) => left + right);

    public override void Sum(Span<long> values) => Combine(values, (left, right) => left + right);

    public override void Maximum(Span<double> values) => Combine(values, Math.Max);

    public override void Broadcast(Span<byte> bytes, int root)
    {
        byte[][] all = Exchange(bytes.ToArray());
        all[root].CopyTo(bytes);
    }

    public override void Barrier() => Exchange<byte>([]);

    public override void Fail(Exception cause) => _meeting.Fail(Rank, cause);

    [DoesNotReturn]
    public override void Abort(int exitCode) => throw new NotSupportedException("Threads cannot be ended.");

    private void Combine<T>(Span<T> values, Func<T, T, T> combine)
        where T : struct, INumber<T>
    {
        T[][] all = Exchange(values.ToArray());
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = all.Select(rank => rank[i]).Aggregate(combine);
        }
    }

    private T[][] Exchange<T>(T[] mine)
    {
        Meetings++;
        _meeting.Slots[Rank] = mine;
        _meeting.Wait();
        Assert.All(_meeting.Slots, slot => Assert.Equal(mine.Length, Assert.IsType<T[]>(slot).Length));
        T[][] all = [.. _meeting.Slots.Cast<T[]>()];
        _meeting.Wait();
        return all;
    }

    private sealed class Meeting(int size)
    {
        private readonly CancellationTokenSource _failed = new();

        public Barrier Barrier { get; } = new(size);

        public object[] Slots { get; } = new object[size];

        public SortedDictionary<int, Exception> Failures { get; } = [];

        public void Wait()
        {
            try
            {
                Barrier.SignalAndWait(_failed.Token);
            }
            catch (OperationCanceledException)
            {
                throw new InvalidOperationException("Another rank failed.");
            }
        }

        public void Fail(int rank, Exception exception)
        {
            lock (Failures)
            {
                if (exception.Message != "Another rank failed.")
                {
                    Failures.TryAdd(rank, exception);
                }
            }

            _failed.Cancel();
        }
    }
}

using System.Collections.Concurrent;

namespace MadgNet.Core.Benchmarks.Serving;

/// <summary>What all clients saw.</summary>
internal sealed class SoakResults
{
    private const int MostFaults = 1000;

    private readonly ConcurrentDictionary<string, int> _kinds = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentDictionary<int, int> _milliseconds = new();
    private int _count;
    private int _good;
    private int _wrong;

    public int Count => Volatile.Read(ref _count);

    /// <summary>How many got the answer that their image gets alone.</summary>
    public int Good => Volatile.Read(ref _good);

    public int Wrong => Volatile.Read(ref _wrong);

    public IEnumerable<string> Faults => _faults;

    public IEnumerable<(string Kind, int Times)> Kinds =>
        _kinds.OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => (kind.Key, kind.Value));

    public void Add(string kind)
    {
        Interlocked.Increment(ref _count);
        _kinds.AddOrUpdate(kind, 1, (_, times) => times + 1);
    }

    public void AddGood(TimeSpan time)
    {
        Interlocked.Increment(ref _good);
        _milliseconds.AddOrUpdate((int)Math.Ceiling(time.TotalMilliseconds), 1, (_, times) => times + 1);
    }

    public void AddWrong(string fault)
    {
        Interlocked.Increment(ref _wrong);
        if (_faults.Count < MostFaults)
        {
            _faults.Enqueue(fault);
        }
    }

    /// <summary>The milliseconds within which a share of the good answers came; their number does not change what is kept.</summary>
    public double Percentile(double share)
    {
        long left = (long)Math.Ceiling(Good * share);
        foreach ((int milliseconds, int times) in _milliseconds.OrderBy(entry => entry.Key))
        {
            left -= times;
            if (left <= 0)
            {
                return milliseconds;
            }
        }

        return 0;
    }
}

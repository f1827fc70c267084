namespace MadgNet.Core.Data;

/// <summary>
/// One enumeration of an epoch: threads that load positions 0, 1, 2 … ahead of the consumer, never more than a window of
/// them, and hand them out in order.
/// </summary>
internal sealed class LoaderRun : IDisposable
{
    private readonly object _gate = new();
    private readonly int _count;
    private readonly LoadedSample?[] _window;
    private readonly Func<int, LoadedSample> _load;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _registration;
    private readonly Thread[] _workers;
    private int _started;
    private int _consumed;
    private bool _stopped;

    public LoaderRun(int count, int workers, int window, Func<int, LoadedSample> load, CancellationToken cancellationToken)
    {
        _count = count;
        _window = new LoadedSample?[Math.Min(window, Math.Max(count, 1))];
        _load = load;
        _cancellationToken = cancellationToken;
        _workers = new Thread[Math.Min(workers, count)];
        for (int i = 0; i < _workers.Length; i++)
        {
            // Background threads: a host that ends without disposing the enumeration is not kept alive by them.
            _workers[i] = new Thread(Work) { IsBackground = true, Name = $"MadgNet loader {i}" };
            _workers[i].Start();
        }

        _registration = cancellationToken.Register(Stop);
    }

    /// <summary>Waits for the next position's sample.</summary>
    public LoadedSample Next()
    {
        _cancellationToken.ThrowIfCancellationRequested();
        if (_workers.Length == 0)
        {
            return _load(_consumed++);
        }

        lock (_gate)
        {
            int slot = _consumed % _window.Length;
            while (_window[slot] is null && !_stopped)
            {
                Monitor.Wait(_gate);
            }

            _cancellationToken.ThrowIfCancellationRequested();
            LoadedSample loaded = _window[slot]!;
            _window[slot] = null;
            _consumed++;
            Monitor.PulseAll(_gate);
            return loaded;
        }
    }

    /// <summary>Ends the workers and waits until they have: each finishes the sample it has in hand.</summary>
    public void Dispose()
    {
        _registration.Dispose();
        Stop();
        foreach (Thread worker in _workers)
        {
            worker.Join();
        }
    }

    private void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Work()
    {
        while (true)
        {
            int position;
            lock (_gate)
            {
                while (!_stopped && _started < _count && _started >= _consumed + _window.Length)
                {
                    Monitor.Wait(_gate);
                }

                if (_stopped || _started >= _count)
                {
                    return;
                }

                position = _started++;
            }

            LoadedSample loaded = _load(position);
            lock (_gate)
            {
                _window[position % _window.Length] = loaded;
                Monitor.PulseAll(_gate);
            }
        }
    }
}

using Microsoft.ML.OnnxRuntime;

namespace MadgNet.Onnx;

/// <summary>
/// Makes a session within a time. While it is made, the runtime computes what does not depend on the image, which a file can make endless.
/// </summary>
internal sealed class OnnxLoading : IDisposable
{
    /// <summary>As deep a stack as a main thread has: graphs in graphs are gone through by recursion.</summary>
    private const int StackSize = 8 << 20;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly SessionOptions _options;
    private readonly Func<SessionOptions, InferenceSession> _open;
    private readonly ManualResetEventSlim _done = new();
    private readonly Lock _gate = new();
    private InferenceSession? _session;
    private Exception? _failure;
    private bool _ended;
    private bool _abandoned;

    private OnnxLoading(SessionOptions options, Func<SessionOptions, InferenceSession> open)
    {
        _options = options;
        _open = open;
    }

    /// <summary>Makes the session, and disposes the options.</summary>
    /// <exception cref="TimeoutException">It was not made in time.</exception>
    /// <exception cref="OnnxRuntimeException">The runtime refuses the file.</exception>
    public static InferenceSession Open(SessionOptions options, Func<SessionOptions, InferenceSession> open, TimeSpan? limit)
    {
        if (limit is not { } time)
        {
            using (options)
            {
                return open(options);
            }
        }

        // Disposed by whoever is last: the thread, where it is given up.
        var loading = new OnnxLoading(options, open);
        new Thread(loading.Work, StackSize) { IsBackground = true, Name = "MadgNet ONNX loading" }.Start();
        return loading.Wait(time);
    }

    public void Dispose()
    {
        _options.Dispose();
        _done.Dispose();
    }

    private InferenceSession Wait(TimeSpan limit)
    {
        bool inTime = _done.Wait(limit);
        if (!inTime)
        {
            _options.SetLoadCancellationFlag(true);
            _done.Wait(Grace);
        }

        lock (_gate)
        {
            if (!_ended)
            {
                // It computes on until it ends by itself; nobody waits for it any more.
                _abandoned = true;
                throw new TimeoutException();
            }
        }

        using (this)
        {
            if (_session is not null)
            {
                return _session;
            }

            if (!inTime)
            {
                throw new TimeoutException();
            }

            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure!);
            throw _failure!;
        }
    }

    private void Work()
    {
        InferenceSession? session = null;
        Exception? failure = null;
        try
        {
            session = _open(_options);
        }
        catch (Exception exception)
        {
            // Whatever it was, it is for the thread that waits.
            failure = exception;
        }

        lock (_gate)
        {
            (_session, _failure, _ended) = (session, failure, true);
            if (_abandoned)
            {
                session?.Dispose();
                Dispose();
                return;
            }

            _done.Set();
        }
    }
}

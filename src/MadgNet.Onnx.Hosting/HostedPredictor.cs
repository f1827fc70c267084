using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MadgNet.Onnx.Hosting;

/// <summary>
/// A network of a host: loaded once, shared by all threads, with a limit on what runs and waits, and disposed with the host. A keyed
/// service under its name; the first one that is registered is there without a key, too.
/// </summary>
/// <remarks>
/// The host loads it when it starts, so that a bad file ends the start and not the first request; what asks for it earlier loads it. When
/// it is disposed, what runs is cancelled and waited for, and what waits is cancelled.
/// </remarks>
public sealed partial class HostedPredictor : IDisposable
{
    private readonly Func<IImagePredictor> _create;
    private readonly SemaphoreSlim _places;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly ILogger _logger;
    private IImagePredictor? _predictor;
    private int _inHand;
    private int _running;
    private bool _disposed;

    /// <summary>Creates a predictor, which is loaded later.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="options">Its limits.</param>
    /// <param name="create">Loads it; called once, by one thread.</param>
    /// <param name="logger">Is told when it is loaded and disposed; nothing of an image. Null for nothing.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public HostedPredictor(string name, HostedPredictorOptions options, Func<IImagePredictor> create, ILogger? logger = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(create);
        InvalidOptionsException.ThrowIfAny(nameof(HostedPredictor), options.Validate());
        (Name, Options, _create, _logger) = (name, options, create, logger ?? NullLogger.Instance);
        _places = new SemaphoreSlim(options.MaximumConcurrency);
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Its limits, and how it predicts.</summary>
    public HostedPredictorOptions Options { get; }

    /// <summary>Whether it is loaded and takes images.</summary>
    public bool IsReady => Volatile.Read(ref _predictor) is not null && !_closing.IsCancellationRequested;

    /// <summary>How many images are predicted at this moment.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>How many images wait at this moment.</summary>
    public int Waiting => Math.Max(0, Volatile.Read(ref _inHand) - Running);

    /// <summary>The predictor itself, loaded if it is not yet. What is asked of it directly is not counted among the limits.</summary>
    /// <exception cref="MadgNetException">It cannot be loaded.</exception>
    /// <exception cref="ObjectDisposedException">The host has stopped.</exception>
    public IImagePredictor Predictor
    {
        get
        {
            if (Volatile.Read(ref _predictor) is { } loaded)
            {
                return loaded;
            }

            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return _predictor ?? Load();
            }
        }
    }

    /// <summary>Takes a place among what runs or waits, before anything is read for it; whoever has one runs later.</summary>
    /// <returns>The place, to be disposed.</returns>
    /// <exception cref="PredictorBusyException">As many wait as may.</exception>
    /// <exception cref="ObjectDisposedException">The host has stopped.</exception>
    public PredictorPlace Enter()
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        long most = (long)Options.MaximumConcurrency + Options.MaximumQueue;
        if (Interlocked.Increment(ref _inHand) > most)
        {
            Interlocked.Decrement(ref _inHand);
            throw new PredictorBusyException(Name, Options.MaximumConcurrency, Options.MaximumQueue);
        }

        return new PredictorPlace(this);
    }

    /// <summary>Waits for its turn, and runs work on the predictor in a thread of the pool.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="work">What is done; ends early when its token says so.</param>
    /// <param name="cancellationToken">Ends waiting and work.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="PredictorBusyException">As many wait as may.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, or the host stops.</exception>
    public async Task<T> RunAsync<T>(Func<IImagePredictor, CancellationToken, T> work, CancellationToken cancellationToken = default)
    {
        using PredictorPlace place = Enter();
        return await place.RunAsync(work, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Cancels what runs, waits until it has ended, and disposes the predictor.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _closing.Cancel();
        var waited = Stopwatch.StartNew();
        for (int place = 0; place < Options.MaximumConcurrency; place++)
        {
            TimeSpan left = Options.StopLimit - waited.Elapsed;
            if (!_places.Wait(left > TimeSpan.Zero ? left : TimeSpan.Zero))
            {
                // Native code is still in it: what is left goes with the process.
                LogAbandoned(_logger, Name, Options.StopLimit.TotalSeconds);
                return;
            }
        }

        _predictor?.Dispose();
        _closing.Dispose();
        LogDisposed(_logger, Name);
    }

    internal void Leave() => Interlocked.Decrement(ref _inHand);

    internal async Task<T> RunAsync<T>(
        Func<IImagePredictor, CancellationToken, T> work, PredictorPlace place, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        ObjectDisposedException.ThrowIf(place.IsLeft, place);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        await _places.WaitAsync(either.Token).ConfigureAwait(false);
        Interlocked.Increment(ref _running);
        try
        {
            IImagePredictor predictor = Predictor;
            return await Task.Run(() => work(predictor, either.Token), either.Token).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            _places.Release();
        }
    }

    private IImagePredictor Load()
    {
        long begun = Stopwatch.GetTimestamp();
        IImagePredictor loaded = _create()
            ?? throw new InvalidOperationException($"The factory of the predictor '{Name}' returned null. Return a predictor.");
        Volatile.Write(ref _predictor, loaded);
        LogLoaded(_logger, Name, Stopwatch.GetElapsedTime(begun).TotalMilliseconds, loaded.Network.Labels, loaded.Network.InputChannels);
        return loaded;
    }

    [LoggerMessage(1, LogLevel.Information, "Predictor '{Name}' is loaded in {Milliseconds:F0} ms: {Labels} labels, {Channels} channels.")]
    private static partial void LogLoaded(ILogger logger, string name, double milliseconds, int labels, int channels);

    [LoggerMessage(2, LogLevel.Information, "Predictor '{Name}' is disposed.")]
    private static partial void LogDisposed(ILogger logger, string name);

    [LoggerMessage(3, LogLevel.Warning, "Predictor '{Name}' still runs {Seconds} s after it was told to end; it is left to the process.")]
    private static partial void LogAbandoned(ILogger logger, string name, double seconds);
}

namespace MadgNet.Onnx.Hosting;

/// <summary>A place among what a <see cref="HostedPredictor"/> runs or lets wait. Disposing it gives the place to another.</summary>
public sealed class PredictorPlace : IDisposable
{
    private readonly HostedPredictor _owner;
    private int _left;

    internal PredictorPlace(HostedPredictor owner) => _owner = owner;

    internal bool IsLeft => Volatile.Read(ref _left) != 0;

    /// <summary>Waits for its turn, and runs work on the predictor in a thread of the pool.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="work">What is done; ends early when its token says so.</param>
    /// <param name="cancellationToken">Ends waiting and work.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled, or the host stops.</exception>
    /// <exception cref="ObjectDisposedException">The place was given back.</exception>
    public Task<T> RunAsync<T>(Func<IImagePredictor, CancellationToken, T> work, CancellationToken cancellationToken = default) =>
        _owner.RunAsync(work, this, cancellationToken);

    /// <summary>Gives the place back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            _owner.Leave();
        }
    }
}

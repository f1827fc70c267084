namespace MadgNet.Core.Inference;

/// <summary>
/// Receives what is found in an image that is segmented window by window: <see cref="Begin"/> once, <see cref="Write"/> for all
/// rows from top to bottom, <see cref="Complete"/> once. A sink that is disposed before it was completed leaves nothing behind.
/// </summary>
/// <remarks>Serves one image, on one thread. A host implements it to count, to store elsewhere, or to show.</remarks>
public interface IPredictionSink : IDisposable
{
    /// <summary>Says what will come.</summary>
    /// <param name="height">Height of the image.</param>
    /// <param name="width">Width of the image.</param>
    /// <param name="thresholds">For each label the probability from which on a pixel belongs to it.</param>
    void Begin(int height, int width, IReadOnlyList<double> thresholds);

    /// <summary>Receives the next rows.</summary>
    /// <param name="rows">The rows; their maps are overwritten after the call.</param>
    void Write(PredictionRows rows);

    /// <summary>Is called after the last row: all went well.</summary>
    void Complete();
}

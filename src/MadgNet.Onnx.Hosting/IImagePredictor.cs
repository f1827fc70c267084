using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;

namespace MadgNet.Onnx.Hosting;

/// <summary>
/// What a host predicts with. <see cref="ImagePredictor"/> is one for every predictor of this library, on ONNX Runtime or on libtorch; a
/// host with a runtime of its own implements the interface.
/// </summary>
/// <remarks>Called from as many threads at once as <see cref="HostedPredictorOptions.MaximumConcurrency"/> says.</remarks>
public interface IImagePredictor : IDisposable
{
    /// <summary>What is known about the network.</summary>
    NetworkDescription Network { get; }

    /// <summary>For every label the probability from which on a pixel belongs to it.</summary>
    IReadOnlyList<double> Thresholds { get; }

    /// <summary>What reads image files.</summary>
    IImageReader Reader { get; }

    /// <summary>The maps that can be asked for, <see cref="ImagePredictor.RegionMap"/> first. By default that one alone.</summary>
    IReadOnlyList<string> Maps => [ImagePredictor.RegionMap];

    /// <summary>Predicts one image.</summary>
    /// <param name="image">The image, as a file stores it.</param>
    /// <param name="map">One of <see cref="Maps"/>.</param>
    /// <param name="cancellationToken">Ends the prediction.</param>
    /// <returns>The map at the image's own size; of the region with thresholds, names and post-processing.</returns>
    /// <exception cref="MadgNetException">The image is none that the network takes.</exception>
    /// <exception cref="OperationCanceledException">The prediction was cancelled.</exception>
    Prediction Predict(PixelImage image, string map, CancellationToken cancellationToken);
}

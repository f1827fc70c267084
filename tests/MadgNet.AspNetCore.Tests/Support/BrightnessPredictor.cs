using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Onnx.Hosting;

namespace MadgNet.AspNetCore.Tests.Support;

/// <summary>
/// A predictor without a network, whose answers a test knows: the first label's probability is the brightness of the pixel, the second's
/// what is left to 1. It can be held in the middle of a prediction.
/// </summary>
internal sealed class BrightnessPredictor : IImagePredictor
{
    private readonly Lock _gate = new();

    public NetworkDescription Network { get; } = new() { Labels = 2, LabelNames = ["bright", "dark"] };

    public IReadOnlyList<double> Thresholds { get; } = [0.5, 0.75];

    public IImageReader Reader { get; } = new ImageReader();

    public IReadOnlyList<string> Maps => ["region", "distance"];

    /// <summary>While it is set, predictions wait for it or for their cancellation.</summary>
    public ManualResetEventSlim? Hold { get; init; }

    /// <summary>Thrown by every prediction, where it is set.</summary>
    public Exception? Failure { get; init; }

    /// <summary>Set once a prediction has begun.</summary>
    public ManualResetEventSlim Begun { get; } = new();

    public int Disposals { get; private set; }

    public int Most { get; private set; }

    public int Cancelled { get; private set; }

    private int Now { get; set; }

    public Prediction Predict(PixelImage image, string map, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Most = Math.Max(Most, ++Now);
        }

        Begun.Set();
        try
        {
            Hold?.Wait(cancellationToken);
            if (Failure is { } failure)
            {
                throw failure;
            }

            FloatImage gray = image.ToFloat(ImageChannels.Gray);
            var maps = new FloatImage(2, image.Height, image.Width);
            for (int i = 0; i < gray.Data.Length; i++)
            {
                float value = map == "distance" ? gray.Data[i] / 2 : gray.Data[i];
                maps.Plane(0)[i] = value;
                maps.Plane(1)[i] = 1 - value;
            }

            return new Prediction(maps, Thresholds, Network.LabelNames);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                Cancelled++;
            }

            throw;
        }
        finally
        {
            lock (_gate)
            {
                Now--;
            }
        }
    }

    public void Dispose() => Disposals++;
}

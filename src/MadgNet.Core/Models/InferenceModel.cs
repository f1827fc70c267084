using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <summary>
/// A <see cref="SegmentationModel"/> that only predicts, made by <see cref="SegmentationModel.ForInference"/>. It gives the same region
/// logits in less time and memory.
/// </summary>
/// <remarks>Safe for use from several threads.</remarks>
public abstract class InferenceModel : IDisposable
{
    /// <summary>Describes the form.</summary>
    /// <param name="model">The network that it is a form of.</param>
    /// <param name="precision">The number format in which it computes.</param>
    /// <exception cref="InvalidOptionsException">The precision is unknown.</exception>
    protected InferenceModel(SegmentationModel model, InferencePrecision precision)
    {
        ArgumentNullException.ThrowIfNull(model);
        InvalidOptionsException.ThrowIfAny(nameof(InferenceModel), [.. Problem.Undefined(nameof(precision), precision)]);

        Precision = precision;
        Stride = model.Stride;
        Device = model.Device;
    }

    /// <summary>What it computes in.</summary>
    public InferencePrecision Precision { get; }

    /// <summary>Height and width of an image must be multiples of this.</summary>
    public int Stride { get; }

    /// <summary>The device that the weights are on.</summary>
    public Device Device { get; }

    /// <summary>Predicts the region map, without a graph.</summary>
    /// <param name="input">Float32 images N×C×H×W, values 0..1, H and W multiples of <see cref="Stride"/>.</param>
    /// <returns>Float32 region logits N×n×H×W; their sigmoid is the probability. The caller owns them.</returns>
    /// <exception cref="TensorShapeException">The images have another shape, type or device than the network takes.</exception>
    public abstract Tensor Predict(Tensor input);

    /// <summary>Disposes what the form owns.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes what the form owns.</summary>
    /// <param name="disposing">Whether managed state is to be disposed.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}

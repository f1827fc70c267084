using System.Runtime.InteropServices;
using MadgNet.Core.Imaging;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Inference;

/// <summary>
/// Segments images of any size with a model of this library, on TorchSharp. The base class <see cref="SegmentationPredictor"/> does
/// everything before and after the network.
/// </summary>
/// <remarks>
/// Puts the model into evaluation mode. Do not train a model while it predicts. A predictor that loads its model uses the faster form of
/// <see cref="SegmentationModel.ForInference"/>, with the weights of the file. A predictor that is given a model always uses the model's
/// current weights.
/// <para><b>Threads.</b> Any number of threads may share a predictor. Each gets what it would get alone. All share the weights; every
/// thread takes the memory of its own image. libtorch spreads one run over the threads of the process (<c>torch.set_num_threads</c>):
/// when many predict at once, few threads each are faster. A cancellation ends a prediction between two batches of tiles or views, not
/// within a run of the network.</para>
/// <para><b>Lifetime.</b> Load it once and keep it as long as the application: loading takes far longer than predicting. Do not dispose
/// it while a thread predicts. A host leaves both to <c>MadgNet.Onnx.Hosting</c>.</para>
/// </remarks>
public sealed class Predictor : SegmentationPredictor
{
    private readonly bool _ownsModel;
    private readonly InferenceModel? _inference;

    /// <summary>Creates a predictor for a model. The caller owns the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How to predict; the defaults when null.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public Predictor(SegmentationModel model, PredictorOptions? options = null)
        : this(model, options, ownsModel: false)
    {
    }

    private Predictor(SegmentationModel model, PredictorOptions? options, bool ownsModel)
        : base(Describe(model), options)
    {
        Model = model;
        _ownsModel = ownsModel;
        model.eval();
        _inference = ownsModel ? model.ForInference() : null;
    }

    /// <summary>The model that predicts.</summary>
    public SegmentationModel Model { get; }

    /// <summary>
    /// Loads a model with parts of a registry onto the CPU, and creates a predictor that owns it. Uses the default options.
    /// </summary>
    /// <param name="path">A file that <see cref="SegmentationModel.Load"/> reads.</param>
    /// <param name="registry">Where the names of network and parts are looked up.</param>
    /// <returns>The predictor. Disposing it disposes the model.</returns>
    /// <exception cref="WeightFileException">The file cannot be read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The file's tensors are not those of the network that it names.</exception>
    /// <exception cref="InvalidOptionsException">The file names what the registry lacks, or holds no usable options.</exception>
    public static Predictor Load(string path, ModelRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return Load(path, null, null, registry);
    }

    /// <summary>Loads a model and creates a predictor that owns it.</summary>
    /// <param name="path">A file that <see cref="SegmentationModel.Load"/> reads.</param>
    /// <param name="options">How to predict; the defaults when null.</param>
    /// <param name="device">Where to put the model; the CPU when null.</param>
    /// <param name="registry">Where the names of network and parts are looked up; <see cref="ModelRegistry.BuiltIn"/> when null.</param>
    /// <returns>The predictor. Disposing it disposes the model.</returns>
    /// <exception cref="WeightFileException">The file cannot be read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The file's tensors are not those of the network that it names.</exception>
    /// <exception cref="InvalidOptionsException">The file names what the registry lacks, holds no usable options, or
    /// <paramref name="options"/> are invalid.</exception>
    public static Predictor Load(string path, PredictorOptions? options = null, Device? device = null, ModelRegistry? registry = null)
    {
        SegmentationModel model = SegmentationModel.Load(path, registry, device);
        try
        {
            return new Predictor(model, options, ownsModel: true);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Segments an image that is a tensor.</summary>
    /// <param name="image">C×H×W or 1×C×H×W, floating-point, on any device, with values as the model was trained, usually 0..1; stays the
    /// caller's.</param>
    /// <returns>Probabilities and masks at the image's size.</returns>
    /// <exception cref="TensorShapeException">The tensor is no such image, or its channels are not the model's.</exception>
    public Prediction Predict(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        bool batched = image.dim() == 4 && image.size(0) == 1;
        if (!(batched || image.dim() == 3) || !image.is_floating_point() || image.numel() == 0)
        {
            throw new TensorShapeException(new Problem(
                $"{nameof(Predictor)} image",
                TensorShapeException.Describe(image),
                "one floating-point image C×H×W or 1×C×H×W",
                "Take one image out of a batch, and scale integers to 0..1 first"));
        }

        using DisposeScope scope = NewDisposeScope();
        return Predict(FloatImage.FromTensor(batched ? image[0] : image));
    }

    /// <inheritdoc/>
    protected override void Run(ReadOnlySpan<float> images, int count, int height, int width, Span<float> probabilities)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor input = empty([count, Network.InputChannels, height, width], ScalarType.Float32);
        input.bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(images), images.Length));
        Tensor onDevice = input.to(Model.Device);
        Tensor logits = _inference is null ? Model.Predict(onDevice) : _inference.Predict(onDevice);
        Tensor probability = logits.sigmoid().cpu().contiguous();
        probability.bytes.CopyTo(MemoryMarshal.AsBytes(probabilities));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _inference?.Dispose();
        if (_ownsModel)
        {
            Model.Dispose();
        }

        base.Dispose(disposing);
    }

    private static NetworkDescription Describe(SegmentationModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new NetworkDescription
        {
            Input = model.Input,
            Labels = model.Labels,
            LabelNames = model.LabelNames,
            Stride = model.Stride,
            AcceptsGray = model.Input.Channels == 3 && !model.Input.ReadsSeveral,
            Threshold = model.Threshold,
        };
    }
}

using MadgNet.Core.Imaging;
using MadgNet.Core.Internal;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Inference;

/// <summary>
/// Segments images of any size with a trained model: scales intensities as the model was trained, pads to the network's
/// stride by repeating the edge, and returns probabilities and masks at the image's own size.
/// </summary>
/// <remarks>
/// Puts the model into evaluation mode; a model must not be trained while it predicts. Any number of threads may share a
/// predictor.
/// </remarks>
public sealed class Predictor : IDisposable
{
    private readonly MadgNetModel _model;
    private readonly bool _ownsModel;
    private readonly PredictorOptions _options;

    /// <summary>Creates a predictor on a model that stays the caller's.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How to predict; the defaults when null.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public Predictor(MadgNetModel model, PredictorOptions? options = null)
        : this(model, options, ownsModel: false)
    {
    }

    private Predictor(MadgNetModel model, PredictorOptions? options, bool ownsModel)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new PredictorOptions();
        InvalidOptionsException.ThrowIfAny(nameof(Predictor), options.Validate());
        _model = model;
        _ownsModel = ownsModel;
        _options = options;
        model.eval();
    }

    /// <summary>The model that predicts.</summary>
    public MadgNetModel Model => _model;

    /// <summary>How the predictor predicts.</summary>
    public PredictorOptions Options => _options;

    /// <summary>Loads a model and creates a predictor that owns it.</summary>
    /// <param name="path">A file that <see cref="MadgNetModel.Load"/> reads.</param>
    /// <param name="options">How to predict; the defaults when null.</param>
    /// <param name="device">Where to put the model; the CPU when null.</param>
    /// <returns>The predictor. Disposing it disposes the model.</returns>
    /// <exception cref="WeightFileException">The file cannot be read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The file's tensors are not those of a MADGNet.</exception>
    /// <exception cref="InvalidOptionsException">The file holds no usable options, or <paramref name="options"/> are invalid.</exception>
    public static Predictor Load(string path, PredictorOptions? options = null, Device? device = null)
    {
        MadgNetModel model = MadgNetModel.Load(path, device: device);
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

    /// <summary>Segments an image file.</summary>
    /// <param name="path">The image.</param>
    /// <returns>Probabilities and masks at the image's size.</returns>
    /// <exception cref="ImageReadException">The file is no image that the reader reads, or is damaged or too large.</exception>
    /// <exception cref="TensorShapeException">The model takes neither one nor three channels.</exception>
    public Prediction Predict(string path) => Predict(_options.Reader.Read(path));

    /// <summary>Segments a decoded image.</summary>
    /// <param name="image">The image, 8 or 16 bit; its intensities are scaled as the model's options say.</param>
    /// <returns>Probabilities and masks at the image's size.</returns>
    /// <exception cref="TensorShapeException">The model takes neither one nor three channels.</exception>
    public Prediction Predict(PixelImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        ImageChannels channels = _model.Options.InputChannels switch
        {
            1 => ImageChannels.Gray,
            3 => ImageChannels.Rgb,
            _ => ImageChannels.AsStored,
        };
        IntensityWindow? window = _model.Options.IntensityScaling == IntensityScaling.MinMax ? IntensityWindow.MinMax : null;
        return Predict(image.ToFloat(channels, window));
    }

    /// <summary>Segments an image whose values are scaled already.</summary>
    /// <param name="image">C×H×W as the model was trained, usually 0..1; C is the model's input channels, or 1 where its encoder takes 3.</param>
    /// <returns>Probabilities and masks at the image's size.</returns>
    /// <exception cref="TensorShapeException">The channels are not the model's.</exception>
    public Prediction Predict(FloatImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        FloatImage input = _options.InputSize is { } size ? ImageResizer.Bilinear(image, size.Height, size.Width) : image;
        FloatImage probability = Run(input);
        if (probability.Height != image.Height || probability.Width != image.Width)
        {
            probability = ImageResizer.Bilinear(probability, image.Height, image.Width);
        }

        return new Prediction(probability, _options.Threshold);
    }

    /// <summary>Disposes the model where the predictor loaded it itself.</summary>
    public void Dispose()
    {
        if (_ownsModel)
        {
            _model.Dispose();
        }
    }

    private FloatImage Run(FloatImage input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = input.ToTensor().unsqueeze(0).to(_model.Device);
        return FloatImage.FromTensor(PaddedInference.Probability(_model, images)[0]);
    }
}

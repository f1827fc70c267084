using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;

namespace MadgNet.Onnx.Hosting;

/// <summary>
/// A predictor of this library as what a host predicts with: <see cref="OnnxPredictor"/>, or libtorch's <see cref="Predictor"/> in a host
/// that deploys libtorch.
/// </summary>
/// <example>
/// <code>
/// services.AddMadgNetPredictor("polyps", _ => new ImagePredictor(Predictor.Load("best.safetensors")));
/// </code>
/// </example>
public sealed class ImagePredictor : IImagePredictor
{
    /// <summary>The name of the map that every network has: the probability of each label.</summary>
    public const string RegionMap = "region";

    private static readonly string[] OtherMaps = ["distance", "boundary"];

    private readonly SegmentationPredictor _predictor;
    private readonly Dictionary<string, Lazy<SegmentationPredictor>> _others = new(StringComparer.Ordinal);

    /// <summary>Takes a predictor for one.</summary>
    /// <param name="predictor">The predictor; disposed with this one.</param>
    public ImagePredictor(SegmentationPredictor predictor)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        _predictor = predictor;
        Maps = [RegionMap];
    }

    private ImagePredictor(OnnxPredictor predictor, string path, OnnxRuntimeOptions runtime)
    {
        _predictor = predictor;
        PredictorOptions options = predictor.Options;
        try
        {
            IReadOnlyList<OnnxTensorInfo> outputs = OnnxModelInfo.Read(path).Outputs;
            foreach (string map in OtherMaps)
            {
                // Stages are exported deepest first: the last one is the network's answer.
                if (runtime.OutputName is null
                    && outputs.LastOrDefault(output => output.Name.EndsWith($"_{map}", StringComparison.Ordinal)) is { } found)
                {
                    OnnxRuntimeOptions own = runtime with { OutputName = found.Name };
                    _others.Add(map, new Lazy<SegmentationPredictor>(() => OnnxPredictor.Load(path, options, own)));
                }
            }
        }
        catch
        {
            _predictor.Dispose();
            throw;
        }

        Maps = [RegionMap, .. _others.Keys];
    }

    /// <inheritdoc/>
    public NetworkDescription Network => _predictor.Network;

    /// <inheritdoc/>
    public IReadOnlyList<double> Thresholds => _predictor.Thresholds;

    /// <inheritdoc/>
    public IImageReader Reader => _predictor.Options.Reader;

    /// <inheritdoc/>
    public IReadOnlyList<string> Maps { get; }

    /// <summary>
    /// Opens an ONNX file. Where it gives out distances and boundaries as well (<see cref="OnnxOutputs.All"/>), these can be asked for: the
    /// first request for one of them opens the file a second time, and takes the memory of its weights again.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to predict; the defaults when null.</param>
    /// <param name="runtime">How to run the network; the defaults when null.</param>
    /// <returns>The predictor, which the caller disposes.</returns>
    /// <exception cref="MadgNetException">As <see cref="OnnxPredictor.Load"/>.</exception>
    public static ImagePredictor LoadOnnx(string path, PredictorOptions? options = null, OnnxRuntimeOptions? runtime = null) =>
        FromOnnx(OnnxPredictor.Load(path, options, runtime), path, runtime);

    /// <summary>Takes an opened ONNX file for one, with the other maps that it gives out, see <see cref="LoadOnnx"/>.</summary>
    /// <param name="predictor">The predictor; disposed with this one, and at once where this fails.</param>
    /// <param name="path">The file that it was opened from.</param>
    /// <param name="runtime">How it was opened; the defaults when null.</param>
    /// <returns>The predictor, which the caller disposes.</returns>
    /// <exception cref="OnnxModelException">The file cannot be read any more.</exception>
    public static ImagePredictor FromOnnx(OnnxPredictor predictor, string path, OnnxRuntimeOptions? runtime = null)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ImagePredictor(predictor, path, runtime ?? new OnnxRuntimeOptions());
    }

    /// <inheritdoc/>
    public Prediction Predict(PixelImage image, string map, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(map);
        SegmentationPredictor predictor = map == RegionMap ? _predictor
            : _others.TryGetValue(map, out Lazy<SegmentationPredictor>? other) ? other.Value
            : throw new ArgumentOutOfRangeException(
                nameof(map), map, $"received the map '{map}'; expected one of {string.Join(", ", Maps)}. Choose one of them.");
        return predictor.Predict(predictor.Prepare(image), null, cancellationToken);
    }

    /// <summary>Disposes the predictor, and the model where it owns one.</summary>
    public void Dispose()
    {
        _predictor.Dispose();
        foreach (Lazy<SegmentationPredictor> other in _others.Values.Where(other => other.IsValueCreated))
        {
            other.Value.Dispose();
        }
    }
}

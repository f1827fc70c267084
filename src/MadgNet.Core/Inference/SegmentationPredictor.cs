using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;

namespace MadgNet.Core.Inference;

/// <summary>
/// Segments images of any size with a network that is run by whoever derives from it: scales intensities as the network was
/// trained, pads to its stride by repeating the edge, and returns probabilities and masks at the images' own size.
/// </summary>
/// <remarks>
/// Works in managed memory: nothing here loads libtorch, so that a host with another runtime need not have it. Any number of
/// threads may share a predictor; each gets what it would get alone.
/// </remarks>
public abstract partial class SegmentationPredictor : IDisposable
{
    private readonly double[] _thresholds;
    private readonly IReadOnlyList<AugmentedView>? _views;
    private bool _disposed;

    /// <summary>Creates a predictor.</summary>
    /// <param name="network">What has to be known about the network.</param>
    /// <param name="options">How to predict; the defaults when null.</param>
    /// <exception cref="InvalidOptionsException">The description or the options are invalid, or do not fit each other; lists all
    /// problems.</exception>
    protected SegmentationPredictor(NetworkDescription network, PredictorOptions? options)
    {
        ArgumentNullException.ThrowIfNull(network);
        options ??= new PredictorOptions();
        List<Problem> problems = [.. network.Validate(), .. options.Validate()];
        if (problems.Count == 0)
        {
            problems.AddRange(options.Validate(network));
        }

        InvalidOptionsException.ThrowIfAny(GetType().Name, problems);
        Network = network;
        Options = options;
        _views = options.Augmentation?.Views();
        _thresholds = options.LabelThresholds.Count != 0
            ? [.. options.LabelThresholds]
            : [.. Enumerable.Repeat(options.Threshold ?? network.Threshold ?? 0.5, network.Labels)];
    }

    /// <summary>What is known about the network.</summary>
    public NetworkDescription Network { get; }

    /// <summary>How the predictor predicts.</summary>
    public PredictorOptions Options { get; }

    /// <summary>For every label the probability from which on a pixel belongs to it: given, stored with the model, or 0.5.</summary>
    public IReadOnlyList<double> Thresholds => _thresholds;

    /// <summary>Segments an image file, or the files of a case where the network takes several.</summary>
    /// <param name="path">The image; of several files a case any one, as the others are found beside it by their names.</param>
    /// <returns>Probabilities and masks at the image's size.</returns>
    /// <exception cref="ImageReadException">The file is no image that the reader reads, or is damaged or too large.</exception>
    /// <exception cref="TensorShapeException">The image's channels are not the network's.</exception>
    public Prediction Predict(string path) => Predict(Read(path));

    /// <summary>Segments a case whose files are named.</summary>
    /// <param name="paths">The files in the order of <see cref="ModelInput.Files"/>; one where the network takes one.</param>
    /// <returns>Probabilities and masks at the images' size.</returns>
    /// <exception cref="ImageReadException">A file is no image that the reader reads, is damaged, too large, or of another size than
    /// the first.</exception>
    /// <exception cref="TensorShapeException">The image's channels are not the network's.</exception>
    public Prediction PredictFiles(params IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count != Math.Max(1, Network.Input.Files.Count))
        {
            throw new ImageReadException(
                paths.Count > 0 ? paths[0] : "case",
                $"{paths.Count} files",
                $"{Math.Max(1, Network.Input.Files.Count)} {string.Join(", ", Network.Input.Files)}".TrimEnd(),
                "Name a file for each channel of the network, in this order");
        }

        return Predict(InputReader.Read(paths, Network.Input, Options.Reader));
    }

    /// <summary>
    /// The extensions of files that hold images for the network: those of <see cref="PredictorOptions.Reader"/>, and <c>.npy</c> where
    /// channels come from several files or pages.
    /// </summary>
    public IReadOnlyCollection<string> FileExtensions => [.. InputReader.Extensions(Network.Input, Options.Reader)];

    /// <summary>The name of the case that a file begins: its own without extension, and without what says which channel it is.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The name; null for the other files of a case of several.</returns>
    public string? CaseName(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return InputReader.IsFirst(path, Network.Input) ? InputReader.CaseOf(path, Network.Input) : null;
    }

    /// <summary>Reads an image file, or the files of a case, as the network expects it, but for its size.</summary>
    /// <param name="path">The image; of several files a case any one, as the others are found beside it by their names.</param>
    /// <returns>C×H×W of 0..1, for <see cref="Predict(FloatImage)"/>.</returns>
    /// <exception cref="ImageReadException">A file cannot be read, or does not have the channels that it should.</exception>
    public FloatImage Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return InputReader.Read(InputReader.CaseFiles(path, Network.Input, Options.Reader), Network.Input, Options.Reader);
    }

    /// <summary>
    /// Segments an image file that is read from a stream, of any format that <see cref="PredictorOptions.Reader"/> reads.
    /// </summary>
    /// <param name="stream">The image, from the current position to the end; it stays open.</param>
    /// <returns>Probabilities and masks at the image's size.</returns>
    /// <exception cref="ImageReadException">The content is no image that is read, or is damaged or too large.</exception>
    /// <exception cref="TensorShapeException">The image's channels are not the network's.</exception>
    public Prediction Predict(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Predict(Decoding.Guard(StreamBytes.NameOf(stream), () => Options.Reader.ReadStream(stream)));
    }

    /// <summary>Segments an image file that is read from a stream, without holding the caller's thread.</summary>
    /// <param name="stream">The image, from the current position to the end; it stays open.</param>
    /// <param name="cancellationToken">Cancels reading, and the prediction between two batches of tiles or views.</param>
    /// <returns>Probabilities and masks at the image's size.</returns>
    /// <exception cref="ImageReadException">The content is no image that is read, or is damaged or too large.</exception>
    /// <exception cref="TensorShapeException">The image's channels are not the network's.</exception>
    /// <exception cref="OperationCanceledException">The prediction was cancelled.</exception>
    public Task<Prediction> PredictAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return ReadAndPredict();

        async Task<Prediction> ReadAndPredict()
        {
            string name = StreamBytes.NameOf(stream);
            (long limit, StreamBytes.Recognizer recognizes) = Options.Reader is ImageReader known
                ? (known.Defaults.MaximumBytes, known.IsImage)
                : (ImageReadOptions.Default.MaximumBytes, (StreamBytes.Recognizer)StreamBytes.Anything);
            byte[] content = await StreamBytes.ReadAsync(stream, name, limit, recognizes, cancellationToken).ConfigureAwait(false);
            return await Task
                .Run(() => Predict(Prepare(Options.Reader.DecodeGuarded(content, name)), null, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Segments a buffer of pixels, as a camera or another library hands it over.</summary>
    /// <param name="pixels">The rows from top to bottom.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="stride">Bytes from the beginning of a row to that of the next.</param>
    /// <param name="layout">How a pixel lies in memory.</param>
    /// <returns>Probabilities and masks at the image's size.</returns>
    /// <exception cref="ArgumentException">The buffer is too short, or the stride shorter than a row.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, or the layout is unknown.</exception>
    /// <exception cref="TensorShapeException">The image's channels are not the network's.</exception>
    public Prediction Predict(ReadOnlySpan<byte> pixels, int width, int height, int stride, PixelLayout layout) =>
        Predict(PixelImage.Copy(pixels, width, height, stride, layout));

    /// <summary>Segments a decoded image.</summary>
    /// <param name="image">The image, 8 or 16 bit; its intensities are scaled as <see cref="Prepare"/> does.</param>
    /// <returns>Probabilities and masks at the image's size.</returns>
    /// <exception cref="TensorShapeException">The image's channels are not the network's.</exception>
    public Prediction Predict(PixelImage image) => Predict(Prepare(image));

    /// <summary>Segments an image whose values are scaled already.</summary>
    /// <param name="image">C×H×W as the network was trained, usually 0..1; C is the network's input channels, or 1 where it takes grey
    /// images.</param>
    /// <returns>Probabilities and masks at the image's size.</returns>
    /// <exception cref="TensorShapeException">The image's channels are not the network's.</exception>
    /// <exception cref="InvalidMapException">A value of the image is no finite number, or the network answers with something else than
    /// probabilities: its weights are damaged, or its output lacks a sigmoid.</exception>
    public Prediction Predict(FloatImage image) => Predict(image, null, CancellationToken.None);

    /// <summary>
    /// Segments an image whose values are scaled already, tells how far it is, and can be cancelled between two batches of tiles or views.
    /// </summary>
    /// <param name="image">An image as for <see cref="Predict(FloatImage)"/>; one of <see cref="Prepare"/> for pixels of a file.</param>
    /// <param name="progress">Is told of every batch of tiles; null for nothing.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>Probabilities and masks at the image's size.</returns>
    /// <exception cref="TensorShapeException">The image's channels are not the network's.</exception>
    /// <exception cref="OperationCanceledException">The prediction was cancelled.</exception>
    public Prediction Predict(FloatImage image, IProgress<PredictionProgress>? progress, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        (FloatImage input, Placement? place) = Accept(image);
        if (IsTiled(input))
        {
            return Finish(SegmentTiles(input, progress, cancellationToken), image, place);
        }

        Maps maps = SegmentViews([input], cancellationToken)[0];
        progress?.Report(new PredictionProgress(1, 1));
        return Finish(maps, image, place);
    }

    /// <summary>
    /// Segments several images, of different sizes where need be: those that are of one size for the network go through it
    /// together, <see cref="PredictorOptions.BatchSize"/> at a time.
    /// </summary>
    /// <param name="images">Images as for <see cref="Predict(FloatImage)"/>; possibly none.</param>
    /// <returns>A prediction for each image, in their order: the same as one by one, up to the last digits of the network's
    /// arithmetic.</returns>
    /// <exception cref="TensorShapeException">The channels of an image are not the network's.</exception>
    public IReadOnlyList<Prediction> Predict(IReadOnlyList<FloatImage> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        ObjectDisposedException.ThrowIf(_disposed, this);
        (FloatImage Image, Placement? Place)[] inputs = [.. images.Select(Accept)];
        int[] whole = [.. Enumerable.Range(0, inputs.Length).Where(i => !IsTiled(inputs[i].Image))];
        Maps[] maps = SegmentViews([.. whole.Select(i => inputs[i].Image)], CancellationToken.None);
        var results = new Prediction[inputs.Length];
        for (int i = 0; i < whole.Length; i++)
        {
            results[whole[i]] = Finish(maps[i], images[whole[i]], inputs[whole[i]].Place);
        }

        for (int i = 0; i < results.Length; i++)
        {
            results[i] ??= Finish(SegmentTiles(inputs[i].Image, null, CancellationToken.None), images[i], inputs[i].Place);
        }

        return results;
    }

    /// <summary>
    /// An image's pixels as the network sees them: its channels chosen and its intensities scaled as <see cref="NetworkDescription"/> says.
    /// </summary>
    /// <param name="image">The image, 8 or 16 bit.</param>
    /// <returns>C×H×W of 0..1, at the image's own size.</returns>
    public FloatImage Prepare(PixelImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Network.Input.Prepare(image);
    }

    /// <summary>Ends the predictor's life; what a derived class owns goes with it.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Runs the network on a batch. Called by many threads at once, with spans that are valid during the call alone.
    /// </summary>
    /// <param name="images">count×C×height×width values, usually 0..1; C is <see cref="NetworkDescription.InputChannels"/>.</param>
    /// <param name="count">The number of images, at least 1, at most <see cref="NetworkDescription.MaximumBatch"/>.</param>
    /// <param name="height">A multiple of <see cref="NetworkDescription.Stride"/>, or the fixed height.</param>
    /// <param name="width">A multiple of <see cref="NetworkDescription.Stride"/>, or the fixed width.</param>
    /// <param name="probabilities">Receives count×n×height×width probabilities, 0..1; every value has to be written.</param>
    protected abstract void Run(ReadOnlySpan<float> images, int count, int height, int width, Span<float> probabilities);

    /// <summary>
    /// Runs the network on a batch as the other overload does, which this one calls; a class that can end a run in its middle overrides it.
    /// </summary>
    /// <param name="images">As for the other overload.</param>
    /// <param name="count">As for the other overload.</param>
    /// <param name="height">As for the other overload.</param>
    /// <param name="width">As for the other overload.</param>
    /// <param name="probabilities">As for the other overload.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    protected virtual void Run(
        ReadOnlySpan<float> images, int count, int height, int width, Span<float> probabilities, CancellationToken cancellationToken) =>
        Run(images, count, height, width, probabilities);

    /// <summary>Frees what a derived class owns.</summary>
    /// <param name="disposing">True; false is for finalizers, of which there are none here.</param>
    protected virtual void Dispose(bool disposing) => _disposed = true;

    /// <summary>The size that the network was trained at, unless images are to stay as they are.</summary>
    private (int Height, int Width)? TrainedSize =>
        Options.NativeSize || Network.Input.Size is not { } size ? null : (size.Height, size.Width);

    /// <summary>The image with the network's channels, at the size that the network is to see, and where it lies in it.</summary>
    /// <exception cref="InvalidMapException">A value of the image is no finite number.</exception>
    private (FloatImage Image, Placement? Place) Accept(FloatImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        FiniteValues.RefuseImage(image.Data, GetType().Name);
        FloatImage accepted = WithNetworkChannels(image);
        if ((Options.InputSize ?? (Options.Tiles is null ? Network.FixedSize ?? TrainedSize : null)) is not { } size)
        {
            return (accepted, null);
        }

        var place = Placement.Of(image.Height, image.Width, size, Network.Input.Fit);
        return (place.Place(accepted), place);
    }

    private FloatImage WithNetworkChannels(FloatImage image)
    {
        if (image.Channels == Network.InputChannels)
        {
            return image;
        }

        if (image.Channels != 1 || !Network.AcceptsGray)
        {
            throw new TensorShapeException(new Problem(
                $"{GetType().Name} image",
                $"{image.Channels}×{image.Height}×{image.Width}",
                Network.AcceptsGray && Network.InputChannels != 1
                    ? $"{Network.InputChannels} channels, or 1 that is repeated"
                    : $"{Network.InputChannels} channels",
                "Select the channels that the network was trained on"));
        }

        FloatImage repeated = FloatImage.Uninitialized(Network.InputChannels, image.Height, image.Width);
        for (int c = 0; c < repeated.Channels; c++)
        {
            image.Data.CopyTo(repeated.Plane(c));
        }

        return repeated;
    }

    private Prediction Finish(Maps maps, FloatImage image, Placement? place)
    {
        FloatImage Restore(FloatImage map) => place is { } frame
            ? frame.Restore(map, image.Height, image.Width)
            : ImageResizer.Bilinear(map, image.Height, image.Width);

        return new(Restore(maps.Probability), _thresholds, Network.LabelNames)
        {
            Disagreement = maps.Disagreement is null ? null : Restore(maps.Disagreement),
            PostProcessing = Options.PostProcessing,
            Spacing = Options.Spacing,
        };
    }

    /// <summary>What was found in an image or a tile.</summary>
    private readonly record struct Maps(FloatImage Probability, FloatImage? Disagreement);
}

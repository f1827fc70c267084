using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;

namespace MadgNet.Core.Inference;

/// <content>Images larger than a tile, in memory or window by window.</content>
public abstract partial class SegmentationPredictor
{
    /// <summary>
    /// Segments an image that is too large for memory, tile by tile, and hands finished rows to the sinks from top to bottom. Holds
    /// about two rows of tiles: one of the image and one of the probabilities, whatever the image's height.
    /// </summary>
    /// <param name="source">The image.</param>
    /// <param name="sinks">What receives the result, for example <see cref="TiffSink"/>; all are completed at the end, or none.</param>
    /// <param name="progress">Is told of every batch of tiles; null for nothing.</param>
    /// <param name="cancellationToken">Ends the work between two batches; nothing is left behind then.</param>
    /// <exception cref="ImageReadException">The image is damaged.</exception>
    /// <exception cref="TensorShapeException">The image's channels are not the network's.</exception>
    /// <exception cref="InvalidOptionsException">The options ask for something that needs the whole image: an input size or
    /// post-processing.</exception>
    /// <exception cref="OutputException">A file of a sink is the image's, or another sink's.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    /// <exception cref="IOException">A sink cannot write.</exception>
    /// <remarks>
    /// Divides as <see cref="PredictorOptions.Tiles"/> says, by the defaults of <see cref="TileOptions"/> where there are none.
    /// <see cref="IntensityScaling.MinMax"/> needs the range of the whole image: it is read once more beforehand. Source and
    /// sinks stay the caller's to dispose; a sink that was not completed leaves no file behind when it is.
    /// </remarks>
    public void PredictLarge(
        IImageSource source,
        IReadOnlyList<IPredictionSink> sinks,
        IProgress<PredictionProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(sinks);
        ObjectDisposedException.ThrowIf(_disposed, this);
        TileOptions tiles = Options.Tiles ?? new TileOptions();
        InvalidOptionsException.ThrowIfAny(nameof(PredictLarge), [.. Unfit(tiles)]);
        CheckOutputs(source, sinks);
        IntensityWindow? window = Network.Input.NeedsRange ? Range(source, cancellationToken) : null;
        var grid = new TileGrid(source.Height, source.Width, Network, tiles);
        var band = new SourceBand(source, source.GetType().Name, grid.Rows.TileSize);
        foreach (IPredictionSink sink in sinks)
        {
            sink.Begin(source.Height, source.Width, _thresholds);
        }

        RunTiles(
            grid,
            row => band.MoveTo(grid.Rows.Start(row), cancellationToken),
            (_, column) => Extend(
                WithNetworkChannels(Network.Input.Prepare(
                    band.Cut(grid.Columns.Start(column), grid.Rows.TileSize, grid.Columns.TileSize), window)),
                grid.Rows.TileSize,
                grid.Columns.TileSize),
            rows =>
            {
                foreach (IPredictionSink sink in sinks)
                {
                    sink.Write(rows);
                }
            },
            progress,
            cancellationToken);
        foreach (IPredictionSink sink in sinks)
        {
            sink.Complete();
        }
    }

    private static void CheckOutputs(IImageSource source, IReadOnlyList<IPredictionSink> sinks)
    {
        var plan = new OutputPlan();
        if (source is TiffImageSource { FilePath: { } path } && File.Exists(path))
        {
            plan.ReadFile(path, "the image");
        }

        foreach (TiffSink sink in sinks.OfType<TiffSink>())
        {
            plan.Write(sink.FilePath, nameof(TiffSink));
        }

        plan.ThrowIfRefused();
    }

    /// <summary>Copies a window of an image, whose last column and row are repeated beyond it.</summary>
    private static FloatImage Window(FloatImage image, int top, int left, int height, int width)
    {
        FloatImage result = FloatImage.Uninitialized(image.Channels, height, width);
        int columns = Math.Min(width, image.Width - left);
        for (int c = 0; c < image.Channels; c++)
        {
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<float> source = image.Row(c, Math.Min(top + y, image.Height - 1)).Slice(left, columns);
                Span<float> target = result.Row(c, y);
                source.CopyTo(target);
                target[columns..].Fill(source[^1]);
            }
        }

        return result;
    }

    private static FloatImage Extend(FloatImage image, int height, int width) =>
        image.Height == height && image.Width == width ? image : Window(image, 0, 0, height, width);

    /// <summary>The smallest and largest intensity of the channels that the network sees, as the file means them.</summary>
    private IntensityWindow Range(IImageSource source, CancellationToken cancellationToken)
    {
        const int Rows = 64;
        double low = double.PositiveInfinity;
        double high = double.NegativeInfinity;
        for (int y = 0; y < source.Height; y += Rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            PixelImage window = source.Read(0, y, source.Width, Math.Min(Rows, source.Height - y));
            (double least, double most) = IntensityWindow.MinMax.Bounds(
                Network.Input.FileChannels == ImageChannels.Gray ? window.ToGray() : window);
            low = Math.Min(low, least);
            high = Math.Max(high, most);
        }

        return IntensityWindow.Between(low, high);
    }

    private IEnumerable<Problem> Unfit(TileOptions tiles)
    {
        if (Options.InputSize is { } size)
        {
            yield return new Problem(
                nameof(Options.InputSize),
                $"{size.Height}×{size.Width}",
                "null for an image that is segmented in windows",
                "Use a predictor without InputSize, or a smaller image");
        }

        if (Network.Input.ReadsSeveral)
        {
            yield return new Problem(
                nameof(ModelInput.Channels),
                "a network whose channels come from several files or pages",
                "one whose channels are the colours of one image",
                "Predict the image whole, or with PredictorOptions.Tiles");
        }

        if (Network.Input.InvertBrightBackground)
        {
            yield return new Problem(
                nameof(ModelInput.InvertBrightBackground),
                "a network whose images are inverted where their ground is bright",
                "one that needs no look at the whole image first",
                "Predict the image whole, or with PredictorOptions.Tiles");
        }

        if (Options.PostProcessing is not null)
        {
            yield return new Problem(
                nameof(Options.PostProcessing),
                "post-processing",
                "null for an image that is segmented in windows: components and holes may be larger than a window",
                "Use a predictor without post-processing");
        }

        foreach (Problem problem in Options.Tiles is null ? tiles.Validate(Network) : [])
        {
            yield return problem;
        }
    }

    /// <summary>Whether an image, with the network's channels, is divided.</summary>
    private bool IsTiled(FloatImage image) =>
        Options.Tiles?.SizeFor(Network) is { } tile
            && (image.Height > StridePadding.RoundUp(tile.Height, Network.Stride)
                || image.Width > StridePadding.RoundUp(tile.Width, Network.Stride));

    private Maps SegmentTiles(FloatImage image, IProgress<PredictionProgress>? progress, CancellationToken cancellationToken)
    {
        var grid = new TileGrid(image.Height, image.Width, Network, Options.Tiles!);
        FloatImage probability = FloatImage.Uninitialized(Network.Labels, image.Height, image.Width);
        FloatImage? disagreement = _views is null ? null : FloatImage.Uninitialized(Network.Labels, image.Height, image.Width);
        RunTiles(
            grid,
            _ => { },
            (row, column) => Window(image, grid.Rows.Start(row), grid.Columns.Start(column), grid.Rows.TileSize, grid.Columns.TileSize),
            rows =>
            {
                CopyRows(rows.Probability, probability, rows.Top);
                if (rows.Disagreement is not null)
                {
                    CopyRows(rows.Disagreement, disagreement!, rows.Top);
                }
            },
            progress,
            cancellationToken);
        return new Maps(probability, disagreement);
    }

    private static void CopyRows(FloatImage rows, FloatImage target, int top)
    {
        for (int label = 0; label < rows.Channels; label++)
        {
            rows.Plane(label).CopyTo(target.Plane(label)[(top * target.Width)..]);
        }
    }

    private void RunTiles(
        TileGrid grid,
        Action<int> moveTo,
        Func<int, int, FloatImage> cut,
        Action<PredictionRows> emit,
        IProgress<PredictionProgress>? progress,
        CancellationToken cancellationToken)
    {
        // Both blenders hand out the same rows, the one of the disagreement first.
        var finished = new Queue<FloatImage>();
        TileBlender? disagreements = _views is null
            ? null
            : new TileBlender(grid, Network.Labels, (_, rows) => finished.Enqueue(rows.Clone()));
        var probabilities = new TileBlender(
            grid, Network.Labels, (top, rows) => emit(new PredictionRows(top, rows, disagreements is null ? null : finished.Dequeue())));

        int atOnce = Math.Min(Options.BatchSize, Network.MaximumBatch ?? int.MaxValue);
        int done = 0;
        for (int row = 0; row < grid.Rows.Count; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            moveTo(row);
            for (int first = 0; first < grid.Columns.Count; first += atOnce)
            {
                cancellationToken.ThrowIfCancellationRequested();
                FloatImage[] tiles = [.. Enumerable.Range(first, Math.Min(atOnce, grid.Columns.Count - first))
                    .Select(column => cut(row, column))];
                Maps[] maps = SegmentViews(tiles, cancellationToken);
                for (int i = 0; i < maps.Length; i++)
                {
                    probabilities.Add(row, first + i, maps[i].Probability);
                    disagreements?.Add(row, first + i, maps[i].Disagreement!);
                }

                done += tiles.Length;
                progress?.Report(new PredictionProgress(done, grid.Count));
            }

            disagreements?.Finish(row);
            probabilities.Finish(row);
        }
    }
}

using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Metrics;

namespace MadgNet.Reports.Pages;

/// <summary>What a page shows of a network on a set of images: scores, curves over the threshold and pictures of cases.</summary>
/// <param name="Report">The scores of every case.</param>
/// <param name="Curves">Dice over the threshold, and calibration.</param>
/// <param name="Pictures">The best, the median and the worst cases.</param>
public sealed record MeasuredCases(EvaluationReport Report, EvaluationCurves Curves, IReadOnlyList<CasePicture> Pictures)
{
    /// <summary>Predicts and measures every image at its own size.</summary>
    /// <param name="predictor">The network.</param>
    /// <param name="dataset">The images with their masks.</param>
    /// <param name="options">How to measure; the defaults at the predictor's first threshold when null.</param>
    /// <param name="each">How many best, median and worst cases are drawn, at least 1.</param>
    /// <param name="channels">Which channels of an image pictures show, from 0: one as grey or three as colours; null for all where there
    /// are one or three, and else the first.</param>
    /// <param name="progress">Is told how many images are measured; null for nothing.</param>
    /// <param name="cancellationToken">Ends the work between two images.</param>
    /// <returns>What a page shows.</returns>
    /// <exception cref="ArgumentException">A channel is not one of the images', or there are neither one nor three.</exception>
    /// <exception cref="MadgNetException">An image cannot be read, predicted or measured.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public static MeasuredCases Of(
        SegmentationPredictor predictor,
        IDataset dataset,
        EvaluatorOptions? options = null,
        int each = 3,
        IReadOnlyList<int>? channels = null,
        IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(dataset);
        var evaluator = new Evaluator(options ?? new EvaluatorOptions
        {
            Metrics = new MetricOptions { Threshold = predictor.Thresholds[0] },
        });
        var curves = new EvaluationCurves();
        IEnumerable<EvaluationCase> cases = Enumerable.Range(0, dataset.Count).Select(i =>
        {
            Sample sample = dataset.Load(i);
            return new EvaluationCase(dataset.NameOf(i), predictor.Predict(sample.Image).Probability, sample.Masks);
        });
        EvaluationReport report = evaluator.Evaluate(curves.Watch(cases), progress, cancellationToken);
        Dictionary<string, int> byName = Enumerable.Range(0, dataset.Count).ToDictionary(dataset.NameOf);
        return new MeasuredCases(report, curves, CasePictures.Draw(report, name => Load(byName[name]), each: each));

        CaseMaps Load(int index)
        {
            Sample sample = dataset.Load(index);
            return new CaseMaps(Shown(sample.Image, channels), predictor.Predict(sample.Image).Probability, sample.Masks);
        }
    }

    private static FloatImage Shown(FloatImage image, IReadOnlyList<int>? channels)
    {
        channels ??= image.Channels is 1 or 3 ? [.. Enumerable.Range(0, image.Channels)] : [0];
        if (channels.Count is not (1 or 3) || channels.Any(channel => channel < 0 || channel >= image.Channels))
        {
            throw new ArgumentException(
                new Problem(
                    "channels",
                    $"[{string.Join(", ", channels)}] of images of {image.Channels}",
                    $"one channel or three, from 0 to {image.Channels - 1}",
                    "Choose channels that the images have").ToString(),
                nameof(channels));
        }

        var shown = new FloatImage(channels.Count, image.Height, image.Width);
        for (int i = 0; i < channels.Count; i++)
        {
            image.Plane(channels[i]).CopyTo(shown.Plane(i));
        }

        return shown;
    }
}

using System.Globalization;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference.Visualization;
using MadgNet.Core.Metrics;

namespace MadgNet.Reports.Pages;

/// <summary>Draws the best, the median and the worst cases of an evaluation: truth in green, prediction in pink.</summary>
public static class CasePictures
{
    /// <summary>The longer side of a picture in pixels: enough to see contours, and small within a page.</summary>
    public const int LongestSide = 480;

    private static readonly RgbColor TruthColor = RgbColor.Parse("#2ECC71");
    private static readonly RgbColor PredictionColor = RgbColor.Parse("#FF4FA3");

    /// <summary>The cases to look at, by a metric: the worst, those around the median, and the best, each case once.</summary>
    /// <param name="report">The evaluation.</param>
    /// <param name="metric">The metric; null for Dice, or the first metric where Dice was not computed.</param>
    /// <param name="each">How many of each kind, at least 1.</param>
    /// <returns>The cases with <c>worst</c>, <c>median</c> or <c>best</c>. Cases for which the metric is undefined are left out.</returns>
    public static IReadOnlyList<(CaseResult Case, string Place)> Choose(EvaluationReport report, Metric? metric = null, int each = 3)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentOutOfRangeException.ThrowIfLessThan(each, 1);
        metric ??= MetricOf(report);
        CaseResult[] ordered = [.. report.Worst(metric, report.Cases.Count).Where(result => !double.IsNaN(report.Value(result, metric)))];
        int first = Math.Max(0, (ordered.Length - each) / 2);
        var chosen = new List<(CaseResult Case, string Place)>();
        void Add(IEnumerable<CaseResult> cases, string place) =>
            chosen.AddRange(cases.Where(result => chosen.TrueForAll(taken => taken.Case != result)).Select(result => (result, place)));
        Add(ordered.Take(each), "worst");
        Add(ordered.TakeLast(each).Reverse(), "best");
        Add(ordered.Skip(first).Take(each), "median");
        return [.. chosen.OrderBy(entry => entry.Place switch { "best" => 0, "median" => 1, _ => 2 })];
    }

    /// <summary>Draws the chosen cases.</summary>
    /// <param name="report">The evaluation.</param>
    /// <param name="load">Gives what is drawn of a case by its name; null where it cannot be had, and the case is left out.</param>
    /// <param name="metric">The metric that cases are chosen by; null for Dice, or the first metric where Dice was not computed.</param>
    /// <param name="each">How many best, median and worst cases, at least 1.</param>
    /// <returns>The pictures, the best first.</returns>
    /// <exception cref="ArgumentException">A case's maps do not fit each other.</exception>
    public static IReadOnlyList<CasePicture> Draw(
        EvaluationReport report, Func<string, CaseMaps?> load, Metric? metric = null, int each = 3)
    {
        ArgumentNullException.ThrowIfNull(load);
        metric ??= MetricOf(report);
        var pictures = new List<CasePicture>();
        foreach ((CaseResult result, string place) in Choose(report, metric, each))
        {
            if (load(result.Name) is { } maps)
            {
                string value = report.Value(result, metric).ToString("0.0000", CultureInfo.InvariantCulture);
                pictures.Add(new CasePicture(
                    result.Name,
                    place,
                    Draw(maps, Threshold(report)),
                    $"{result.Name} ({place}): {metric} {value}. Truth in green, prediction in pink."));
            }
        }

        return pictures;
    }

    /// <summary>Draws one case, no larger than <see cref="LongestSide"/>.</summary>
    /// <param name="maps">The case.</param>
    /// <param name="thresholds">The threshold of each label; a single one counts for all.</param>
    /// <returns>The picture, 8-bit RGB.</returns>
    /// <exception cref="ArgumentException">The maps do not fit each other.</exception>
    public static PixelImage Draw(CaseMaps maps, IReadOnlyList<double> thresholds)
    {
        ArgumentNullException.ThrowIfNull(maps);
        ArgumentNullException.ThrowIfNull(thresholds);
        if (thresholds.Count != 1 && thresholds.Count != maps.Truth.Count)
        {
            throw new ArgumentException(
                new Problem("thresholds", $"{thresholds.Count}", $"1 or {maps.Truth.Count}", "Pass one for each label").ToString(),
                nameof(thresholds));
        }

        double scale = Math.Min(1, (double)LongestSide / Math.Max(maps.Image.Height, maps.Image.Width));
        int height = Math.Max(1, (int)Math.Round(maps.Image.Height * scale));
        int width = Math.Max(1, (int)Math.Round(maps.Image.Width * scale));
        var layers = new List<OverlayLayer>();
        for (int label = 0; label < maps.Truth.Count; label++)
        {
            FloatImage truth = ImageResizer.Nearest(maps.Truth[label], height, width);
            layers.Add(OverlayLayer.FromMap(truth, color: TruthColor));
        }

        FloatImage probability = ImageResizer.Nearest(maps.Probability, height, width);
        for (int label = 0; label < maps.Truth.Count; label++)
        {
            double threshold = thresholds[thresholds.Count == 1 ? 0 : label];
            layers.Add(OverlayLayer.FromMap(probability, label, threshold, color: PredictionColor));
        }

        FloatImage image = scale < 1 ? ImageResizer.Bilinear(maps.Image, height, width) : maps.Image;
        return Overlay.Draw(image, layers);
    }

    internal static Metric MetricOf(EvaluationReport report) =>
        report.Metrics.Contains(Metric.Dice) ? Metric.Dice : report.Metrics[0];

    internal static IReadOnlyList<double> Threshold(EvaluationReport report) =>
        report.Settings.LabelThresholds ?? [report.Settings.Metrics.Threshold];
}

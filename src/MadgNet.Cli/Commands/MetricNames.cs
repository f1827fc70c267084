using MadgNet.Cli.CommandLine;
using MadgNet.Core.Metrics;

namespace MadgNet.Cli.Commands;

/// <summary>Metrics by their names, and by the short ones that papers use.</summary>
internal static class MetricNames
{
    private static readonly Dictionary<string, Metric> Short = new(StringComparer.OrdinalIgnoreCase)
    {
        ["DSC"] = Metric.Dice,
        ["IoU"] = Metric.IntersectionOverUnion,
        ["mIoU"] = Metric.MeanIntersectionOverUnion,
        ["MCC"] = Metric.MatthewsCorrelation,
        ["MAE"] = Metric.MeanAbsoluteError,
        ["AP"] = Metric.AveragePrecision,
        ["AUC"] = Metric.RocAuc,
        ["ECE"] = Metric.ExpectedCalibrationError,
        ["HD"] = Metric.HausdorffDistance,
        ["HD95"] = Metric.HausdorffDistance95,
        ["ASSD"] = Metric.AverageSymmetricSurfaceDistance,
        ["NSD"] = Metric.NormalizedSurfaceDistance,
    };

    /// <summary>The metrics that a list names; null for no list.</summary>
    /// <exception cref="UsageException">A name is no metric that the reports hold.</exception>
    public static IReadOnlyList<Metric>? Parse(string? list, IReadOnlyList<Metric> known) => list?
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(name => known.FirstOrDefault(metric => metric.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
                || (Short.TryGetValue(name, out Metric? meant) && meant == metric))
            ?? throw new UsageException(new Problem(
                "--metrics", $"'{name}'", $"some of {string.Join(", ", known)}", "Choose metrics that the reports hold; Dice, IoU, HD95 and other short names work, too")))
        .Distinct()
        .ToArray();
}

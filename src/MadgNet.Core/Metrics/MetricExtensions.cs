namespace MadgNet.Core.Metrics;

/// <summary>What is known about a metric.</summary>
public static class MetricExtensions
{
    /// <summary>Whether a lower value of the metric is better: errors and distances.</summary>
    /// <param name="metric">The metric.</param>
    /// <returns>True for errors and distances.</returns>
    public static bool IsLowerBetter(this Metric metric) => metric is Metric.MeanAbsoluteError or Metric.BrierScore or Metric.ExpectedCalibrationError
        or Metric.HausdorffDistance or Metric.HausdorffDistance95 or Metric.AverageSymmetricSurfaceDistance;
}

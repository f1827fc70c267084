using System.Text;

namespace MadgNet.Core.Training.RangeTest;

/// <summary>What a <see cref="LearningRateRangeTest"/> found: the loss over the learning rate.</summary>
public sealed class LearningRateRange
{
    private const int FewestPoints = 5;

    internal LearningRateRange(IEnumerable<(double Rate, double Loss)> steps, int smoothing, bool diverged)
    {
        (double Rate, double Loss)[] taken = [.. steps];
        Points = [.. taken.Select((step, i) => new LearningRatePoint(i + 1, step.Rate, step.Loss, Smooth(taken, i, smoothing)))];
        Diverged = diverged;
        Suggestion = Steepest(Points);
    }

    /// <summary>The steps, in order.</summary>
    public IReadOnlyList<LearningRatePoint> Points { get; }

    /// <summary>Whether the test ended before its last step because the loss grew too far or was no number any more.</summary>
    public bool Diverged { get; }

    /// <summary>
    /// The rate at which the smoothed loss falls fastest over the logarithm of the rate, before its lowest point: a good
    /// highest rate for a schedule. Null where the loss never falls: then the range or the number of steps is too small, or
    /// the model is trained already.
    /// </summary>
    public double? Suggestion { get; }

    /// <summary>Writes the points as CSV (<c>step,learning_rate,loss,smoothed_loss</c>); the file appears whole or not at all.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not write there.</exception>
    public void SaveCsv(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] content = Encoding.UTF8.GetBytes(ToCsv());
        AtomicFile.Write(path, content.Length, stream => stream.Write(content));
    }

    /// <summary>The points as CSV.</summary>
    /// <returns>Comma-separated values after RFC 4180: a header and a line a step; a loss that is no number is empty.</returns>
    public string ToCsv() => ToTable().ToCsv();

    /// <summary>The points as a table.</summary>
    /// <returns>A row for each step.</returns>
    public ReportTable ToTable()
    {
        var table = new ReportTable(
            "Loss over the learning rate",
            ReportColumn.Number("step"),
            ReportColumn.Number("learning_rate"),
            ReportColumn.Number("loss"),
            ReportColumn.Number("smoothed_loss"));
        foreach (LearningRatePoint point in Points)
        {
            table.Add(
                ReportCell.Count(point.Step),
                ReportCell.Formatted(point.LearningRate, "0.###e-0"),
                ReportCell.Number(point.Loss),
                ReportCell.Number(point.SmoothedLoss));
        }

        return table;
    }

    /// <summary>The mean of the finite losses around a step, with weights that fall linearly.</summary>
    private static double Smooth((double Rate, double Loss)[] steps, int at, int reach)
    {
        (double sum, double weights) = (0, 0);
        for (int i = Math.Max(0, at - reach); i <= Math.Min(steps.Length - 1, at + reach); i++)
        {
            if (double.IsFinite(steps[i].Loss))
            {
                double weight = reach + 1 - Math.Abs(i - at);
                sum += weight * steps[i].Loss;
                weights += weight;
            }
        }

        return weights > 0 ? sum / weights : double.NaN;
    }

    private static double? Steepest(IReadOnlyList<LearningRatePoint> points)
    {
        LearningRatePoint[] finite = [.. points.Where(point => double.IsFinite(point.SmoothedLoss))];
        if (finite.Length < FewestPoints)
        {
            return null;
        }

        int lowest = Array.IndexOf(finite, finite.MinBy(point => point.SmoothedLoss));
        (double slope, double? rate) = (0, null);
        for (int i = 1; i < Math.Min(lowest + 1, finite.Length - 1); i++)
        {
            // The rates' logarithms are equally far apart, so that differences compare as slopes do.
            double fall = finite[i + 1].SmoothedLoss - finite[i - 1].SmoothedLoss;
            if (fall < slope)
            {
                (slope, rate) = (fall, finite[i].LearningRate);
            }
        }

        return rate;
    }
}

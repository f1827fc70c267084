using MathNet.Numerics.Statistics;

namespace MadgNet.Core.Metrics;

/// <summary>The numbers of an evaluated set: every case and label, and what can be said about the whole.</summary>
/// <remarks>Cases are sorted by name, so that nothing depends on the order in which they were evaluated.</remarks>
public sealed class EvaluationReport
{
    internal EvaluationReport(
        EvaluationSettings settings, IReadOnlyList<string> labels, IReadOnlyList<CaseResult> cases, IReadOnlyList<LabelTotals> totals)
    {
        Settings = settings;
        Labels = labels;
        Cases = cases;
        Totals = totals;
    }

    /// <summary>What the numbers depend on besides the maps.</summary>
    public EvaluationSettings Settings { get; }

    /// <summary>The names of the labels.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Every case, sorted by name.</summary>
    public IReadOnlyList<CaseResult> Cases { get; }

    /// <summary>What the cases add up to, for each label.</summary>
    public IReadOnlyList<LabelTotals> Totals { get; }

    /// <summary>The metrics that were computed.</summary>
    public IReadOnlyList<Metric> Metrics => Settings.Metrics.Metrics;

    /// <summary>
    /// A metric of a case as it counts in means: its value, less the labels that the report's rule for empty truths leaves out.
    /// </summary>
    /// <param name="result">A case of this report.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="label">The label, from 0; null for the mean over the labels that are not left out (macro).</param>
    /// <returns>The value; NaN where it is undefined or left out.</returns>
    /// <exception cref="ArgumentException">The metric was not computed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    public double Value(CaseResult result, Metric metric, int? label = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        CheckLabel(label);
        if (Settings.EmptyTruths == EmptyTruths.Scored)
        {
            return result.Value(metric, label);
        }

        double[] counted = [.. result.Labels.Where((one, i) => (label is null || i == label) && !IsLeftOut(one))
            .Select(one => one.Values[metric])];
        return counted.Length == 0 ? double.NaN : counted.Average();
    }

    /// <summary>Whether the report's rule for empty truths leaves a case out of means.</summary>
    /// <param name="result">A case of this report.</param>
    /// <param name="label">The label, from 0; null for whether all labels are left out.</param>
    /// <returns>True where it counts for nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    public bool IsLeftOut(CaseResult result, int? label = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        CheckLabel(label);
        return label is { } index ? IsLeftOut(result.Labels[index]) : result.Labels.All(IsLeftOut);
    }

    /// <summary>A metric over all cases.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="label">The label, from 0; null for the mean over the labels of each case (macro).</param>
    /// <param name="bootstrap">How to draw the confidence interval; the defaults when null.</param>
    /// <returns>The statistics.</returns>
    /// <exception cref="ArgumentException">The metric was not computed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    /// <exception cref="InvalidOptionsException">The bootstrap's options have problems.</exception>
    public MetricSummary Summarize(Metric metric, int? label = null, BootstrapOptions? bootstrap = null)
    {
        CheckLabel(label);
        bootstrap ??= new BootstrapOptions();
        InvalidOptionsException.ThrowIfAny(nameof(Bootstrap), bootstrap.Validate());
        CaseResult[] defined = [.. Cases.Where(result => !double.IsNaN(Value(result, metric, label)))];
        double[] values = [.. defined.Select(result => Value(result, metric, label))];
        double mean = values.Mean();
        return new MetricSummary
        {
            Metric = metric,
            Label = label,
            Count = values.Length,
            Undefined = [.. Cases.Where(result => double.IsNaN(Value(result, metric, label)) && !IsLeftOut(result, label))
                .Select(result => result.Name)],
            LeftOut = [.. Cases.Where(result => IsLeftOut(result, label)).Select(result => result.Name)],
            Mean = mean,
            StandardDeviation = values.StandardDeviation(),
            Median = values.QuantileCustom(0.5, QuantileDefinition.R7),
            LowerQuartile = values.QuantileCustom(0.25, QuantileDefinition.R7),
            UpperQuartile = values.QuantileCustom(0.75, QuantileDefinition.R7),
            Minimum = values.Minimum(),
            Maximum = values.Maximum(),
            Confidence = Bootstrap.OfMean(values, [.. defined.Select(result => result.Group)], bootstrap),
            SetValue = SetValue(metric, label, mean),
        };
    }

    /// <summary>
    /// A metric of all pixels, or components, of the set taken together, in which large foregrounds weigh more than small ones.
    /// It follows the metric's plain definition in both profiles, and leaves no case out.
    /// </summary>
    /// <param name="metric">A metric that follows from the confusion table, of components or of calibration.</param>
    /// <param name="label">The label, from 0; null for all labels together, which calibration does not offer.</param>
    /// <returns>The micro-averaged value.</returns>
    /// <exception cref="ArgumentException">The metric has no micro average, or was not computed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    public double Micro(Metric metric, int? label = null)
    {
        CheckLabel(label);
        LabelTotals[] totals = label is { } index ? [Totals[index]] : [.. Totals];
        ArgumentNullException.ThrowIfNull(metric);
        if (metric == Metric.BrierScore || metric == Metric.ExpectedCalibrationError)
        {
            double? value = totals.Length == 1
                ? metric == Metric.BrierScore ? totals[0].BrierScore : totals[0].ExpectedCalibrationError
                : null;
            return value ?? throw NoMicro(metric);
        }

        if (metric is BuiltInMetric { OfComponents: { } ofComponents })
        {
            return totals.Any(total => total.Components is null)
                ? throw NoMicro(metric)
                : ofComponents(totals.Select(total => total.Components!.Value).Aggregate((left, right) => left + right));
        }

        return metric is BuiltInMetric { OfCounts: { } ofCounts }
            ? ofCounts(totals.Select(total => total.Counts).Aggregate((left, right) => left + right))
            : throw NoMicro(metric);
    }

    /// <summary>The cases with the worst values of a metric, the worst first; undefined values come before all others, and cases that are
    /// left out of means are not among them.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="count">How many cases at most, at least 0.</param>
    /// <param name="label">The label, from 0; null for the mean over the labels of each case.</param>
    /// <returns>The cases.</returns>
    /// <exception cref="ArgumentException">The metric was not computed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label, or the count is negative.</exception>
    public IReadOnlyList<CaseResult> Worst(Metric metric, int count = 5, int? label = null)
    {
        CheckLabel(label);
        ArgumentOutOfRangeException.ThrowIfNegative(count);

        // NaN sorts below every number, so that the negation keeps it first for errors, too.
        return [.. Cases.Where(result => !IsLeftOut(result, label))
            .OrderBy(result => metric.IsLowerBetter ? -Value(result, metric, label) : Value(result, metric, label))
            .Take(count)];
    }

    /// <summary>Writes one line for each case and label, with the metrics as columns; undefined values are empty.</summary>
    /// <param name="path">The file to create or replace; written beside and renamed.</param>
    public void SaveCsv(string path) => ReportText.Save(path, ToCsv());

    /// <summary>One line for each case and label, with the metrics as columns; undefined values are empty.</summary>
    /// <returns>Comma-separated values after RFC 4180, numbers in the invariant culture and with all their digits.</returns>
    public string ToCsv() => ToCaseTable().ToCsv();

    /// <summary>One row for each case and label, with the metrics as columns.</summary>
    /// <returns>The table.</returns>
    public ReportTable ToCaseTable() => ReportText.Cases(this);

    /// <summary>One row for each metric, with its mean, interval, deviation, median, quartiles and value of the set.</summary>
    /// <param name="label">The label, from 0; null for the mean over the labels of each case.</param>
    /// <param name="bootstrap">How to draw the confidence intervals; the defaults when null.</param>
    /// <returns>The table.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    /// <exception cref="InvalidOptionsException">The bootstrap's options have problems.</exception>
    public ReportTable ToTable(int? label = null, BootstrapOptions? bootstrap = null)
    {
        CheckLabel(label);
        return ReportText.Summary(this, label, bootstrap ?? new BootstrapOptions());
    }

    /// <summary>The cases with values that are not defined, and which.</summary>
    /// <returns>The table; without rows where every value is defined.</returns>
    public ReportTable ToUndefinedTable() => ReportText.Undefined(this);

    /// <summary>Summaries for a paper: a table for each label and, where there are several, one of their mean.</summary>
    /// <param name="bootstrap">How to draw the confidence intervals; the defaults when null.</param>
    /// <returns>The tables in LaTeX, for the package <c>booktabs</c>.</returns>
    /// <exception cref="InvalidOptionsException">The bootstrap's options have problems.</exception>
    public string ToLatex(BootstrapOptions? bootstrap = null) => ReportText.Latex(this, bootstrap ?? new BootstrapOptions());

    /// <summary>Writes a summary for people.</summary>
    /// <param name="path">The file to create or replace; written beside and renamed.</param>
    /// <param name="bootstrap">How to draw the confidence intervals; the defaults when null.</param>
    public void SaveMarkdown(string path, BootstrapOptions? bootstrap = null) => ReportText.Save(path, ToMarkdown(bootstrap));

    /// <summary>A summary for people: settings, every metric with its statistics, worst cases, undefined values.</summary>
    /// <param name="bootstrap">How to draw the confidence intervals; the defaults when null.</param>
    /// <returns>The summary in Markdown.</returns>
    /// <exception cref="InvalidOptionsException">The bootstrap's options have problems.</exception>
    public string ToMarkdown(BootstrapOptions? bootstrap = null) => ReportText.Markdown(this, bootstrap ?? new BootstrapOptions());

    /// <summary>Writes everything in the versioned schema <c>madgnet-evaluation/1</c>; undefined values are null.</summary>
    /// <param name="path">The file to create or replace; written beside and renamed.</param>
    public void SaveJson(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        AtomicFile.Write(path, 0, stream => ReportJson.Write(this, stream));
    }

    /// <summary>Reads a report that <see cref="SaveJson"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The report, equal in every number.</returns>
    /// <exception cref="EvaluationException">The file is missing, cannot be read, is no report, is damaged or of a later
    /// version.</exception>
    public static EvaluationReport LoadJson(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using FileStream stream = ReportJson.Open(path, "report of an evaluation");
        return ReportJson.Read(stream, path);
    }

    private double SetValue(Metric metric, int? label, double mean)
    {
        if (metric != Metric.MaxFMeasure && metric != Metric.MaxEnhancedAlignment)
        {
            return mean;
        }

        IReadOnlyList<double>[] curves = [.. (label is { } index ? [Totals[index]] : Totals)
            .Select(total => metric == Metric.MaxFMeasure ? total.FMeasureCurve : total.EnhancedAlignmentCurve)
            .OfType<IReadOnlyList<double>>()];
        return curves.Length == 0 ? double.NaN : curves.Average(curve => curve.Max());
    }

    private bool IsLeftOut(LabelResult label) => LabelResult.IsLeftOut(Settings.EmptyTruths, label.Counts);

    private void CheckLabel(int? label)
    {
        if (label is { } index && (index < 0 || index >= Labels.Count))
        {
            throw new ArgumentOutOfRangeException(
                nameof(label),
                $"label: received {index}; expected 0 to {Labels.Count - 1} or null. The labels are {string.Join(", ", Labels)}.");
        }
    }

    private static ArgumentException NoMicro(Metric metric) => new(
        $"Micro average: received {metric}; expected a metric of the confusion table, of components or (for one label) of calibration "
            + $"that was computed. Use Summarize for its mean over the cases.",
        nameof(metric));
}

using MathNet.Numerics.Statistics;

namespace MadgNet.Core.Metrics;

/// <summary>
/// Compares two models that were evaluated on the same cases: for each metric the mean difference, its confidence interval, two
/// tests with Holm's correction over the metrics, and the size of the effect.
/// </summary>
public sealed class PairedComparison
{
    private PairedComparison(string first, string second, string setName, IReadOnlyList<MetricComparison> metrics)
    {
        First = first;
        Second = second;
        SetName = setName;
        Metrics = metrics;
    }

    /// <summary>Name of the first model, or "first".</summary>
    public string First { get; }

    /// <summary>Name of the second model, or "second".</summary>
    public string Second { get; }

    /// <summary>Name of the set.</summary>
    public string SetName { get; }

    /// <summary>The comparison of every metric.</summary>
    public IReadOnlyList<MetricComparison> Metrics { get; }

    /// <summary>Compares two reports, case by case.</summary>
    /// <param name="first">Report of the first model.</param>
    /// <param name="second">Report of the second model on the same cases under the same settings.</param>
    /// <param name="metrics">
    /// The metrics to compare; null compares all. Choose the few that were decided on beforehand: the correction makes every
    /// other one weaken them.
    /// </param>
    /// <param name="label">The label, from 0; null for the mean over the labels of each case.</param>
    /// <param name="bootstrap">How to draw the confidence intervals, whose seed the permutation test shares; the defaults where
    /// null.</param>
    /// <returns>The comparison.</returns>
    /// <exception cref="EvaluationException">The reports hold different cases or were made under different settings.</exception>
    /// <exception cref="ArgumentException">A metric was not computed.</exception>
    /// <exception cref="InvalidOptionsException">The bootstrap's options have problems.</exception>
    public static PairedComparison Compare(
        EvaluationReport first,
        EvaluationReport second,
        IReadOnlyList<Metric>? metrics = null,
        int? label = null,
        BootstrapOptions? bootstrap = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        bootstrap ??= new BootstrapOptions();
        InvalidOptionsException.ThrowIfAny(nameof(Bootstrap), bootstrap.Validate());
        CheckPairs(first, second);
        metrics ??= [.. first.Metrics.Intersect(second.Metrics)];

        MetricComparison[] compared = [.. metrics.Select(metric => Compare(first, second, metric, label, bootstrap))];
        IReadOnlyList<double> wilcoxon = HolmCorrection.Adjust([.. compared.Select(comparison => comparison.WilcoxonPValue)]);
        IReadOnlyList<double> permutation = HolmCorrection.Adjust([.. compared.Select(comparison => comparison.PermutationPValue)]);
        return new PairedComparison(
            first.Settings.ModelName ?? "first",
            second.Settings.ModelName ?? "second",
            first.Settings.SetName,
            [.. compared.Select((
                comparison, i) => comparison with { WilcoxonAdjustedPValue = wilcoxon[i], PermutationAdjustedPValue = permutation[i] })]);
    }

    /// <summary>The same comparison under other names, for runs whose reports do not say what they are.</summary>
    /// <param name="first">Name of the first model.</param>
    /// <param name="second">Name of the second model.</param>
    /// <returns>The comparison with these names.</returns>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public PairedComparison WithNames(string first, string second)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(first);
        ArgumentException.ThrowIfNullOrWhiteSpace(second);
        return new PairedComparison(first, second, SetName, Metrics);
    }

    /// <summary>The comparison as a table: a row for each metric; p-values below 0.0001 are written as "&lt; 0.0001".</summary>
    /// <returns>The table.</returns>
    public ReportTable ToTable()
    {
        var table = new ReportTable(
            $"{Second} against {First} on {SetName}, case by case; differences are {Second} minus {First}",
            ReportColumn.Text("metric"),
            ReportColumn.Number(First),
            ReportColumn.Number(Second),
            ReportColumn.Number("difference"),
            ReportColumn.Interval("interval"),
            ReportColumn.Number("Wilcoxon p"),
            ReportColumn.Number("Wilcoxon p (Holm)"),
            ReportColumn.Number("permutation p"),
            ReportColumn.Number("permutation p (Holm)"),
            ReportColumn.Number("d"),
            ReportColumn.Number("rank-biserial"),
            ReportColumn.Number("pairs"),
            ReportColumn.Number("left out"));
        foreach (MetricComparison row in Metrics)
        {
            table.Add(
                row.Metric.Name,
                ReportCell.Number(row.FirstMean),
                ReportCell.Number(row.SecondMean),
                ReportCell.Number(row.MeanDifference),
                ReportCell.Interval(row.Confidence.Lower, row.Confidence.Upper),
                ReportCell.PValue(row.WilcoxonPValue),
                ReportCell.PValue(row.WilcoxonAdjustedPValue),
                ReportCell.PValue(row.PermutationPValue),
                ReportCell.PValue(row.PermutationAdjustedPValue),
                ReportCell.Number(row.CohensD),
                ReportCell.Number(row.RankBiserialCorrelation),
                row.Pairs,
                row.Excluded.Count);
        }

        return table;
    }

    /// <summary>A table for people.</summary>
    /// <returns>The comparison in Markdown.</returns>
    public string ToMarkdown() => ToTable().ToMarkdown();

    /// <summary>The comparison for machines.</summary>
    /// <returns>Comma-separated values after RFC 4180, numbers with all their digits.</returns>
    public string ToCsv() => ToTable().ToCsv();

    /// <summary>The comparison for a paper.</summary>
    /// <returns>The table in LaTeX, for the package <c>booktabs</c>.</returns>
    public string ToLatex() => ToTable().ToLatex();

    private static void CheckPairs(EvaluationReport first, EvaluationReport second)
    {
        IReadOnlyList<string> differences = first.Settings.Differences(second.Settings);
        if (differences.Count > 0)
        {
            throw new EvaluationException(
                $"Paired comparison: received reports under different settings ({string.Join("; ", differences)}); expected the same. "
                    + $"Evaluate both models alike.");
        }

        if (first.Labels.Count != second.Labels.Count)
        {
            throw new EvaluationException(
                $"Paired comparison: received reports of {first.Labels.Count} and {second.Labels.Count} labels; expected the same "
                    + $"labels. Evaluate both models alike.");
        }

        HashSet<string> names = [.. first.Cases.Select(result => result.Name)];
        HashSet<string> others = [.. second.Cases.Select(result => result.Name)];
        string[] unpaired = [.. names.Except(others).Concat(others.Except(names)).Order(StringComparer.Ordinal)];
        if (unpaired.Length > 0)
        {
            throw new EvaluationException(
                $"Paired comparison: received {unpaired.Length} cases that only one report holds, such as '{unpaired[0]}'; expected "
                    + $"the same cases. Evaluate both models on the same set.");
        }
    }

    private static MetricComparison Compare(
        EvaluationReport first, EvaluationReport second, Metric metric, int? label, BootstrapOptions bootstrap)
    {
        // Both are sorted by name.
        var pairs = first.Cases.Zip(second.Cases)
            .Select(pair => (pair.First.Name,
                pair.First.Group,
                First: first.Value(pair.First, metric, label),
                Second: second.Value(pair.Second, metric, label)))
            .ToList();
        var defined = pairs.Where(pair => !double.IsNaN(pair.First) && !double.IsNaN(pair.Second)).ToList();
        string[] excluded = [.. pairs.Except(defined).Select(pair => pair.Name)];
        if (defined.Count == 0)
        {
            return new MetricComparison
            {
                Metric = metric,
                Excluded = excluded,
                FirstMean = double.NaN,
                SecondMean = double.NaN,
                MeanDifference = double.NaN,
                Confidence = new ConfidenceInterval(double.NaN, double.NaN, bootstrap.Level),
                WilcoxonPValue = double.NaN,
                PermutationPValue = double.NaN,
                CohensD = double.NaN,
                RankBiserialCorrelation = double.NaN,
            };
        }

        double[] differences = [.. defined.Select(pair => pair.Second - pair.First)];
        WilcoxonSignedRank wilcoxon = WilcoxonSignedRank.Test(differences);
        double deviation = differences.StandardDeviation();
        return new MetricComparison
        {
            Metric = metric,
            Pairs = defined.Count,
            Excluded = excluded,
            FirstMean = defined.Average(pair => pair.First),
            SecondMean = defined.Average(pair => pair.Second),
            MeanDifference = differences.Mean(),
            Confidence = Bootstrap.OfMean(differences, [.. defined.Select(pair => pair.Group)], bootstrap),
            WilcoxonPValue = wilcoxon.PValue,
            PermutationPValue = PermutationTest.Test(differences, seed: bootstrap.Seed).PValue,
            CohensD = deviation > 0 ? differences.Mean() / deviation : double.NaN,
            RankBiserialCorrelation = wilcoxon.RankBiserialCorrelation,
        };
    }
}

using MadgNet.Core.Metrics;
using MadgNet.Reports.Charts;

namespace MadgNet.Reports.Pages;

/// <summary>
/// The page of a comparison of two or more runs or tools on the same cases: their means side by side, and for each against the first the
/// paired differences, tests and every case.
/// </summary>
public static class ComparisonPage
{
    /// <summary>Makes the page.</summary>
    /// <param name="runs">The runs with their names, at least two; the first is what the others are compared with.</param>
    /// <param name="metrics">The metrics that were decided on beforehand; null for all that the runs share.</param>
    /// <param name="label">The label, from 0; null for the mean over the labels of each case.</param>
    /// <param name="bootstrap">How to draw the confidence intervals; the defaults when null.</param>
    /// <returns>The page.</returns>
    /// <exception cref="ReportException">There are fewer than two runs, or two of the same name.</exception>
    /// <exception cref="EvaluationException">The runs hold different cases or were made under different settings.</exception>
    /// <exception cref="ArgumentException">A metric was not computed.</exception>
    /// <exception cref="InvalidOptionsException">The bootstrap's options have problems.</exception>
    public static HtmlReport Create(
        IReadOnlyList<(string Name, EvaluationReport Report)> runs,
        IReadOnlyList<Metric>? metrics = null,
        int? label = null,
        BootstrapOptions? bootstrap = null)
    {
        ArgumentNullException.ThrowIfNull(runs);
        IReadOnlyList<PairedComparison> comparisons = Compare(runs, metrics, label, bootstrap);
        metrics ??= [.. comparisons[0].Metrics.Select(row => row.Metric)];
        (string first, EvaluationReport baseline) = runs[0];
        var page = new HtmlReport(
            $"{string.Join(", ", runs.Skip(1).Select(run => run.Name))} against {first}", $"{baseline.Settings.SetName}, {baseline.Cases.Count} cases");
        page.Add("Summary").AddFacts(EvaluationSections.Facts(baseline).Where(fact => fact.Name != "Model"))
            .AddTable(Means(runs, metrics, label, bootstrap));
        foreach ((PairedComparison comparison, int index) in comparisons.Select((comparison, i) => (comparison, i + 1)))
        {
            ReportSection section = page.Add($"{comparison.Second} against {first}");
            section.AddTable(comparison.ToTable());
            section.AddText(
                "p-values are two-sided; Holm's correction is over the metrics of this table. Tests say how sure a difference is, not how "
                    + "large it is: look at the interval.");
            AddCharts(section, runs[0], runs[index], metrics, label);
            section.AddTable(Cases(runs[0], runs[index], metrics, label), folded: baseline.Cases.Count > 30);
        }

        if (runs.Count > 2)
        {
            page.Sections[0].AddNotice(
                NoticeKind.Note, $"{runs.Count - 1} comparisons were made with {first}. The correction does not count them: ask for stronger evidence.");
        }

        return page;
    }

    /// <summary>Compares each run with the first.</summary>
    /// <param name="runs">The runs with their names, at least two.</param>
    /// <param name="metrics">The metrics; null for all that the runs share.</param>
    /// <param name="label">The label, from 0; null for the mean over the labels of each case.</param>
    /// <param name="bootstrap">How to draw the confidence intervals; the defaults when null.</param>
    /// <returns>A comparison for every run but the first, under the given names.</returns>
    /// <exception cref="ReportException">There are fewer than two runs, or two of the same name.</exception>
    /// <exception cref="EvaluationException">The runs hold different cases or were made under different settings.</exception>
    /// <exception cref="ArgumentException">A metric was not computed.</exception>
    public static IReadOnlyList<PairedComparison> Compare(
        IReadOnlyList<(string Name, EvaluationReport Report)> runs,
        IReadOnlyList<Metric>? metrics = null,
        int? label = null,
        BootstrapOptions? bootstrap = null)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count < 2 || runs.Select(run => run.Name).Distinct(StringComparer.Ordinal).Count() != runs.Count)
        {
            throw new ReportException(new Problem(
                "runs", $"[{string.Join(", ", runs.Select(run => run.Name))}]", "two or more runs with names that differ", "Name every run once"));
        }

        return [.. runs.Skip(1).Select(run => PairedComparison.Compare(runs[0].Report, run.Report, metrics, label, bootstrap)
            .WithNames(runs[0].Name, run.Name))];
    }

    private static ReportTable Means(
        IReadOnlyList<(string Name, EvaluationReport Report)> runs, IReadOnlyList<Metric> metrics, int? label, BootstrapOptions? bootstrap)
    {
        var table = new ReportTable(
            "Mean over the cases with its interval",
            [
                ReportColumn.Text("metric"),
                .. runs.SelectMany(run => new[] { ReportColumn.Number(run.Name), ReportColumn.Interval($"{run.Name}, interval") }),
            ]);
        foreach (Metric metric in metrics)
        {
            table.Add(
                [
                    metric.Name,
                    .. runs.Select(run => run.Report.Summarize(metric, label, bootstrap)).SelectMany(summary => new[]
                    {
                        ReportCell.Number(summary.Mean), ReportCell.Interval(summary.Confidence.Lower, summary.Confidence.Upper),
                    }),
                ]);
        }

        return table;
    }

    private static void AddCharts(
        ReportSection section,
        (string Name, EvaluationReport Report) first,
        (string Name, EvaluationReport Report) second,
        IReadOnlyList<Metric> metrics,
        int? label)
    {
        foreach (Metric metric in metrics.Take(4))
        {
            double[] x = [.. first.Report.Cases.Select(result => first.Report.Value(result, metric, label))];
            double[] y = [.. second.Report.Cases.Select(result => second.Report.Value(result, metric, label))];
            var chart = new ScatterChart { XLabel = $"{metric}, {first.Name}", YLabel = $"{metric}, {second.Name}", Diagonal = true };
            chart.Add("cases", x, y, [.. first.Report.Cases.Select(result => result.Name)]);
            section.AddChart(
                chart,
                $"{metric} of every case: above the diagonal {second.Name} has the {(metric.IsLowerBetter ? "larger, which is worse" : "larger, which is better")}.");
        }
    }

    private static ReportTable Cases(
        (string Name, EvaluationReport Report) first,
        (string Name, EvaluationReport Report) second,
        IReadOnlyList<Metric> metrics,
        int? label)
    {
        var table = new ReportTable(
            "Every case",
            [
                ReportColumn.Text("case"),
                .. metrics.SelectMany(metric => new[]
                {
                    ReportColumn.Number($"{metric}, {first.Name}"), ReportColumn.Number($"{metric}, {second.Name}"),
                    ReportColumn.Number($"{metric}, difference"),
                }),
            ]);
        for (int i = 0; i < first.Report.Cases.Count; i++)
        {
            (CaseResult a, CaseResult b) = (first.Report.Cases[i], second.Report.Cases[i]);
            double A(Metric metric) => first.Report.Value(a, metric, label);
            double B(Metric metric) => second.Report.Value(b, metric, label);
            table.Add(
                [
                    a.Name,
                    .. metrics.SelectMany(metric => new[]
                    {
                        ReportCell.Number(A(metric)), ReportCell.Number(B(metric)),
                        ReportCell.Number(B(metric) - A(metric)),
                    }),
                ]);
        }

        return table;
    }
}

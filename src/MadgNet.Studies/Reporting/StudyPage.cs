using MadgNet.Core.Metrics;
using MadgNet.Reports;
using MadgNet.Reports.Charts;
using MadgNet.Studies.Cells;

namespace MadgNet.Studies.Reporting;

/// <summary>A report as a page with everything inside.</summary>
internal static class StudyPage
{
    public static HtmlReport Create(StudyReport report)
    {
        Study study = report.Study;
        var page = new HtmlReport(study.Label, study.Question.Length > 0 ? study.Question : null);
        AddSummary(page.Add("Summary"), report);
        AddScores(page.Add("Scores"), report);
        if (report.Comparisons.Count > 0)
        {
            AddDifferences(page.Add("Differences"), report);
        }

        IReadOnlyList<NoiseLevel> levels = NoiseLevel.Of(report);
        if (levels.Count > 0)
        {
            page.Add("How much is noise").AddTable(StudyTables.Noise(levels)).AddText(StudyMarkdown.NoiseWords(report));
        }

        AddSets(page.Add("Set by set"), report);
        AddCurves(page.Add("Curves"), report);
        if (StudyTables.Attention(report) is { Rows.Count: > 0 } attention)
        {
            page.Add("Attention").AddTable(attention);
        }

        page.Add("Cost").AddTable(StudyTables.Cost(report)).AddText(
            "Medians over the seeds, measured once when a cell was run. Other work on the machine slows a cell: compare times of cells "
                + "that ran side by side with care.");
        StudyCell[] failed = [.. report.Cells.Where(cell => cell.Status == CellStatus.Failed)];
        if (failed.Length > 0)
        {
            page.Add("Cells that failed").AddTable(StudyTables.Failures(failed));
        }

        ReportSection reading = page.Add("How to read this");
        if (study.Reading.Length > 0)
        {
            reading.AddText(study.Reading);
        }

        reading.AddText(StudyMarkdown.Methods);
        return page;
    }

    private static void AddSummary(ReportSection section, StudyReport report)
    {
        section.AddText(StudyMarkdown.Setting(report));
        if (report.Missing.Count > 0)
        {
            section.AddNotice(
                NoticeKind.Warning,
                $"Not run yet: {string.Join("; ", report.Missing)}. What follows is about the cells that were run.");
        }

        if (report.Comparisons.Count == 0)
        {
            return;
        }

        string metric = report.Study.Metrics[0];
        VariantComparison[] clear = [.. report.Comparisons.Where(comparison => comparison.Metric == metric && comparison.IsClear)];
        if (clear.Length == 0)
        {
            section.AddNotice(NoticeKind.Note, $"No difference in {metric} can be told from noise.");
            return;
        }

        section.AddText($"Told from noise in {metric}:");
        section.AddList(clear.Select(comparison =>
            $"{comparison.Variant.Label} is {comparison.Verdict()} on {StudyTables.Name(comparison.Scope)} sets"));
    }

    private static void AddScores(ReportSection section, StudyReport report)
    {
        string metric = report.Study.Metrics[0];
        section.AddTable(StudyTables.Scores(report));
        foreach (StudyScope scope in StudyTables.Scopes(report))
        {
            var chart = new BarChart { XLabel = $"{metric}, {StudyTables.Name(scope)} sets" };
            foreach (VariantScore score in report.Scores.Where(score => score.Scope == scope && score.Metric == metric))
            {
                chart.Add(score.Variant.Label, score.Score.Mean, (score.Score.Interval.Lower, score.Score.Interval.Upper));
            }

            section.AddChart(
                chart, $"The mean {metric} over the seeds on {StudyTables.Name(scope)} sets, with Student's interval of 95 %.");
        }
    }

    private static void AddDifferences(ReportSection section, StudyReport report)
    {
        string metric = report.Study.Metrics[0];
        string baseline = StudyTables.Baseline(report).Label;
        var chart = new ForestChart { XLabel = $"{metric} minus that of {baseline}" };
        foreach (VariantComparison comparison in report.Comparisons.Where(comparison => comparison.Metric == metric))
        {
            ConfidenceInterval interval = comparison.Difference.Interval;
            chart.Add(
                comparison.Variant.Label,
                comparison.Difference.Mean,
                (interval.Lower, interval.Upper),
                comparison.IsClear,
                StudyTables.Name(comparison.Scope));
        }

        section.AddChart(
            chart,
            $"{metric} of each variant minus that of {baseline}, with intervals of 95 %. A star marks what is told from noise once all "
                + "comparisons are counted.");
        foreach (string each in report.Study.Metrics)
        {
            section.AddTable(StudyTables.Differences(report, each));
        }
    }

    private static void AddSets(ReportSection section, StudyReport report)
    {
        string metric = report.Study.Metrics[0];
        IReadOnlyList<string> sets = report.Study.Protocol.Sets;
        var chart = new MatrixChart(sets);
        foreach (StudyVariant variant in report.Study.Variants)
        {
            HashSet<string> seen = [.. report.Study.TrainOf(variant)];
            chart.Add(
                variant.Label,
                [.. sets.Select(set => StudyTables.OfSet(report, variant, set, metric))],
                [.. sets.Select(seen.Contains)]);
        }

        section.AddChart(chart, $"{metric} of every variant on every set. A frame marks sets of which other images were trained on.");
        section.AddTable(StudyTables.Sets(report));
    }

    private static void AddCurves(ReportSection section, StudyReport report)
    {
        var loss = new LineChart { XLabel = "optimizer steps", YLabel = "loss" };
        var dice = new LineChart { XLabel = "optimizer steps", YLabel = "validation Dice", YRange = (0, 1) };
        foreach (StudyVariant variant in report.Study.Variants)
        {
            CellCurve[] curves = [.. report.DoneOf(variant).Select(cell => cell.Curve).OfType<CellCurve>()];
            (double X, double Y)[] losses = StudyFigures.Line(curves, curve => curve.Steps, curve => curve.Loss);
            (double X, double Y)[] scores = StudyFigures.Line(curves, curve => curve.ValidationSteps, curve => curve.ValidationDice);
            loss.Add(variant.Label, [.. losses.Select(point => point.X)], [.. losses.Select(point => point.Y)]);
            dice.Add(variant.Label, [.. scores.Select(point => point.X)], [.. scores.Select(point => point.Y)]);
        }

        section.AddChart(loss, "The loss over the optimizer steps, means over the seeds.");
        section.AddChart(dice, "The mean Dice on the validation images over the optimizer steps, means over the seeds.");
    }
}

using MadgNet.Studies.Cells;
using MadgNet.Studies.Statistics;

namespace MadgNet.Studies.Reporting;

/// <summary>The tables of a report.</summary>
internal static class StudyTables
{
    private const int Decimals = 3;

    /// <summary>One row a variant: what it reached, what it is made of.</summary>
    public static ReportTable Scores(StudyReport report)
    {
        string metric = report.Study.Metrics[0];
        StudyScope[] scopes = Scopes(report);
        var columns = new List<ReportColumn> { "variant", ReportColumn.Number("seeds") };
        foreach (StudyScope scope in scopes)
        {
            columns.Add(ReportColumn.Number($"{metric}, {Name(scope)}"));
            columns.Add(ReportColumn.Interval("95 %, " + Name(scope)));
        }

        if (scopes.Length == 2)
        {
            columns.Add(ReportColumn.Number("drop"));
        }

        columns.AddRange([ReportColumn.Number("parameters, M"), ReportColumn.Number("GFLOP")]);
        var table = new ReportTable($"{report.Study.Label}: mean over seeds with Student's interval", columns);
        foreach (StudyVariant variant in report.Study.Variants)
        {
            StudyCell[] done = [.. report.DoneOf(variant)];
            var cells = new List<ReportCell> { Label(report, variant), done.Length };
            foreach (StudyScope scope in scopes)
            {
                SeedMean score = report.ScoreOf(variant, scope, metric)?.Score ?? SeedMean.Of([]);
                cells.Add(ReportCell.Number(score.Mean, Decimals));
                cells.Add(ReportCell.Interval(score.Interval.Lower, score.Interval.Upper, Decimals));
            }

            if (scopes.Length == 2)
            {
                cells.Add(ReportCell.Number(Drop(done, metric).Mean, Decimals));
            }

            cells.Add(ReportCell.Number(done.Length == 0 ? double.NaN : done[0].Parameters / 1e6, 2));
            cells.Add(ReportCell.Number(done.Length == 0 ? double.NaN : done[0].Gigaflops, 3));
            table.Add(cells);
        }

        return table;
    }

    /// <summary>One row a comparison in a metric.</summary>
    public static ReportTable Differences(StudyReport report, string metric)
    {
        var table = new ReportTable(
            $"{metric} of each variant minus that of {Baseline(report).Label}",
            "variant",
            "sets",
            ReportColumn.Number("seeds"),
            ReportColumn.Number("cases"),
            ReportColumn.Number("difference"),
            ReportColumn.Interval("95 %"),
            ReportColumn.Number("p (Holm)"),
            ReportColumn.Number("p over cases (Holm)"),
            ReportColumn.Number("d"),
            ReportColumn.Number("rank-biserial"),
            "verdict");
        foreach (VariantComparison comparison in report.Comparisons.Where(comparison => comparison.Metric == metric))
        {
            CrossedDifference difference = comparison.Difference;
            table.Add(
                comparison.Variant.Label,
                Name(comparison.Scope),
                difference.Seeds,
                difference.Cases,
                ReportCell.Formatted(difference.Mean, "+0.000;-0.000;0.000"),
                ReportCell.Interval(difference.Interval.Lower, difference.Interval.Upper, Decimals),
                ReportCell.PValue(comparison.AdjustedPValue),
                ReportCell.PValue(comparison.AdjustedCasesPValue),
                ReportCell.Number(difference.CohensD, 2),
                ReportCell.Number(difference.Cases == 0 ? double.NaN : difference.CasesTest.RankBiserialCorrelation, 2),
                comparison.Verdict());
        }

        return table;
    }

    /// <summary>One row a variant, one column a set.</summary>
    public static ReportTable Sets(StudyReport report)
    {
        string metric = report.Study.Metrics[0];
        IReadOnlyList<string> sets = report.Study.Protocol.Sets;
        var table = new ReportTable(
            $"{metric}, set by set, mean over seeds and cases", ["variant", .. sets.Select(ReportColumn.Number)]);
        foreach (StudyVariant variant in report.Study.Variants)
        {
            table.Add([Label(report, variant), .. sets.Select(set => ReportCell.Number(OfSet(report, variant, set, metric), Decimals))]);
        }

        return table;
    }

    /// <summary>The mean of a metric on one set over the seeds; NaN where there is none.</summary>
    public static double OfSet(StudyReport report, StudyVariant variant, string set, string metric) => SeedMean.Of(report.DoneOf(variant)
        .SelectMany(cell => cell.Sets.Where(candidate => candidate.Name == set))
        .Select(found => found.Values[metric].Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average())).Mean;

    /// <summary>What the attention of each variant had learned.</summary>
    public static ReportTable Attention(StudyReport report)
    {
        var table = new ReportTable(
            "What the attention blocks had learned, over stages, scales and seeds",
            "variant",
            ReportColumn.Interval("α"),
            ReportColumn.Interval("β"),
            ReportColumn.Number("channel weight"),
            ReportColumn.Number("its deviation"),
            "frequencies with the largest shares",
            "signs of failure");
        foreach (StudyVariant variant in report.Study.Variants)
        {
            CellAttention[] blocks = [.. report.DoneOf(variant).SelectMany(cell => cell.Attention)];
            CellAttention[] spatial = [.. blocks.Where(block => block.Alpha is not null)];
            CellAttention[] channel = [.. blocks.Where(block => block.Alpha is null)];
            if (blocks.Length == 0)
            {
                continue;
            }

            table.Add(
                variant.Label,
                Range(spatial.Select(block => block.Alpha!.Value)),
                Range(spatial.Select(block => block.Beta!.Value)),
                ReportCell.Number(Mean(channel.Select(block => block.Mean)), Decimals),
                ReportCell.Number(Mean(channel.Select(block => block.Deviation)), Decimals),
                Frequencies(channel),
                Signs(blocks));
        }

        return table;
    }

    /// <summary>What the variants cost on the machines that ran them.</summary>
    public static ReportTable Cost(StudyReport report)
    {
        string metric = report.Study.Metrics[0];
        StudyScope[] scopes = Scopes(report);
        var table = new ReportTable(
            $"{report.Study.Label}: cost, medians over seeds",
            [
                "variant",
                .. scopes.Select(scope => ReportColumn.Number($"{metric}, {Name(scope)}")),
                ReportColumn.Number("side"),
                ReportColumn.Number("parameters, M"),
                ReportColumn.Number("GFLOP"),
                ReportColumn.Number("ms a training step"),
                ReportColumn.Number("ms an image"),
                ReportColumn.Number("peak memory, MB"),
                ReportColumn.Number("threads"),
            ]);
        foreach (StudyVariant variant in report.Study.Variants)
        {
            StudyCell[] done = [.. report.DoneOf(variant)];
            CellCost[] costs = [.. done.Select(cell => cell.Cost).OfType<CellCost>()];
            table.Add(
                [
                    Label(report, variant),
                    .. scopes.Select(scope => ReportCell.Number(
                        report.ScoreOf(variant, scope, metric)?.Score.Mean ?? double.NaN, Decimals)),
                    ReportCell.Number(done.Length == 0 ? double.NaN : done[0].Size, 0),
                    ReportCell.Number(done.Length == 0 ? double.NaN : done[0].Parameters / 1e6, 2),
                    ReportCell.Number(done.Length == 0 ? double.NaN : done[0].Gigaflops, 3),
                    ReportCell.Number(Median(costs.Select(cost => cost.SecondsPerStep * 1e3)), 0),
                    ReportCell.Number(Median(costs.Select(cost => cost.MillisecondsPerImage)), 1),
                    ReportCell.Number(Median(costs.Select(cost => cost.PeakMemoryBytes / 1e6)), 0),
                    ReportCell.Number(Median(costs.Select(cost => (double)cost.Threads)), 0),
                ]);
        }

        return table;
    }

    /// <summary>Every score and difference, for machines.</summary>
    public static ReportTable Everything(StudyReport report)
    {
        var table = new ReportTable(
            null,
            "variant",
            "sets",
            "metric",
            ReportColumn.Number("seeds"),
            ReportColumn.Number("cases"),
            ReportColumn.Number("mean"),
            ReportColumn.Number("deviation over seeds"),
            ReportColumn.Interval("mean"),
            ReportColumn.Number("difference"),
            ReportColumn.Interval("difference"),
            ReportColumn.Number("degrees of freedom"),
            ReportColumn.Number("p"),
            ReportColumn.Number("p Holm"),
            ReportColumn.Number("p over cases"),
            ReportColumn.Number("p over cases Holm"),
            ReportColumn.Number("d"),
            ReportColumn.Number("rank-biserial"),
            ReportColumn.Number("seeds needed"));
        foreach (VariantScore score in report.Scores)
        {
            VariantComparison? comparison = report.Comparisons.FirstOrDefault(candidate =>
                candidate.Variant == score.Variant && candidate.Scope == score.Scope && candidate.Metric == score.Metric);
            CrossedDifference? difference = comparison?.Difference;
            table.Add(
                score.Variant.Name,
                Name(score.Scope),
                score.Metric,
                score.Score.Count,
                score.Cases,
                ReportCell.Number(score.Score.Mean),
                ReportCell.Number(score.Score.Deviation),
                ReportCell.Interval(score.Score.Interval.Lower, score.Score.Interval.Upper),
                ReportCell.Number(difference?.Mean ?? double.NaN),
                ReportCell.Interval(difference?.Interval.Lower ?? double.NaN, difference?.Interval.Upper ?? double.NaN),
                ReportCell.Number(difference?.DegreesOfFreedom ?? double.NaN),
                ReportCell.Number(difference?.PValue ?? double.NaN),
                ReportCell.Number(comparison?.AdjustedPValue ?? double.NaN),
                ReportCell.Number(difference is { Cases: > 0 } ? difference.CasesTest.PValue : double.NaN),
                ReportCell.Number(comparison?.AdjustedCasesPValue ?? double.NaN),
                ReportCell.Number(difference?.CohensD ?? double.NaN),
                ReportCell.Number(difference is { Cases: > 0 } ? difference.CasesTest.RankBiserialCorrelation : double.NaN),
                ReportCell.Number(difference?.SeedsNeeded() ?? double.NaN, 0));
        }

        return table;
    }

    /// <summary>How large differences have to be to be told from noise.</summary>
    public static ReportTable Noise(IReadOnlyList<NoiseLevel> levels)
    {
        var table = new ReportTable(
            null,
            "sets",
            ReportColumn.Number("pairs of seeds"),
            ReportColumn.Number("deviation of one seed"),
            ReportColumn.Number("largest difference seen"),
            ReportColumn.Number("3 seeds tell"),
            ReportColumn.Number("5 seeds tell"),
            ReportColumn.Number("10 seeds tell"));
        foreach (NoiseLevel level in levels)
        {
            table.Add(
                Name(level.Scope),
                level.Pairs,
                ReportCell.Number(level.SeedDeviation, 3),
                ReportCell.Number(level.LargestDifference, 3),
                ReportCell.Number(level.Detectable3, 3),
                ReportCell.Number(level.Detectable5, 3),
                ReportCell.Number(level.Detectable10, 3));
        }

        return table;
    }

    /// <summary>What went wrong in cells that failed.</summary>
    public static ReportTable Failures(IReadOnlyList<StudyCell> failed)
    {
        var table = new ReportTable(null, "variant", ReportColumn.Number("seed"), "what went wrong");
        foreach (StudyCell cell in failed)
        {
            table.Add(cell.Key.Variant, ReportCell.Count(cell.Key.Seed), cell.Error);
        }

        return table;
    }

    public static StudyScope[] Scopes(StudyReport report) => [.. report.Scores.Select(score => score.Scope).Distinct()];

    public static string Name(StudyScope scope) => scope == StudyScope.Seen ? "seen" : "unseen";

    public static StudyVariant Baseline(StudyReport report) =>
        report.Study.Variants.First(variant => variant.Name == report.Study.Baseline);

    public static string Label(StudyReport report, StudyVariant variant) =>
        variant.Name == report.Study.Baseline && report.Study.Variants.Count > 1 ? $"{variant.Label} (baseline)" : variant.Label;

    /// <summary>Seen minus unseen over the seeds, in the metric's own direction.</summary>
    private static SeedMean Drop(StudyCell[] done, string metric) => SeedMean.Of(done.Select(cell =>
        Mean(ReportCells.Values(cell, StudyScope.Seen, metric).Values) - Mean(ReportCells.Values(cell, StudyScope.Unseen, metric).Values)));

    private static double Mean(IEnumerable<double> values) => values.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }

    private static ReportCell Range(IEnumerable<double> values)
    {
        double[] all = [.. values];
        return all.Length == 0 ? ReportCell.Interval(double.NaN, double.NaN) : ReportCell.Interval(all.Min(), all.Max(), Decimals);
    }

    private static string Frequencies(CellAttention[] blocks)
    {
        const int named = 4;
        int counted = Math.Max(1, blocks.Count(block => block.Frequencies.Count > 0));
        return string.Join(", ", blocks
            .SelectMany(block => block.Frequencies.Zip(block.FrequencyShares))
            .GroupBy(pair => pair.First, StringComparer.Ordinal)
            .Select(group => (group.Key, Share: group.Sum(pair => pair.Second) / counted))
            .OrderByDescending(frequency => frequency.Share)
            .ThenBy(frequency => frequency.Key, StringComparer.Ordinal)
            .Take(named)
            .Select(frequency => FormattableString.Invariant($"({frequency.Key}) {100 * frequency.Share:F0} %")));
    }

    private static string Signs(CellAttention[] blocks)
    {
        string[] signs = [.. blocks.SelectMany(block => block.Signs())
            .GroupBy(sign => sign, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => FormattableString.Invariant($"{group.Key}: {group.Count()} of {blocks.Length}"))];
        return signs.Length == 0 ? "none" : string.Join(", ", signs);
    }
}

using System.Text;
using MadgNet.Core.Metrics;
using MadgNet.Reports;
using MadgNet.Studies.Cells;
using MadgNet.Studies.Running;
using MadgNet.Studies.Statistics;

namespace MadgNet.Studies.Reporting;

/// <summary>What the cells of a study say: scores with intervals, differences from the baseline with tests, and what is noise.</summary>
/// <remarks>
/// Everything but the cost follows from study and cells alone, whatever the order in which they were run, and on however many machines: the
/// files are the same, byte for byte. Times and memory are measured, and stand in files of their own (<c>cost.md</c>, <c>cost.csv</c>).
/// </remarks>
public sealed class StudyReport
{
    /// <summary>The name of the report for people.</summary>
    public const string MarkdownName = "report.md";

    private StudyReport(
        Study study,
        IReadOnlyList<StudyCell> cells,
        IReadOnlyList<VariantScore> scores,
        IReadOnlyList<VariantComparison> comparisons)
    {
        Study = study;
        Cells = cells;
        Scores = scores;
        Comparisons = comparisons;
    }

    /// <summary>The study.</summary>
    public Study Study { get; }

    /// <summary>Every cell that was run, in the study's order.</summary>
    public IReadOnlyList<StudyCell> Cells { get; }

    /// <summary>The cells that were not run yet.</summary>
    public IReadOnlyList<StudyCellKey> Missing => [.. Study.Cells.Except(Cells.Select(cell => cell.Key))];

    /// <summary>What the variants reached: metric by metric, seen before unseen.</summary>
    public IReadOnlyList<VariantScore> Scores { get; }

    /// <summary>The variants against the baseline: metric by metric, seen before unseen.</summary>
    public IReadOnlyList<VariantComparison> Comparisons { get; }

    /// <summary>Sums up cells.</summary>
    /// <param name="study">The study.</param>
    /// <param name="cells">Its cells, in any order; those that were not run yet may be missing.</param>
    /// <returns>The report.</returns>
    /// <exception cref="StudyException">Cells are of another study or of other settings, were made from different images, or one is there
    /// twice with different results; lists all problems.</exception>
    public static StudyReport Create(Study study, IReadOnlyList<StudyCell> cells)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(cells);
        StudyException.ThrowIfAny(study.Name, study.Validate());
        study = study with { Seeds = [.. study.Seeds.Order()] };
        StudyCell[] ordered = ReportCells.Ordered(study, cells);
        StudyScope[] scopes = [.. Enum.GetValues<StudyScope>()
            .Where(scope => ordered.Any(cell => cell.Sets.Any(set => ReportCells.Has(scope, set))))];
        return new StudyReport(
            study,
            ordered,
            [.. study.Metrics.SelectMany(metric => scopes.SelectMany(scope =>
                study.Variants.Select(variant => Score(ordered, variant, scope, metric))))],
            [.. study.Metrics.SelectMany(metric => Compare(study, ordered, scopes, metric))]);
    }

    /// <summary>Reads study and cells from folders of results: one, or those of several shards.</summary>
    /// <param name="folders">Folders that a <see cref="StudyRunner"/> filled; at least one.</param>
    /// <returns>The report.</returns>
    /// <exception cref="StudyException">A folder holds no study, or they do not fit each other; lists all problems.</exception>
    public static StudyReport Load(params IReadOnlyList<string> folders)
    {
        ArgumentNullException.ThrowIfNull(folders);
        (Study study, IReadOnlyList<StudyCell> cells) = ReportCells.Load(folders);
        return Create(study, cells);
    }

    /// <summary>Writes every form of the report into a folder: each file appears whole or not at all.</summary>
    /// <param name="folder">The folder; created when absent. Files of an earlier report are replaced.</param>
    /// <returns>The path of the report for people.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public string Save(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Directory.CreateDirectory(folder);
        var files = new List<(string Name, string Content)>
        {
            ("report.csv", ToCsv()),
            ("report.tex", ToLatex()),
            ("report.json", ToJson()),
            ("cost.md", CostToMarkdown()),
            ("cost.csv", StudyTables.Cost(this).ToCsv()),
        };
        files.AddRange(StudyFigures.All(this));
        files.Add((MarkdownName, ToMarkdown()));
        foreach ((string name, string content) in files)
        {
            AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(Encoding.UTF8.GetBytes(content)));
        }

        return Path.Combine(folder, MarkdownName);
    }

    /// <summary>The report for people.</summary>
    /// <returns>Markdown; its figures lie beside it after <see cref="Save"/>.</returns>
    public string ToMarkdown() => StudyMarkdown.Write(this);

    /// <summary>Every score and difference, one row a variant, scope and metric.</summary>
    /// <returns>Comma-separated values after RFC 4180.</returns>
    public string ToCsv() => StudyTables.Everything(this).ToCsv();

    /// <summary>Scores and differences in the first metric, as two tables for a paper.</summary>
    /// <returns>LaTeX that needs the package <c>booktabs</c>.</returns>
    public string ToLatex() => StudyTables.Scores(this).ToLatex($"tab:{Study.Name}")
        + "\n" + StudyTables.Differences(this, Study.Metrics[0]).ToLatex($"tab:{Study.Name}-differences");

    /// <summary>Everything in the schema <c>madgnet-study-report</c>, version 1; undefined values are null.</summary>
    /// <returns>JSON.</returns>
    public string ToJson() => StudyReportJson.Write(this);

    /// <summary>What the variants cost in time and memory on the machines that ran them, beside what they reached.</summary>
    /// <returns>Markdown.</returns>
    public string CostToMarkdown() => StudyMarkdown.WriteCost(this);

    /// <summary>
    /// The report as one page with everything inside: scores with intervals, differences as a forest plot and as tables, noise, learning
    /// curves, a matrix of variants and sets, cost.
    /// </summary>
    /// <returns>The page. Its cost holds measured times; everything else follows from study and cells.</returns>
    public HtmlReport ToPage() => StudyPage.Create(this);

    /// <summary>The scores of the metric that the study is decided by.</summary>
    internal VariantScore? ScoreOf(StudyVariant variant, StudyScope scope, string metric) => Scores.FirstOrDefault(
        score => score.Variant == variant && score.Scope == scope && score.Metric == metric);

    /// <summary>The cells of a variant that were done.</summary>
    internal IEnumerable<StudyCell> DoneOf(StudyVariant variant) =>
        Cells.Where(cell => cell.Key.Variant == variant.Name && cell.Status == CellStatus.Done);

    private static VariantScore Score(StudyCell[] cells, StudyVariant variant, StudyScope scope, string metric)
    {
        StudyCell[] done = [.. cells.Where(cell => cell.Key.Variant == variant.Name && cell.Status == CellStatus.Done)];
        double[][] values = [.. done.Select(cell => ReportCells.Values(cell, scope, metric).Values.ToArray())];
        return new VariantScore(
            variant,
            scope,
            metric,
            values.Length == 0 ? 0 : values[0].Length,
            SeedMean.Of(values.Select(row => row.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average())));
    }

    /// <summary>All comparisons in a metric, corrected together.</summary>
    private static VariantComparison[] Compare(Study study, StudyCell[] cells, StudyScope[] scopes, string metric)
    {
        bool lower = Metric.BuiltIn.First(candidate => candidate.Name == metric).IsLowerBetter;
        VariantComparison[] comparisons = [.. scopes.SelectMany(scope => study.Variants
            .Where(variant => variant.Name != study.Baseline)
            .Select(variant => new VariantComparison
            {
                Variant = variant,
                Scope = scope,
                Metric = metric,
                IsLowerBetter = lower,
                Difference = CrossedDifference.Of(ReportCells.Differences(
                    cells, (study.Baseline, variant.Name), scope, metric)),
            }))];
        IReadOnlyList<double> adjusted = HolmCorrection.Adjust([.. comparisons.Select(comparison => comparison.Difference.PValue)]);
        IReadOnlyList<double> ofCases = HolmCorrection.Adjust(
            [.. comparisons.Select(comparison => comparison.Difference.Cases == 0 ? double.NaN : comparison.Difference.CasesTest.PValue)]);
        return [.. comparisons.Select((comparison, index) =>
            comparison with { AdjustedPValue = adjusted[index], AdjustedCasesPValue = ofCases[index] })];
    }
}

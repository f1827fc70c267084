using System.Globalization;
using System.Text;
using MadgNet.Studies.Cells;
using MadgNet.Studies.Statistics;

namespace MadgNet.Studies.Reporting;

/// <summary>A report for people.</summary>
internal static class StudyMarkdown
{
    public static string Write(StudyReport report)
    {
        Study study = report.Study;
        var text = new StringBuilder();
        Line(text, $"# {study.Label}");
        Paragraph(text, study.Question);
        Paragraph(text, Setting(report));
        foreach (string line in Open(report))
        {
            Paragraph(text, line);
        }

        Line(text, "## What the variants reached");
        text.Append(StudyTables.Scores(report).ToMarkdown()).Append('\n');
        Paragraph(
            text,
            "Each value is the mean over the seeds; the interval is Student's over the seeds, on these test cases. The drop is seen minus "
                + "unseen. Parameters and GFLOP (two operations a multiplication of convolutions and linear layers) are those of one image "
                + "at the training's size. Time and memory on the machine that ran the study stand in [cost.md](cost.md).");
        Differences(report, text);
        Noise(report, text);
        Line(text, "## Set by set");
        text.Append(StudyTables.Sets(report).ToMarkdown()).Append('\n');
        Paragraph(text, $"![{study.Metrics[0]} of every variant on every set]({StudyFigures.MatrixName})");
        Paragraph(text, $"![Loss and validation Dice over the steps]({StudyFigures.CurvesName})");
        if (StudyTables.Attention(report) is { Rows.Count: > 0 } attention)
        {
            Line(text, "## What the attention had learned");
            text.Append(attention.ToMarkdown()).Append('\n');
            Paragraph(
                text,
                "α weighs the background and β the foreground; both begin at 1. Frequencies are named by their vertical and horizontal "
                    + "index; their share is that of the statistics that the channels' weights follow from. *Constant* is a block whose "
                    + "weights hardly differ, *saturated* one whose sigmoids hardly learn any more, *collapsed* one that passes nothing of "
                    + "foreground or background.");
        }

        Failures(report, text);
        Line(text, "## How to read this");
        Paragraph(text, study.Reading);
        Paragraph(text, Methods);
        return text.ToString().TrimEnd('\n') + "\n";
    }

    public static string WriteCost(StudyReport report)
    {
        var text = new StringBuilder();
        Line(text, $"# {report.Study.Label}: what it cost");
        text.Append(StudyTables.Cost(report).ToMarkdown()).Append('\n');
        string[] machines = [.. report.Cells.Select(cell => cell.Cost?.Processor)
            .OfType<string>()
            .Distinct()
            .Order(StringComparer.Ordinal)];
        Paragraph(
            text,
            $"Medians over the seeds, measured once when a cell was run{(machines.Length > 0 ? $", on {string.Join(" and ", machines)}" : "")}. "
                + "A training step holds loading and updating; an image is predicted alone, at the training's size, in the inference form. "
                + "The memory is that of the whole process, at its largest after a step, with what earlier cells of the same "
                + "process had left. "
                + "Other work on the machine slows a cell: compare times of cells that ran side by side with care.");
        return text.ToString().TrimEnd('\n') + "\n";
    }

    public const string Methods =
        "Differences are taken case by case from networks that began with the same seed. The test over seeds and cases treats both as "
        + "drawn by chance (two crossed random effects, Student's t with Satterthwaite's degrees of freedom): it asks whether other seeds "
        + "on other cases would show the difference again. The test over cases alone (Wilcoxon's) takes these networks as given, and finds "
        + "more. Both are corrected by Holm's method for all variants and scopes of the metric. d is the mean over the standard "
        + "deviation of "
        + "the cases' differences. Cases of several sets are taken together, each with the same weight.";

    public static string Setting(StudyReport report)
    {
        Study study = report.Study;
        string seen = string.Join(", ", study.Protocol.Seen.Select(set => set.Name));
        string unseen = study.Protocol.Unseen.Count == 0 ? "none" : string.Join(", ", study.Protocol.Unseen.Select(set => set.Name));
        int[] images = [.. report.Cells.Where(cell => cell.Status == CellStatus.Done)
            .Select(cell => cell.TrainingImages)
            .Distinct()
            .Order()];
        string trained = images.Length == 0
            ? ""
            : images.Length == 1 ? Text($" on {images[0]} images") : Text($" on {images[0]} to {images[^1]} images");
        int done = report.Cells.Count(cell => cell.Status == CellStatus.Done);
        return Text($"{study.Variants.Count} variants × {study.Seeds.Count} seeds ({string.Join(", ", study.Seeds)}), {study.Budget}{trained}, {(study.Start == Study.FreshStart ? "from random weights" : $"on an encoder that has learned before ({study.Start})")}. Seen sets: {seen}; unseen: {unseen}. {done} of {study.Cells.Count} cells are done.");
    }

    /// <summary>What the levels of noise are, under their table.</summary>
    public static string NoiseWords(StudyReport report) =>
        $"{StudyTables.Baseline(report).Label} against itself in {report.Study.Metrics[0]}: the same training from two seeds, pair by "
            + "pair. "
            + "The last columns say how large a true difference of two variants has to be before so many seeds tell it from noise with "
            + "a chance of 80 %, on as many cases.";

    private static IEnumerable<string> Open(StudyReport report)
    {
        if (report.Missing.Count > 0)
        {
            yield return Text($"**Not run yet:** {string.Join("; ", report.Missing)}. What follows is about the cells that were run.");
        }
    }

    private static void Differences(StudyReport report, StringBuilder text)
    {
        if (report.Comparisons.Count == 0)
        {
            return;
        }

        Line(text, $"## Differences from {StudyTables.Baseline(report).Label}");
        string metric = report.Study.Metrics[0];
        string[] clear = [.. report.Comparisons.Where(comparison => comparison.Metric == metric && comparison.IsClear)
            .Select(comparison => $"{comparison.Variant.Label} is {comparison.Verdict()} on {StudyTables.Name(comparison.Scope)} sets")];
        Paragraph(text, clear.Length == 0
            ? $"**No difference in {metric} can be told from noise.**"
            : $"**Told from noise in {metric}:** {string.Join("; ", clear)}.");
        foreach (string each in report.Study.Metrics)
        {
            Line(text, $"### {each}");
            text.Append(StudyTables.Differences(report, each).ToMarkdown()).Append('\n');
        }

        Paragraph(text, $"![Differences in {metric} with their intervals]({StudyFigures.ForestName})");
    }

    private static void Noise(StudyReport report, StringBuilder text)
    {
        IReadOnlyList<NoiseLevel> levels = NoiseLevel.Of(report);
        if (levels.Count == 0)
        {
            return;
        }

        Line(text, "## How much is noise");
        text.Append(StudyTables.Noise(levels).ToMarkdown()).Append('\n');
        Paragraph(text, NoiseWords(report));
    }

    private static void Failures(StudyReport report, StringBuilder text)
    {
        StudyCell[] failed = [.. report.Cells.Where(cell => cell.Status == CellStatus.Failed)];
        if (failed.Length == 0)
        {
            return;
        }

        Line(text, "## Cells that failed");
        text.Append(StudyTables.Failures(failed).ToMarkdown()).Append('\n');
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, string line) => text.Append(line).Append("\n\n");

    private static void Paragraph(StringBuilder text, string paragraph)
    {
        if (paragraph.Length > 0)
        {
            Line(text, paragraph);
        }
    }
}

using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference.Visualization;
using MadgNet.Reports.Charts;

namespace MadgNet.Reports.Pages;

/// <summary>
/// The page of a dataset's examination: what each part looks like, every finding, and contact sheets of the images behind them.
/// </summary>
public static class DoctorPage
{
    private const int PicturesPerKind = 24;
    private const int Columns = 6;
    private const int Tile = 150;

    /// <summary>Makes the page.</summary>
    /// <param name="report">What the doctor found.</param>
    /// <param name="parts">The examined parts by their names, for pictures; null for a page without pictures.</param>
    /// <returns>The page.</returns>
    public static HtmlReport Create(DoctorReport report, IReadOnlyList<(string Name, IDataset Dataset)>? parts = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        parts ??= [];
        var page = new HtmlReport("Examination of a dataset", string.Join(", ", report.Splits.Select(split => split.Split)));
        AddSummary(page.Add("Summary"), report);
        var samples = new SampleLookup(parts);
        foreach (IGrouping<FindingKind, Finding> group in report.Findings.GroupBy(finding => finding.Kind))
        {
            ReportSection section = page.Add(Words(group.Key));
            var table = new ReportTable(
                $"{group.Count()} findings: {Words(group.Key).ToLowerInvariant()}", "severity", "where", "received", "expected", "what to do", "also concerns");
            foreach (Finding finding in group)
            {
                Problem problem = finding.Problem;
                table.Add(
                    finding.Severity.ToString(),
                    problem.Subject,
                    problem.Received,
                    problem.Expected,
                    problem.Remedy,
                    string.Join(", ", finding.Related));
            }

            section.AddTable(table, folded: table.Rows.Count > 50);
            AddSheet(section, group, samples);
        }

        return page;
    }

    private static void AddSummary(ReportSection section, DoctorReport report)
    {
        var table = new ReportTable(
            "The parts",
            ReportColumn.Text("part"),
            ReportColumn.Number("samples"),
            ReportColumn.Number("readable"),
            ReportColumn.Text("smallest (width × height)"),
            ReportColumn.Text("largest (width × height)"),
            ReportColumn.Text("channels"),
            ReportColumn.Number("foreground"));
        foreach (SplitSummary split in report.Splits)
        {
            table.Add(
                split.Split,
                split.Samples,
                split.Readable,
                Size(split.Smallest),
                Size(split.Largest),
                string.Join(", ", split.Channels),
                ReportCell.Formatted(split.Foreground, "P1"));
        }

        section.AddTable(table);
        int errors = report.Findings.Count(finding => finding.Severity == FindingSeverity.Error);
        section.AddNotice(
            errors > 0 ? NoticeKind.Error : report.Findings.Count > 0 ? NoticeKind.Warning : NoticeKind.Good,
            report.Findings.Count == 0
                ? "Nothing was found."
                : $"{errors} of {report.Findings.Count} findings keep samples from being used.");
        if (report.Findings.Count > 0)
        {
            var chart = new BarChart { XLabel = "findings" };
            foreach (IGrouping<FindingKind, Finding> group in report.Findings.GroupBy(finding => finding.Kind))
            {
                chart.Add(Words(group.Key), group.Count());
            }

            section.AddChart(chart, "How many findings there are of each kind.");
        }
    }

    private static void AddSheet(ReportSection section, IEnumerable<Finding> findings, SampleLookup samples)
    {
        List<FigurePanel> panels = [];
        foreach (string subject in findings.SelectMany(finding => finding.Related.Prepend(finding.Problem.Subject)).Distinct())
        {
            if (panels.Count < PicturesPerKind && samples.Find(subject) is { } sample)
            {
                panels.Add(new FigurePanel(Thumbnail(sample), sample.Name));
            }
        }

        if (panels.Count > 0)
        {
            section.AddPicture(
                FigureSheet.Draw(
                    panels,
                    new FigureSheetOptions
                    {
                        Columns = Math.Min(Columns, panels.Count),
                        TileWidth = Tile,
                        TileHeight = Tile,
                        TextSize = 11,
                    }),
                $"{panels.Count} of the images behind these findings, with the contours of their masks.");
        }
    }

    private static PixelImage Thumbnail(Sample sample)
    {
        double scale = Math.Min(1, (double)Tile / Math.Max(sample.Image.Height, sample.Image.Width));
        int height = Math.Max(1, (int)Math.Round(sample.Image.Height * scale));
        int width = Math.Max(1, (int)Math.Round(sample.Image.Width * scale));
        FloatImage shown = ImageResizer.Bilinear(sample.Image, height, width);
        shown = shown.Channels is 1 or 3 ? shown : new FloatImage(1, height, width, shown.Plane(0).ToArray());
        return Overlay.Draw(shown, [.. sample.Masks.Select(mask => OverlayLayer.FromMap(ImageResizer.Nearest(mask, height, width)))]);
    }

    private static string Size((int Height, int Width) size) => size.Height == 0
        ? "–"
        : string.Create(CultureInfo.InvariantCulture, $"{size.Width} × {size.Height}");

    /// <summary>The name of a kind as words: <c>EmptyMask</c> becomes <c>Empty mask</c>.</summary>
    private static string Words(FindingKind kind) => string.Concat(kind.ToString()
        .Select((letter, i) => i > 0 && char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{letter}"));
}

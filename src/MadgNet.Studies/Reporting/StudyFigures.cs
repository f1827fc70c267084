using System.Globalization;
using MadgNet.Studies.Cells;
using MadgNet.Studies.Statistics;

namespace MadgNet.Studies.Reporting;

/// <summary>The figures of a report.</summary>
internal static class StudyFigures
{
    public const string ForestName = "forest.svg";
    public const string CurvesName = "curves.svg";
    public const string MatrixName = "matrix.svg";

    private const int Row = 24;
    private const int Margin = 220;

    public static IEnumerable<(string Name, string Content)> All(StudyReport report)
    {
        if (report.Comparisons.Count > 0)
        {
            yield return (ForestName, Forest(report));
        }

        yield return (CurvesName, Curves(report));
        yield return (MatrixName, Matrix(report));
    }

    /// <summary>The differences of the first metric with their intervals.</summary>
    public static string Forest(StudyReport report)
    {
        const int plot = 420;
        string metric = report.Study.Metrics[0];
        VariantComparison[] rows = [.. report.Comparisons.Where(comparison => comparison.Metric == metric)];
        int height = (Row * (rows.Length + 2)) + 30;
        var picture = new SvgPicture(Margin + plot + 90, height, $"{metric} minus that of {StudyTables.Baseline(report).Label}, with 95 % intervals");
        double reach = rows.SelectMany(row => new[] { row.Difference.Mean, row.Difference.Interval.Lower, row.Difference.Interval.Upper })
            .Where(double.IsFinite)
            .Select(Math.Abs)
            .DefaultIfEmpty(0.1)
            .Max();
        reach = Math.Max(0.01, Math.Ceiling(reach * 20) / 20);
        double X(double value) => Margin + (plot / 2.0) + (value / reach * plot / 2.0);
        for (int i = -2; i <= 2; i++)
        {
            double value = reach * i / 2;
            picture.Line(X(value), 30, X(value), height - 30, i == 0 ? "#444444" : "#dddddd");
            picture.Text(X(value), height - 12, value.ToString("+0.###;-0.###;0", CultureInfo.InvariantCulture), "middle");
        }

        picture.Text(Margin, 18, $"{metric} minus that of {StudyTables.Baseline(report).Label} (95 %)");
        for (int i = 0; i < rows.Length; i++)
        {
            CrossedDifference difference = rows[i].Difference;
            double y = 30 + (Row * (i + 0.7));
            string color = SvgPicture.Color(rows[i].Scope == StudyScope.Seen ? 0 : 1);
            picture.Text(Margin - 10, y + 4, $"{rows[i].Variant.Label}, {StudyTables.Name(rows[i].Scope)}", "end");
            if (double.IsFinite(difference.Interval.Lower))
            {
                picture.Line(X(difference.Interval.Lower), y, X(difference.Interval.Upper), y, color, 2);
            }

            if (double.IsFinite(difference.Mean))
            {
                picture.Dot(X(difference.Mean), y, color);
                picture.Text(
                    Margin + plot + 10,
                    y + 4,
                    difference.Mean.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture) + (rows[i].IsClear ? " *" : ""));
            }
        }

        return picture.ToString();
    }

    /// <summary>Loss and validation Dice over the steps, means over the seeds.</summary>
    public static string Curves(StudyReport report)
    {
        const int plot = 320;
        const int tall = 220;
        const int left = 50;
        int legend = (report.Study.Variants.Count * 18) + 10;
        var picture = new SvgPicture((2 * (plot + left)) + 30, tall + 70 + legend, "Loss and validation Dice over the optimizer steps");
        (string Title, Func<CellCurve, IReadOnlyList<long>> Steps, Func<CellCurve, IReadOnlyList<double>> Values)[] panels =
        [
            ("loss", curve => curve.Steps, curve => curve.Loss),
            ("validation Dice", curve => curve.ValidationSteps, curve => curve.ValidationDice),
        ];
        for (int panel = 0; panel < panels.Length; panel++)
        {
            (double X, double Y)[][] lines = [.. report.Study.Variants.Select(variant => Line(
                [.. report.DoneOf(variant).Select(cell => cell.Curve!)], panels[panel].Steps, panels[panel].Values))];
            double right = lines.SelectMany(line => line).Select(point => point.X).DefaultIfEmpty(1).Max();
            double top = lines.SelectMany(line => line).Select(point => point.Y).DefaultIfEmpty(1).Max();
            top = panel == 1 ? 1 : top > 0 ? top : 1;
            double originX = left + (panel * (plot + left));
            double originY = 30 + tall;
            picture.Text(originX, 18, panels[panel].Title);
            picture.Line(originX, originY, originX + plot, originY);
            picture.Line(originX, originY, originX, originY - tall);
            for (int tick = 0; tick <= 4; tick++)
            {
                double y = originY - (tall * tick / 4.0);
                picture.Line(originX, y, originX + plot, y, "#dddddd");
                picture.Text(originX - 6, y + 4, (top * tick / 4).ToString("0.##", CultureInfo.InvariantCulture), "end", size: 10);
            }

            picture.Text(originX + plot, originY + 16, $"{Checks.Text(right)} steps", "end", size: 10);
            for (int i = 0; i < lines.Length; i++)
            {
                picture.Path(
                    lines[i].Select(point => (originX + (plot * point.X / right), originY - (tall * Math.Clamp(point.Y / top, 0, 1)))),
                    SvgPicture.Color(i));
            }
        }

        for (int i = 0; i < report.Study.Variants.Count; i++)
        {
            double y = tall + 66 + (i * 18);
            picture.Line(left, y, left + 24, y, SvgPicture.Color(i), 2);
            picture.Text(left + 32, y + 4, report.Study.Variants[i].Label);
        }

        return picture.ToString();
    }

    /// <summary>The first metric of every variant on every set.</summary>
    public static string Matrix(StudyReport report)
    {
        const int cell = 56;
        const int head = 130;
        string metric = report.Study.Metrics[0];
        IReadOnlyList<string> sets = report.Study.Protocol.Sets;
        IReadOnlyList<StudyVariant> variants = report.Study.Variants;
        var picture = new SvgPicture(
            Margin + (cell * sets.Count) + 70, head + (30 * variants.Count) + 20, $"{metric} of every variant on every set");
        for (int column = 0; column < sets.Count; column++)
        {
            picture.Text(Margin + (cell * column) + (cell / 2.0), head - 8, sets[column], turn: -45);
        }

        for (int row = 0; row < variants.Count; row++)
        {
            picture.Text(Margin - 10, head + (30 * row) + 20, variants[row].Label, "end");
            HashSet<string> seen = [.. report.Study.TrainOf(variants[row])];
            for (int column = 0; column < sets.Count; column++)
            {
                double value = StudyTables.OfSet(report, variants[row], sets[column], metric);
                (string fill, string ink) = SvgPicture.Shade(double.IsNaN(value) ? 0 : value);
                picture.Box(Margin + (cell * column), head + (30 * row), cell, 30, fill);
                string text = double.IsNaN(value) ? "–" : value.ToString("F2", CultureInfo.InvariantCulture);
                picture.Text(
                    Margin + (cell * column) + (cell / 2.0),
                    head + (30 * row) + 20,
                    seen.Contains(sets[column]) ? $"{text} s" : text,
                    "middle",
                    ink);
            }
        }

        picture.Text(Margin, head + (30 * variants.Count) + 16, "s: seen in training (other images of the set)", size: 10);
        return picture.ToString();
    }

    /// <summary>The mean of several curves, up to the shortest.</summary>
    public static (double X, double Y)[] Line(
        CellCurve[] curves, Func<CellCurve, IReadOnlyList<long>> steps, Func<CellCurve, IReadOnlyList<double>> values)
    {
        int length = curves.Length == 0 ? 0 : curves.Min(curve => Math.Min(steps(curve).Count, values(curve).Count));
        return [.. Enumerable.Range(0, length).Select(index => (
            (double)steps(curves[0])[index],
            curves.Select(curve => values(curve)[index]).Where(double.IsFinite).DefaultIfEmpty(0).Average()))];
    }
}

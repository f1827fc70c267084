using System.Globalization;
using MadgNet.Core.Metrics;
using MadgNet.Reports.Charts;

namespace MadgNet.Reports.Pages;

/// <summary>The parts that pages on evaluations and on trainings have in common.</summary>
internal static class EvaluationSections
{
    private const int FewRows = 30;

    /// <summary>The statistics of every metric, a table for each label, and how the cases are distributed.</summary>
    public static void AddScores(ReportSection section, EvaluationReport report, BootstrapOptions bootstrap)
    {
        for (int label = 0; label < report.Labels.Count; label++)
        {
            section.AddTable(report.ToTable(label, bootstrap));
        }

        if (report.Labels.Count > 1)
        {
            section.AddTable(report.ToTable(null, bootstrap));
        }

        section.AddText(string.Create(
            CultureInfo.InvariantCulture,
            $"Intervals are of {bootstrap.Level:P0}, by {bootstrap.Resamples} resamples of {(bootstrap.ByGroup ? "groups" : "cases")}, seed "
                + $"{bootstrap.Seed}."));
        Metric metric = CasePictures.MetricOf(report);
        double[] values = [.. report.Cases.Select(result => report.Value(result, metric)).Where(double.IsFinite)];
        if (values.Length > 1)
        {
            section.AddChart(
                new HistogramChart(values)
                {
                    XLabel = metric.Name,
                    YLabel = "cases",
                    XRange = metric.IsLowerBetter || values.Min() < 0 || values.Max() > 1 ? null : (0, 1),
                },
                $"How the {metric} of the {values.Length} cases is distributed.");
        }
    }

    /// <summary>Pictures, and a table with every case.</summary>
    public static void AddCases(ReportSection section, EvaluationReport report, IReadOnlyList<CasePicture> pictures)
    {
        foreach (IGrouping<string, CasePicture> group in pictures.GroupBy(picture => picture.Place))
        {
            section.AddHeading($"{char.ToUpperInvariant(group.Key[0])}{group.Key[1..]} cases");
            section.AddPictures(group.Select(picture => (picture.Picture, picture.Caption)));
        }

        ReportTable cases = report.ToCaseTable();
        section.AddTable(cases, folded: cases.Rows.Count > FewRows);
        ReportTable undefined = report.ToUndefinedTable();
        if (undefined.Rows.Count > 0)
        {
            section.AddTable(undefined, folded: undefined.Rows.Count > FewRows);
        }
    }

    /// <summary>How the threshold changes the score, and whether probabilities are what they say. Nothing where neither is known.</summary>
    public static void AddCurves(HtmlReport page, EvaluationReport report, EvaluationCurves? curves)
    {
        bool measured = curves is { Cases: > 0 };
        if (!measured && report.Totals.All(total => total.FMeasureCurve is null))
        {
            return;
        }

        ReportSection section = page.Add("Threshold and calibration");
        if (!measured)
        {
            var chart = new LineChart { XLabel = "threshold", YLabel = "F measure (β² = 0.3)" };
            double[] levels = [.. Enumerable.Range(0, 256).Select(step => (255 - step) / 255.0)];
            for (int label = 0; label < report.Labels.Count; label++)
            {
                if (report.Totals[label].FMeasureCurve is { } curve)
                {
                    chart.Add(report.Labels[label], levels, curve);
                }
            }

            section.AddChart(chart, "The mean F measure of the cases at 256 thresholds.");
            return;
        }

        var dice = new LineChart { XLabel = "threshold", YLabel = "mean Dice" };
        for (int label = 0; label < curves!.Dice.Count; label++)
        {
            dice.Add(NameOf(report, label), curves.Thresholds, curves.Dice[label]);
        }

        IReadOnlyList<double> used = CasePictures.Threshold(report);
        if (used.Count == 1)
        {
            dice.Mark(used[0], string.Create(CultureInfo.InvariantCulture, $"used: {used[0]:0.####}"));
        }

        section.AddChart(dice, $"The mean Dice of the {curves.Cases} cases at each threshold. Choose a threshold on validation data only.");
        var reliability = new LineChart
        {
            XLabel = "mean probability of the pixels in a bin",
            YLabel = "share of them that is foreground",
            YRange = (0, 1),
            Diagonal = true,
        };
        for (int label = 0; label < curves.Calibration.Count; label++)
        {
            var bins = Enumerable.Range(0, curves.Calibration[label].Bins)
                .Select(bin => curves.Calibration[label].Bin(bin))
                .Where(bin => bin.Pixels > 0)
                .ToList();
            reliability.Add(
                NameOf(report, label), [.. bins.Select(bin => bin.MeanProbability)], [.. bins.Select(bin => bin.ForegroundShare)]);
        }

        section.AddChart(
            reliability,
            "Calibration over all pixels: on the diagonal, probabilities are frequencies; below it, the network is too sure of "
                + "foreground.");
        var errors = new ReportTable(
            "Calibration errors over all pixels",
            ReportColumn.Text("label"),
            ReportColumn.Number("expected calibration error"),
            ReportColumn.Number("Brier score"));
        for (int label = 0; label < curves.Calibration.Count; label++)
        {
            errors.Add(
                NameOf(report, label),
                ReportCell.Number(curves.Calibration[label].ExpectedCalibrationError),
                ReportCell.Number(curves.Calibration[label].BrierScore));
        }

        section.AddTable(errors);
    }

    public static IEnumerable<(string Name, string Value)> Facts(EvaluationReport report)
    {
        EvaluationSettings settings = report.Settings;
        yield return ("Set", settings.SetName);
        if (settings.ModelName is not null)
        {
            yield return ("Model", settings.ModelName);
        }

        yield return ("Cases", report.Cases.Count.ToString(CultureInfo.InvariantCulture));
        yield return ("Labels", string.Join(", ", report.Labels));
        yield return ("Profile", settings.Metrics.Profile.ToString());
        yield return ("Resolution", settings.Resolution);
        yield return (
            "Threshold",
            string.Join(", ", CasePictures.Threshold(report).Select(value => value.ToString("0.####", CultureInfo.InvariantCulture)))
                + (settings.ThresholdSource is { } source ? $", chosen on {source}" : ""));
        yield return (
            "Pixel size",
            string.Create(CultureInfo.InvariantCulture, $"{settings.Metrics.Spacing.Row} × {settings.Metrics.Spacing.Column} (row × column)"));
        if (settings.Metrics.StretchMaps)
        {
            yield return ("Maps", "stretched to their own minimum and maximum");
        }

        if (settings.EmptyTruths != EmptyTruths.Scored)
        {
            yield return (
                "Empty truths",
                settings.EmptyTruths == EmptyTruths.LeftOut
                    ? "left out of means"
                    : "left out of means where the prediction is empty as well");
        }

        if (settings.SurfaceTolerances is { } tolerances)
        {
            yield return (
                "Surface tolerances",
                string.Join(", ", tolerances.Select(value => value.ToString("0.####", CultureInfo.InvariantCulture))));
        }

        yield return ("Library", $"MadgNet.Core {settings.LibraryVersion}");
    }

    private static string NameOf(EvaluationReport report, int label) => label < report.Labels.Count ? report.Labels[label] : $"label {label}";
}

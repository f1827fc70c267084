using MadgNet.Core.Metrics;

namespace MadgNet.Reports.Pages;

/// <summary>The page of one evaluation: every metric with its interval, best, median and worst cases, threshold and calibration.</summary>
public static class EvaluationPage
{
    /// <summary>Makes the page.</summary>
    /// <param name="report">The evaluation.</param>
    /// <param name="curves">What was seen of the maps while they were evaluated; null where only the report is left.</param>
    /// <param name="pictures">Pictures of cases, from <see cref="CasePictures"/>; null for none.</param>
    /// <param name="bootstrap">How to draw the confidence intervals; the defaults when null.</param>
    /// <returns>The page.</returns>
    /// <exception cref="InvalidOptionsException">The bootstrap's options have problems.</exception>
    public static HtmlReport Create(
        EvaluationReport report,
        EvaluationCurves? curves = null,
        IReadOnlyList<CasePicture>? pictures = null,
        BootstrapOptions? bootstrap = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        var page = new HtmlReport($"Evaluation on {report.Settings.SetName}", report.Settings.ModelName);
        page.Add("Summary").AddFacts(EvaluationSections.Facts(report));
        EvaluationSections.AddScores(page.Add("Scores"), report, bootstrap ?? new BootstrapOptions());
        EvaluationSections.AddCases(page.Add("Cases"), report, pictures ?? []);
        EvaluationSections.AddCurves(page, report, curves);
        return page;
    }
}

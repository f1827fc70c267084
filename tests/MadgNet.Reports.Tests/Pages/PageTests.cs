using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Reports.Pages;
using MadgNet.Reports.Tests.Support;

namespace MadgNet.Reports.Tests.Pages;

public sealed class PageTests
{
    [Fact]
    public void A_training_page_holds_curves_scores_cases_data_settings_warnings_and_machines()
    {
        using var folder = new TemporaryFolder();
        HtmlReport page = TestPages.Training(folder.Root);
        Assert.Equal(
            [
                "Summary", "Curves", "Scores", "Cases", "Threshold and calibration", "Data and split", "Settings", "Warnings",
                "Environment",
            ],
            page.Sections.Select(section => section.Title));
        string html = page.ToHtml();
        Assert.All(
            ["training loss", "learning rate", "Best cases", "Median cases", "Worst cases", "Brier score", "DeadAttention", "0.1.0"],
            text => Assert.Contains(text, html, StringComparison.Ordinal));
        Assert.Equal(9, html.Split("data:image/png;base64,").Length - 1);
        Assert.DoesNotContain("<img src=x", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_history_or_validation_says_so()
    {
        using var folder = new TemporaryFolder();
        RunFolders.Manifest().Save(folder.File("manifest.json"));
        string html = TrainingPage.Create(folder.Root).ToHtml();
        Assert.Contains("no history of epochs", html, StringComparison.Ordinal);
        Assert.Contains("no evaluation of the best epoch", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_no_run_is_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<TrainingException>(() => TrainingPage.Create(folder.Root));
    }

    [Fact]
    public void A_damaged_history_is_refused_with_its_line()
    {
        using var folder = new TemporaryFolder();
        RunFolders.Manifest().Save(folder.File("manifest.json"));
        folder.Write("epochs.csv", "epoch,loss\n1,2\n2\n"u8);
        var refused = Assert.Throws<ReportException>(() => TrainingPage.Create(folder.Root));
        Assert.Contains("epochs.csv, line 3", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_curves_are_those_of_a_sweep_over_all_cases()
    {
        var curves = new EvaluationCurves();
        Evaluations.Make(0.9, curves);
        ThresholdSweep sweep = ThresholdSweep.Run("all", Evaluations.Cases(0.9));
        Assert.Equal(12, curves.Cases);
        Assert.Equal(sweep.Thresholds, curves.Thresholds);
        for (int step = 0; step < sweep.Thresholds.Count; step++)
        {
            Assert.Equal(sweep.Scores[0][step], curves.Dice[0][step], 1e-12);
        }

        Assert.Equal(12 * 24 * 24, Enumerable.Range(0, curves.Calibration[0].Bins).Sum(bin => curves.Calibration[0].Bin(bin).Pixels));
    }

    [Fact]
    public void The_worst_case_is_shown_as_worst_and_the_best_as_best()
    {
        EvaluationReport report = Evaluations.Make(0.9);
        var chosen = CasePictures.Choose(report, each: 1);
        Assert.Equal(["best", "median", "worst"], chosen.Select(entry => entry.Place));
        Assert.Equal(report.Cases.Max(result => result.Value(Metric.Dice)), chosen[0].Case.Value(Metric.Dice));
        Assert.Equal(report.Cases.Min(result => result.Value(Metric.Dice)), chosen[2].Case.Value(Metric.Dice));
    }

    [Fact]
    public void A_large_case_is_drawn_small_with_truth_in_green_and_prediction_in_pink()
    {
        var image = new FloatImage(1, 1000, 600);
        var left = new FloatImage(1, 1000, 600);
        var right = new FloatImage(1, 1000, 600);
        for (int y = 200; y < 800; y++)
        {
            left.Row(0, y)[100..200].Fill(1);
            right.Row(0, y)[400..500].Fill(1);
        }

        PixelImage picture = CasePictures.Draw(new CaseMaps(image, right, [left]), [0.5]);
        Assert.Equal((288, 480), (picture.Width, picture.Height));
        Assert.True(picture[48, 240, 1] > picture[48, 240, 0], "green at the truth's border");
        Assert.True(picture[192, 240, 0] > picture[192, 240, 1], "pink at the prediction's border");
    }

    [Fact]
    public void A_comparison_shows_every_case_and_bounds_small_p_values()
    {
        string html = TestPages.Comparison().ToHtml();
        Assert.Contains("B against", html, StringComparison.Ordinal);
        Assert.Contains("Wilcoxon p (Holm)", html, StringComparison.Ordinal);
        Assert.Contains("&lt; 0.0001", html, StringComparison.Ordinal);
        Assert.Contains("2 comparisons were made", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_studys_page_holds_scores_differences_noise_sets_curves_cost_and_failures()
    {
        HtmlReport page = TestPages.Study("scales");
        Assert.Equal(
            [
                "Summary", "Scores", "Differences", "How much is noise", "Set by set", "Curves", "Cost", "Cells that failed",
                "How to read this",
            ],
            page.Sections.Select(section => section.Title));
        string html = page.ToHtml();
        Assert.All(
            ["Told from noise in Dice", "scales B is better by", "Not run yet", "A star marks", "&lt; 0.0001"],
            text => Assert.Contains(text, html, StringComparison.Ordinal));
    }

    [Fact]
    public void Runs_of_the_same_name_are_not_compared()
    {
        EvaluationReport report = Evaluations.Make(0.5);
        Assert.Throws<ReportException>(() => ComparisonPage.Create([("a", report), ("a", report)]));
        Assert.Throws<ReportException>(() => ComparisonPage.Create([("a", report)]));
    }

    [Fact]
    public void The_doctors_page_shows_the_images_behind_a_finding()
    {
        string html = TestPages.Doctor().ToHtml();
        Assert.Contains("Empty mask", html, StringComparison.Ordinal);
        Assert.Contains("images behind these findings", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_doctors_page_of_a_healthy_set_says_that_nothing_was_found()
    {
        CaseMaps maps = Evaluations.Maps(1, 0);
        IDataset healthy = new InMemoryDataset([new Sample("a", maps.Image, maps.Truth)]);
        DoctorReport report = DatasetDoctor.ExamineSplits([("train", healthy)], new DoctorOptions { NearDuplicates = false });
        Assert.Contains(
            report.Findings.Count == 0 ? "Nothing was found." : "findings", DoctorPage.Create(report).ToHtml(), StringComparison.Ordinal);
    }
}

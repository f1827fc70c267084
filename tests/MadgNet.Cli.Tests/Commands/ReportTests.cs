using MadgNet.Cli.Tests.Support;

namespace MadgNet.Cli.Tests.Commands;

public sealed class ReportTests(Tool tool)
{
    private TrainedRun Run => tool.Trained;

    [Fact]
    public void A_run_becomes_a_page_with_pictures_of_its_validation_cases()
    {
        using var workspace = new Workspace();
        string page = workspace.At("pages", "run.html");
        tool.Run("report", Run.Folder, "--images", Run.Images, "--masks", Run.Masks, "--output", page).Expect(0);
        string html = File.ReadAllText(page);
        Assert.All(
            ["training loss", "Calibration", "data:image/png;base64,", "Truth in green", "madgnet train", "Environment"],
            text => Assert.Contains(text, html, StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_alone_has_scores_and_curves_and_no_pictures()
    {
        using var workspace = new Workspace();
        string page = workspace.At("run.html");
        Assert.Equal(page, tool.Run("report", Run.Folder, "-o", page, "--json").Expect(0).Result.GetProperty("report").GetString());
        string html = File.ReadAllText(page);
        Assert.Contains("IntersectionOverUnion", html, StringComparison.Ordinal);
        Assert.DoesNotContain("data:image/png;base64,", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluations_become_pages_and_a_report_is_never_written_over()
    {
        using var workspace = new Workspace();
        string report = workspace.At("a.json");
        Evaluate(report);
        tool.Run("report", report, "-o", workspace.At("a.html")).Expect(0);
        Assert.Contains("Evaluation on masks", File.ReadAllText(workspace.At("a.html")), StringComparison.Ordinal);
        tool.Run("report", report, "-o", report).Expect(1);
        Assert.StartsWith("{", File.ReadAllText(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_that_is_not_there_is_a_mistake_of_the_command_line()
    {
        using var workspace = new Workspace();
        ToolResult result = tool.Run("report", workspace.At("missing"), "-o", workspace.At("a.html"), "--json").Expect(2);
        Assert.Contains("where there is nothing", Assert.Single(result.Errors), StringComparison.Ordinal);
        Assert.False(File.Exists(workspace.At("a.html")));
    }

    [Fact]
    public void A_training_writes_its_page_when_it_is_asked_to()
    {
        using var workspace = new Workspace();
        tool.Run(
            "train", "--images", Run.Images, "--masks", Run.Masks, "--output", workspace.At("run"), "--model", "unet", "--epochs", "1",
            "--batch", "2", "--size", "32", "--report", "--quiet").Expect(0);
        Assert.Contains("Truth in green", File.ReadAllText(workspace.At("run", "report.html")), StringComparison.Ordinal);
    }

    private void Evaluate(string report) =>
        tool.Run("evaluate", "--predictions", Run.Masks, "--masks", Run.Masks, "--output", report, "--quiet").Expect(0);
}

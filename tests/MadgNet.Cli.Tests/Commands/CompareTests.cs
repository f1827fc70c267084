using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;

namespace MadgNet.Cli.Tests.Commands;

public sealed class CompareTests(Tool tool)
{
    [Fact]
    public void Two_evaluations_are_compared_case_by_case_in_text_json_csv_latex_and_a_page()
    {
        using var workspace = new Workspace();
        (string first, string second) = Reports(workspace);
        ToolResult result = tool.Run(
            "compare", first, second, "--names", "A,B", "--metrics", "dice,HD95", "--csv", workspace.At("c.csv"), "--latex",
            workspace.At("c.tex"), "--output", workspace.At("c.html"), "--json").Expect(0);
        PairedComparison expected = PairedComparison.Compare(
            EvaluationReport.LoadJson(first), EvaluationReport.LoadJson(second), [Metric.Dice, Metric.HausdorffDistance95]);
        var comparison = result.Result.GetProperty("comparisons")[0];
        Assert.Equal("A", comparison.GetProperty("first").GetString());
        Assert.Equal(["Dice", "HausdorffDistance95"], comparison.GetProperty("metrics").EnumerateArray()
            .Select(row => row.GetProperty("metric").GetString()!));
        Assert.Equal(
            expected.Metrics[0].MeanDifference, comparison.GetProperty("metrics")[0].GetProperty("difference").GetDouble(), 1e-12);
        Assert.Equal(
            expected.Metrics[0].WilcoxonPValue, comparison.GetProperty("metrics")[0].GetProperty("wilcoxonP").GetDouble(), 1e-12);
        Assert.StartsWith("metric,A,B,difference,", File.ReadAllText(workspace.At("c.csv")), StringComparison.Ordinal);
        Assert.Contains("$<$ 0.0001", File.ReadAllText(workspace.At("c.tex")), StringComparison.Ordinal);
        Assert.Contains("B against A", File.ReadAllText(workspace.At("c.html")), StringComparison.Ordinal);

        ToolResult text = tool.Run("compare", first, second, "--metrics", "Dice").Expect(0);
        Assert.Contains("< 0.0001", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_are_told_and_nothing_is_written()
    {
        using var workspace = new Workspace();
        (string first, string second) = Reports(workspace);
        tool.Run("compare", first, second, "--metrics", "Beauty").Expect(2);
        tool.Run("compare", first, second, "--names", "A").Expect(2);
        tool.Run("compare", first, second, "--names", "A,A").Expect(2);
        tool.Run("compare", first, second, "--label", "liver").Expect(2);
        tool.Run("compare", first).Expect(2);
        tool.Run("compare", first, second, "--output", first).Expect(1);
        Assert.StartsWith("{", File.ReadAllText(first), StringComparison.Ordinal);
    }

    [Fact]
    public void An_evaluation_takes_spacing_patients_label_images_and_writes_tables()
    {
        using var workspace = new Workspace();
        for (int i = 0; i < 4; i++)
        {
            // Truth: cup 1 within disc 2 as a label image, the prediction one column to the right.
            Write(workspace.At("truth", $"p{i / 2}_{i}.png"), 4);
            Write(workspace.At("predicted", $"p{i / 2}_{i}.png"), 5);
        }

        ToolResult result = tool.Run(
            "evaluate", "--predictions", workspace.At("predicted"), "--masks", workspace.At("truth"), "--label-names", "cup,disc",
            "--label-values", "1,1+2", "--prediction-label-values", "1,1+2", "--spacing", "1,0.5", "--group", "^(p\\d)_",
            "--csv", workspace.At("e.csv"), "--latex", workspace.At("e.tex"), "--output", workspace.At("e.json"), "--json").Expect(0);
        Assert.Equal(4, result.Result.GetProperty("cases").GetInt32());
        EvaluationReport report = EvaluationReport.LoadJson(workspace.At("e.json"));
        Assert.Equal(["p0", "p0", "p1", "p1"], report.Cases.Select(found => found.Group!));

        // One column of half a millimetre.
        Assert.Equal(0.5, report.Summarize(Metric.HausdorffDistance, 1).Mean, 1e-9);
        Assert.Equal(1 + (4 * 2), File.ReadAllLines(workspace.At("e.csv")).Length);
        Assert.Contains("\\toprule", File.ReadAllText(workspace.At("e.tex")), StringComparison.Ordinal);

        tool.Run(
            "evaluate", "--predictions", workspace.At("predicted"), "--masks", workspace.At("truth"), "--label-names", "cup,disc",
            "--label-values", "1,1+2", "--prediction-label-values", "1,1+2", "--group", "p\\d").Expect(2);
        tool.Run(
            "evaluate", "--predictions", workspace.At("predicted"), "--masks", workspace.At("truth"), "--spacing", "0").Expect(2);
    }

    /// <summary>Two reports on 20 cases of 16×16: squares that are found by half, and wholly.</summary>
    private (string First, string Second) Reports(Workspace workspace)
    {
        foreach (string folder in new[] { "truth", "half", "whole" })
        {
            Directory.CreateDirectory(workspace.At(folder));
            for (int i = 0; i < 20; i++)
            {
                var mask = new byte[256];
                for (int y = 4; y < 12; y++)
                {
                    mask.AsSpan((y * 16) + 2, folder == "half" ? 3 + (i % 4) : 10).Fill(255);
                }

                ImageWriter.Write(new PixelImage(16, 16, 1, mask), workspace.At(folder, $"{i:00}.png"));
            }
        }

        foreach (string folder in new[] { "half", "whole" })
        {
            tool.Run(
                "evaluate", "--predictions", workspace.At(folder), "--masks", workspace.At("truth"), "--output",
                workspace.At($"{folder}.json"), "--quiet").Expect(0);
        }

        return (workspace.At("half.json"), workspace.At("whole.json"));
    }

    private static void Write(string path, int left)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var values = new byte[256];
        for (int y = 4; y < 12; y++)
        {
            values.AsSpan((y * 16) + left, 6).Fill(2);
            values.AsSpan((y * 16) + left + 2, 2).Fill(1);
        }

        ImageWriter.Write(new PixelImage(16, 16, 1, values), path);
    }
}

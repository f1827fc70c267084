using System.Text.Json;
using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;

namespace MadgNet.Cli.Tests.Commands;

/// <summary>The choices of an evaluation that other packages make differently.</summary>
public sealed class MeasuringTests(Tool tool)
{
    [Fact]
    public void An_evaluation_takes_the_choices_of_other_packages()
    {
        using var workspace = new Workspace();

        // Two images of two labels: a is found one column to the right in the first, and is not there in the second.
        foreach ((string folder, int left) in new[] { ("truth", 4), ("predicted", 5) })
        {
            Write(workspace.At(folder, "0.png"), left, 2);
            Write(workspace.At(folder, "1.png"), left, folder == "truth" ? (byte)1 : (byte)2);
        }

        string[] common =
        [
            "evaluate", "--predictions", workspace.At("predicted"), "--masks", workspace.At("truth"), "--label-names", "a,b",
            "--label-values", "2,1",
        ];
        ToolResult result = tool.Run(
            [
                .. common, "--empty-truths", "left-out", "--surface-tolerance", "0,1", "--hausdorff-percentiles", "50,99", "--stretch",
                "--over-thresholds", "--output", workspace.At("e.json"), "--json",
            ]).Expect(0);
        EvaluationReport report = EvaluationReport.LoadJson(workspace.At("e.json"));
        Assert.Equal(EmptyTruths.LeftOut, report.Settings.EmptyTruths);
        Assert.Equal([0, 1], report.Settings.SurfaceTolerances!);
        Assert.Equal([50, 99], report.Settings.Metrics.HausdorffPercentiles);
        Assert.True(report.Settings.Metrics.StretchMaps);
        Assert.Contains(Metric.DiceOverThresholds, report.Metrics);
        JsonElement dice = result.Result.GetProperty("metrics")[0];
        Assert.Equal(
            ("a", 1, 1),
            (dice.GetProperty("label").GetString(), dice.GetProperty("count").GetInt32(), dice.GetProperty("leftOut").GetInt32()));

        // Scored, the label that is not there but was predicted counts with 0.
        tool.Run([.. common, "--output", workspace.At("scored.json")]).Expect(0);
        EvaluationReport scored = EvaluationReport.LoadJson(workspace.At("scored.json"));
        Assert.Equal(report.Summarize(Metric.Dice, 0).Mean / 2, scored.Summarize(Metric.Dice, 0).Mean, 1e-12);
    }

    [Theory]
    [InlineData("--surface-tolerance", "-1")]
    [InlineData("--surface-tolerance", "1,2")]
    [InlineData("--hausdorff-percentiles", "101")]
    [InlineData("--hausdorff-percentiles", "a")]
    [InlineData("--empty-truths", "ignored")]
    [InlineData("--stretch", "--profile", "official")]
    [InlineData("--over-thresholds", "--profile", "official")]
    public void Choices_that_cannot_be_are_refused_by_the_name_of_their_option(params string[] choice)
    {
        using var workspace = new Workspace();
        Write(workspace.At("truth", "0.png"), 4, 255);
        ToolResult result = tool.Run(
            ["evaluate", "--predictions", workspace.At("truth"), "--masks", workspace.At("truth"), .. choice]).Expect(2);
        Assert.Contains(choice[0], result.Error, StringComparison.Ordinal);
    }

    private static void Write(string path, int left, byte value)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var values = new byte[256];
        for (int y = 4; y < 12; y++)
        {
            values.AsSpan((y * 16) + left, 4).Fill(value);
        }

        ImageWriter.Write(new PixelImage(16, 16, 1, values), path);
    }
}

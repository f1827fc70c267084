using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;

namespace MadgNet.Cli.Tests.Commands;

public sealed class EvaluateTests(Tool tool)
{
    private TrainedRun Run => tool.Trained;

    [Fact]
    public void A_network_and_its_predictions_are_measured_alike()
    {
        using var workspace = new Workspace();
        string ofNetwork = workspace.At("reports", "network.json");
        ToolResult result = tool.Run(
            "evaluate",
            "--weights",
            Run.Weights,
            "--images",
            Run.Images,
            "--masks",
            Run.Masks,
            "--size",
            "native",
            "--output",
            ofNetwork,
            "--json")
            .Expect(0);
        Assert.Equal(4, result.Result.GetProperty("cases").GetInt32());
        Assert.Equal("Standard", result.Result.GetProperty("profile").GetString());

        string predictions = workspace.At("predictions");
        tool.Run(
            "predict",
            "-w",
            Run.Weights,
            "-i",
            Run.Images,
            "-o",
            predictions,
            "--size",
            "native",
            "--probabilities",
            "--overlay",
            "--quiet")
            .Expect(0);
        string ofPredictions = workspace.At("reports", "predictions.json");
        tool.Run("evaluate", "--predictions", predictions, "--masks", Run.Masks, "--output", ofPredictions).Expect(0);

        EvaluationReport network = EvaluationReport.LoadJson(ofNetwork);
        EvaluationReport files = EvaluationReport.LoadJson(ofPredictions);
        Assert.Equal(4, network.Cases.Count);
        foreach (Metric metric in network.Metrics)
        {
            Assert.Equal(
                [.. network.Cases.Select(result => result.Value(metric))], [.. files.Cases.Select(result => result.Value(metric))]);
        }

        // Masks alone are predictions of certainty: the same overlap.
        foreach (string values in Directory.GetFiles(predictions, "*.npy"))
        {
            File.Delete(values);
        }

        string ofMasks = workspace.At("reports", "masks.json");
        tool.Run("evaluate", "--predictions", predictions, "--masks", Run.Masks, "--output", ofMasks).Expect(0);
        Assert.Equal(network.Summarize(Metric.Dice).Mean, EvaluationReport.LoadJson(ofMasks).Summarize(Metric.Dice).Mean);
    }

    [Fact]
    public void The_official_profile_compares_at_the_networks_size()
    {
        using var workspace = new Workspace();
        string report = workspace.At("report.json");
        tool.Run(
            "evaluate",
            "--weights",
            Run.Weights,
            "--images",
            Run.Images,
            "--masks",
            Run.Masks,
            "--size",
            "64",
            "--profile",
            "official",
            "--output",
            report)
            .Expect(0);
        EvaluationReport official = EvaluationReport.LoadJson(report);
        Assert.Equal(MetricProfile.MadgNetOfficial, official.Settings.Metrics.Profile);
        Assert.All(official.Cases, result => Assert.Equal((64, 64), (result.Height, result.Width)));
    }

    [Fact]
    public void Perfect_masks_of_two_labels_are_1()
    {
        using var workspace = new Workspace();
        foreach (string label in new[] { "cup", "disc" })
        {
            Directory.CreateDirectory(workspace.At("truth", label));
            Directory.CreateDirectory(workspace.At("predicted"));
            foreach (string stem in new[] { "a", "b" })
            {
                PixelImage mask = Square(label == "cup" ? 4 : 9);
                ImageWriter.Write(mask, workspace.At("truth", label, stem + ".png"));
                ImageWriter.Write(mask, workspace.At("predicted", $"{stem}_{label}.png"));
            }
        }

        ToolResult result = tool.Run(
            "evaluate", "--predictions", workspace.At("predicted"), "--masks", workspace.At("truth"), "--label-names", "cup,disc", "--json")
            .Expect(0);
        Assert.Equal(2, result.Result.GetProperty("cases").GetInt32());
        Assert.Equal([("cup", 1.0), ("disc", 1.0)], result.Result.GetProperty("metrics").EnumerateArray()
            .Where(metric => metric.GetProperty("metric").GetString() == "Dice")
            .Select(metric => (metric.GetProperty("label").GetString()!, metric.GetProperty("mean").GetDouble())));
    }

    [Fact]
    public void A_case_that_cannot_be_read_is_left_out_told_and_1()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 3);
        string broken = Directory.GetFiles(Path.Combine(data, "images")).Order(StringComparer.Ordinal).First();
        File.WriteAllText(broken, "no image");
        ToolResult result = tool.Run(
            "evaluate",
            "--weights",
            Run.Weights,
            "--images",
            Path.Combine(data, "images"),
            "--masks",
            Path.Combine(data, "masks"),
            "--size",
            "64",
            "--json")
            .Expect(1);
        Assert.Equal(2, result.Result.GetProperty("cases").GetInt32());
        Assert.Contains(Path.GetFileName(broken), Assert.Single(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_without_a_partner_are_refused_unless_they_are_left_out()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 2);
        string lost = Directory.GetFiles(Path.Combine(data, "masks")).Order(StringComparer.Ordinal).First();
        string masks = workspace.At("masks");
        Directory.CreateDirectory(masks);
        File.Move(lost, Path.Combine(masks, Path.GetFileName(lost)));
        string[] line = ["evaluate", "--predictions", masks, "--masks", Run.Masks];
        Assert.Contains("a truth without a prediction", tool.Run(line).Expect(1).Error, StringComparison.Ordinal);
        Assert.Equal(1, tool.Run([.. line, "--skip-unpaired", "--json"]).Expect(0).Result.GetProperty("cases").GetInt32());
    }

    private static PixelImage Square(int side)
    {
        var samples = new byte[16 * 16];
        for (int y = 2; y < 2 + side; y++)
        {
            samples.AsSpan((y * 16) + 2, side).Fill(byte.MaxValue);
        }

        return new PixelImage(16, 16, 1, samples);
    }
}

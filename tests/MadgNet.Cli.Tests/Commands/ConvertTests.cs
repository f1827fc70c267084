using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;

namespace MadgNet.Cli.Tests.Commands;

public sealed class ConvertTests(Tool tool)
{
    [Theory]
    [InlineData("coco", "a.json")]
    [InlineData("coco-runs", "a.json")]
    [InlineData("coco-polygons", "a.json")]
    [InlineData("qupath", "geojson")]
    public void Masks_come_back_as_they_were(string format, string name)
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 3);
        (string images, string masks, string converted) = (Path.Combine(data, "images"), Path.Combine(data, "masks"), workspace.At(name));
        ToolResult there = tool.Run(
            "convert", "--images", images, "--masks", masks, "--to", format, "--output", converted, "--json").Expect(0);
        Assert.True(there.Result.GetProperty("objects").GetInt32() > 3, "nuclei are many");
        tool.Run("convert", "--images", images, "--masks", converted, "--to", "masks", "--output", workspace.At("back")).Expect(0);
        foreach (string mask in Directory.GetFiles(masks))
        {
            string back = Directory.GetFiles(workspace.At("back"), Path.GetFileNameWithoutExtension(mask) + "*").Single();
            Assert.Equal(
                [.. new ImageReader().Read(mask).ToGray().Bytes.ToArray().Select(value => value >= 128)],
                [.. new ImageReader().Read(back).Bytes.ToArray().Select(value => value >= 128)]);
        }

        // A second time nothing is replaced unless that is said.
        tool.Run("convert", "--images", images, "--masks", masks, "--to", format, "--output", converted).Expect(1);
        tool.Run("convert", "--images", images, "--masks", masks, "--to", format, "--output", converted, "--overwrite").Expect(0);
    }

    [Fact]
    public void Annotations_train_evaluate_and_are_examined_like_masks()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 4);
        (string images, string masks) = (Path.Combine(data, "images"), Path.Combine(data, "masks"));
        string coco = workspace.At("coco.json");
        tool.Run("convert", "--images", images, "--masks", masks, "--to", "coco", "--output", coco, "--quiet").Expect(0);
        tool.Run(
            "evaluate", "--weights", tool.Trained.Weights, "--images", images, "--masks", coco, "--size", "64", "--output",
            workspace.At("annotations.json"), "--quiet").Expect(0);
        tool.Run(
            "evaluate", "--weights", tool.Trained.Weights, "--images", images, "--masks", masks, "--size", "64", "--output",
            workspace.At("masks.json"), "--quiet").Expect(0);
        Assert.Equal(Truths(workspace.At("masks.json")), Truths(workspace.At("annotations.json")));

        ToolResult doctor = tool.Run(
            "doctor", "--images", images, "--masks", coco, "--output", workspace.At("doctor.html"), "--json");
        Assert.Equal(4, doctor.Result.GetProperty("sets")[0].GetProperty("readable").GetInt32());
        Assert.Contains("Examination of a dataset", File.ReadAllText(workspace.At("doctor.html")), StringComparison.Ordinal);
        tool.Run(
            "train", "--images", images, "--masks", coco, "--output", workspace.At("run"), "--model", "unet", "--epochs", "1", "--batch",
            "2", "--size", "32", "--quiet").Expect(0);
    }

    /// <summary>How many pixels of each case are foreground in truth: what a network makes of it may differ in its last digits.</summary>
    private static (string, long)[] Truths(string report) => [.. EvaluationReport.LoadJson(report).Cases
        .Select(found => (found.Name, found.Labels[0].Counts.TruePositives + found.Labels[0].Counts.FalseNegatives))];

    [Fact]
    public void A_broken_file_is_told_and_nothing_is_written()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 1);
        File.WriteAllText(workspace.At("broken.json"), "{\"images\":1}");
        ToolResult result = tool.Run(
            "convert", "--images", Path.Combine(data, "images"), "--masks", workspace.At("broken.json"), "--to", "masks", "--output",
            workspace.At("out"), "--json").Expect(1);
        Assert.Contains("broken.json", Assert.Single(result.Errors), StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.At("out")));
    }
}

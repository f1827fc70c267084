using MadgNet.Cli.Tests.Support;
using MadgNet.Core.Imaging;

namespace MadgNet.Cli.Tests.Commands;

/// <summary>What the tool says of masks that are not of two values, and how it is told what they mean.</summary>
public sealed class MaskOptionsTests(Tool tool)
{
    [Fact]
    public void Undeclared_values_are_refused_before_training_and_found_by_the_doctor()
    {
        using var workspace = new Workspace();
        (string images, string masks) = Write(workspace, x => (byte)(x / 16));
        string run = workspace.At("run");
        ToolResult training = tool.Run("train", "--images", images, "--masks", masks, "--output", run, "--epochs", "1").Expect(1);
        Assert.Contains("0, 1, 2", training.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run), "nothing is written");
        ToolResult doctor = tool.Run("doctor", "--images", images, "--masks", masks, "--no-duplicates", "--json").Expect(1);
        Assert.Contains("UnknownLabelValue", doctor.Output, StringComparison.Ordinal);
        tool.Run("doctor", "--images", images, "--masks", masks, "--no-duplicates", "--mask-reading", "nonzero").Expect(0);
        tool.Run("doctor", "--images", images, "--masks", masks, "--no-duplicates", "--ignore-values", "2").Expect(0);
        tool.Run("doctor", "--images", images, "--masks", masks, "--no-duplicates", "--label-values", "1,2").Expect(0);
    }

    [Fact]
    public void A_folder_compared_with_itself_scores_1_whatever_its_values()
    {
        using var workspace = new Workspace();
        (_, string masks) = Write(workspace, x => (byte)(x / 24));
        Assert.Equal(1, Dice(tool.Run("evaluate", "--predictions", masks, "--masks", masks, "--json").Expect(0)));
        (_, masks) = Write(workspace, x => (byte)(x / 16));
        Assert.Equal(
            1, Dice(tool.Run("evaluate", "--predictions", masks, "--masks", masks, "--label-values", "1,2", "--json").Expect(0)));
        Assert.Equal(
            1, Dice(tool.Run("evaluate", "--predictions", masks, "--masks", masks, "--mask-reading", "nonzero", "--json").Expect(0)));
    }

    [Theory]
    [InlineData("--mask-reading", "red")]
    [InlineData("--ignore-values", "red")]
    [InlineData("--ignore-values", "70000")]
    public void What_is_no_reading_and_no_value_is_refused(string option, string value)
    {
        using var workspace = new Workspace();
        (string images, string masks) = Write(workspace, x => (byte)(x / 24));
        ToolResult result = tool.Run("doctor", "--images", images, "--masks", masks, option, value).Expect(2);
        Assert.Contains(value, result.Error, StringComparison.Ordinal);
    }

    private static double Dice(ToolResult result) => result.Result.GetProperty("metrics")
        .EnumerateArray()
        .Where(metric => metric.GetProperty("metric").GetString() == "Dice")
        .Min(metric => metric.GetProperty("mean").GetDouble());

    private static (string Images, string Masks) Write(Workspace workspace, Func<int, byte> value)
    {
        (string images, string masks) = (workspace.At("images"), workspace.At("masks"));
        Directory.CreateDirectory(images);
        Directory.CreateDirectory(masks);
        for (int i = 0; i < 4; i++)
        {
            ImageWriter.Write(
                new PixelImage(48, 48, 1, [.. Enumerable.Range(0, 48 * 48).Select(j => (byte)((j * (i + 3)) + (j / 48)))]),
                Path.Combine(images, $"{i}.png"));
            ImageWriter.Write(
                new PixelImage(48, 48, 1, [.. Enumerable.Range(0, 48 * 48).Select(j => value(j % 48))]), Path.Combine(masks, $"{i}.png"));
        }

        return (images, masks);
    }
}

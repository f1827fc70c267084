using System.Diagnostics;
using MadgNet.Cli.Tests.Support;

namespace MadgNet.Cli.Tests.Commands;

/// <summary>Nothing of a user's is lost, and nothing that a user can name hangs or crashes the tool.</summary>
public sealed class FilesTests(Tool tool)
{
    public static TheoryData<string> Spellings => new("images", "images/../images", "link", "images/masks");

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Predictions_never_go_where_images_are_read(string output)
    {
        using var workspace = new Workspace();
        string images = Path.Combine(workspace.Pairs("data", 2), "images");
        Directory.CreateSymbolicLink(workspace.At("data", "link"), images);
        Dictionary<string, byte[]> before = Contents(images);
        ToolResult result = tool.Run(
            "predict", "-w", tool.Onnx, "-i", images, "-o", workspace.At("data", output), "--recursive", "--json").Expect(1);
        Assert.Contains("--input", Assert.Single(result.Errors), StringComparison.Ordinal);
        Assert.Equal(before, Contents(images));
    }

    [Fact]
    public void One_image_is_not_replaced_by_its_mask_nor_is_what_lies_beside_it()
    {
        using var workspace = new Workspace();
        string images = Path.Combine(workspace.Pairs("data", 2), "images");
        string[] files = [.. Directory.GetFiles(images).Order(StringComparer.Ordinal)];
        string other = Path.ChangeExtension(files[1], ".jpg");
        File.Copy(files[1], other);
        Dictionary<string, byte[]> before = Contents(images);
        tool.Run("predict", "-w", tool.Onnx, "-i", files[0], "-o", images).Expect(1);
        tool.Run("predict", "-w", tool.Onnx, "-i", other, "-o", images).Expect(1);
        Assert.Equal(before, Contents(images));
    }

    [Fact]
    public void Results_that_would_share_a_name_are_never_lost_silently()
    {
        using var workspace = new Workspace();
        string images = Path.Combine(workspace.Pairs("data", 1), "images");
        string first = Directory.GetFiles(images)[0];
        File.Copy(first, Path.Combine(images, "a.png"));
        File.Copy(first, Path.Combine(images, "a.overlay.png"));
        ToolResult result = tool.Run(
            "predict", "-w", tool.Onnx, "-i", images, "-o", workspace.At("masks"), "--overlay", "--json").Expect(1);
        Assert.Contains("a.overlay.png", Assert.Single(result.Errors), StringComparison.Ordinal);
        Assert.Equal(2, result.Result.GetProperty("files").GetArrayLength());
        Assert.Equal(4, Directory.GetFiles(workspace.At("masks")).Length);
    }

    [Fact]
    public void Weights_images_and_foreign_files_are_not_replaced_by_exports_and_reports()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 2);
        string images = Path.Combine(data, "images");
        string weights = workspace.At("best.safetensors");
        File.Copy(tool.Trained.Weights, weights);
        string image = Directory.GetFiles(images)[0];
        byte[] before = File.ReadAllBytes(image);
        tool.Run("export", "--weights", weights, "--output", weights).Expect(1);
        tool.Run("export", "--weights", weights, "--output", image).Expect(1);
        string[] evaluate = ["evaluate", "-w", tool.Onnx, "--images", images, "--masks", Path.Combine(data, "masks"), "-o"];
        tool.Run([.. evaluate, image]).Expect(1);
        tool.Run([.. evaluate, weights]).Expect(1);
        Assert.Equal(File.ReadAllBytes(tool.Trained.Weights), File.ReadAllBytes(weights));
        Assert.Equal(before, File.ReadAllBytes(image));
    }

    [Fact]
    public void A_pipe_a_device_and_a_folder_that_links_to_itself_do_not_hold_the_tool_up()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such files");
        using var workspace = new Workspace();
        string images = Path.Combine(workspace.Pairs("data", 2), "images");
        using (Process make = Process.Start("mkfifo", [Path.Combine(images, "pipe.png")]))
        {
            make.WaitForExit();
        }

        File.CreateSymbolicLink(Path.Combine(images, "zero.png"), "/dev/zero");
        Directory.CreateSymbolicLink(Path.Combine(images, "self"), images);
        ToolResult result = tool.Run(
            "predict", "-w", tool.Onnx, "-i", images, "-o", workspace.At("masks"), "--recursive", "--json").Expect(1);
        Assert.Equal(2, result.Result.GetProperty("files").GetArrayLength());
        Assert.Equal(2, result.Errors.Count);
    }

    [Theory]
    [InlineData("predict", "-w", "w", "-i", "i", "-o", "o", "--tta", "--json")]
    [InlineData("predict", "-w", "w", "-i", "i", "-o", "--overlay")]
    [InlineData("predict", "-w", "", "-i", "i", "-o", "o")]
    [InlineData("predict", "-w", "w", "-i", "", "-o", "o")]
    [InlineData("predict", "-w", "w", "-i", "i", "-o", "")]
    [InlineData("train", "--images", "i", "--masks", "m", "-o", "o", "--epochs", "99999999999")]
    [InlineData("train", "--images", "i", "--masks", "m", "-o", "o", "--resume", "--overwrite")]
    [InlineData("doctor", "")]
    [InlineData("inspect", "")]
    public void A_value_that_is_none_is_a_mistake_in_the_line(params string[] line)
    {
        ToolResult result = tool.Run(line).Expect(2);
        Assert.DoesNotContain("System.", result.Error + result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("fault of madgnet", result.Error + result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("info >&-", 1)]
    [InlineData("info > /dev/full", 1)]
    [InlineData("info --json > /dev/full", 1)]
    [InlineData("info 2>&- > /dev/null", 0)]
    [InlineData("nosuch 2> /dev/full", 2)]
    [InlineData("--help > /dev/full", 1)]
    public void An_output_that_is_closed_or_full_ends_quietly(string line, int code)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the device is Linux's");
        ToolResult result = tool.Run("/bin/sh", ["-c", $"'{tool.Command}' {line}"], null).Expect(code);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Control_characters_of_a_name_reach_no_terminal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such names");
        using var workspace = new Workspace();
        string images = Path.Combine(workspace.Pairs("data", 1), "images");
        File.Move(Directory.GetFiles(images)[0], Path.Combine(images, "\u001b[2Jx\nerror: fake.png"));
        ToolResult result = tool.Run("predict", "-w", tool.Onnx, "-i", images, "-o", workspace.At("masks")).Expect(0);
        Assert.DoesNotContain('\u001b', result.Output + result.Error);
        Assert.DoesNotContain("\nerror: fake", result.Output + result.Error, StringComparison.Ordinal);
    }

    private static Dictionary<string, byte[]> Contents(string folder) => Directory
        .EnumerateFiles(folder, "*", SearchOption.TopDirectoryOnly)
        .Order(StringComparer.Ordinal)
        .ToDictionary(path => path, File.ReadAllBytes, StringComparer.Ordinal);
}

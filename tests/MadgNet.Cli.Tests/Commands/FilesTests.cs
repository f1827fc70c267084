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

    [Theory]
    [InlineData("masks")]
    [InlineData("images")]
    public void A_report_of_predictions_is_neither_a_mask_nor_an_input(string folder)
    {
        using var workspace = new Workspace();
        string images = Path.Combine(workspace.Pairs("data", 1), "images");
        string name = Path.GetFileNameWithoutExtension(Directory.GetFiles(images)[0]) + (folder == "masks" ? ".png" : ".json");
        string report = folder == "masks" ? workspace.At("masks", name) : Path.Combine(images, name);
        tool.Run("predict", "-w", tool.Onnx, "-i", images, "-o", workspace.At("masks"), "--report", report).Expect(1);
        Assert.False(File.Exists(report));
    }

    [Fact]
    public void A_run_and_a_table_do_not_go_among_the_images()
    {
        using var workspace = new Workspace();
        string data = workspace.Pairs("data", 2);
        string images = Path.Combine(data, "images");
        string masks = Path.Combine(data, "masks");
        string table = Path.Combine(images, "patients.csv");
        File.WriteAllText(table, "mine");
        Dictionary<string, byte[]> before = Contents(images);
        foreach (string output in new[] { images, Path.Combine(images, "run"), masks })
        {
            ToolResult result = tool.Run("train", "--images", images, "--masks", masks, "--output", output, "--epochs", "1").Expect(1);
            Assert.Contains("--output", result.Error, StringComparison.Ordinal);
        }

        tool.Run("evaluate", "-w", tool.Onnx, "--images", images, "--masks", masks, "--csv", table).Expect(1);
        Assert.Equal(before, Contents(images));
        Assert.Single(Directory.GetDirectories(data, "masks"));
    }

    /// <summary>What stands where a report, a study or a list is expected: without end, far too large, or another thing.</summary>
    [Theory]
    [InlineData("pipe")]
    [InlineData("/dev/zero")]
    [InlineData("huge")]
    [InlineData("{\"schema\":\"madgnet-predictions\",\"version\":1}")]
    [InlineData("{\"schema\":\"madgnet-predictions\",\"version\":99999999999}")]
    [InlineData("[[[[")]
    public void What_is_no_report_is_told_by_every_command_that_reads_one(string content)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such files");
        using var workspace = new Workspace();
        string path = workspace.At("report.json");
        switch (content)
        {
            case "pipe":
                using (Process make = Process.Start("mkfifo", [path]))
                {
                    make.WaitForExit();
                }

                break;
            case "/dev/zero":
                File.CreateSymbolicLink(path, content);
                break;
            case "huge":
                using (FileStream file = File.Create(path))
                {
                    file.SetLength(3L << 30);
                }

                break;
            default:
                File.WriteAllText(path, content);
                break;
        }

        string other = workspace.At("out.json");
        foreach (string[] line in new string[][]
        {
            ["merge", path, "-o", other],
            ["compare", path, other, "--names", "a,b"],
            ["report", path, "-o", workspace.At("out.html")],
            ["study", "run", path, "--data", workspace.Root, "-o", workspace.At("study")],
            ["train", "--config", path, "--images", workspace.Root, "--masks", workspace.Root, "-o", workspace.At("run")],
        })
        {
            ToolResult result = tool.Run(line);
            Assert.True(result.ExitCode is 1 or 2, $"{line[0]}: {result.ExitCode} {result.Error}");
            Assert.DoesNotContain("fault of madgnet", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_ONNX_file_leaves_nothing_in_the_users_folder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the user's folder is found otherwise there");
        using var workspace = new Workspace();
        string images = Path.Combine(workspace.Pairs("data", 1), "images");
        string home = Directory.CreateDirectory(workspace.At("home")).FullName;
        var environment = new Dictionary<string, string?>
        {
            ["HOME"] = home,
            ["XDG_DATA_HOME"] = null,
            ["XDG_CACHE_HOME"] = null,
            ["ORT_DISABLE_TELEMETRY"] = null,
            ["MADGNET_ONNX_TELEMETRY"] = null,
        };
        tool.Run(tool.Command, ["predict", "-w", tool.Onnx, "-i", images, "-o", workspace.At("masks")], environment).Expect(0);
        Assert.Empty(Directory.EnumerateFiles(home, "*", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.None,
        }));
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
    [InlineData("predict", "-w", "w", "-i", "i", "-o", "o", "--min-area", "Infinity")]
    [InlineData("predict", "-w", "w", "-i", "i", "-o", "o", "--threads", "2147483647")]
    [InlineData("predict", "-w", "w", "-i", "i", "-o", "o", "--time-limit", "1e-300")]
    [InlineData("study", "run", "s", "--nothing")]
    [InlineData("train", "--images", "i", "--masks", "m", "-o", "o", "--learning-rate", "0,001")]
    [InlineData("predict", "-w", "w", "-i", "i", "-o", "o", "--threshold", "0,5")]
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
    [InlineData("info > /dev/null; mkdir gone; cd gone; rmdir ../gone; TOOL predict -w w -i i -o o", 1)]
    public void An_output_that_is_closed_or_full_and_a_folder_that_is_gone_end_quietly(string line, int code)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the device is Linux's");
        string all = $"'{tool.Command}' {line.Replace("TOOL", tool.Command, StringComparison.Ordinal)}";
        ToolResult result = tool.Run("/bin/sh", ["-c", all], null).Expect(code);
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

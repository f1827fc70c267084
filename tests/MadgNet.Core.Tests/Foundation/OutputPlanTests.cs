using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Foundation;

public sealed class OutputPlanTests
{
    public static TheoryData<string> Spellings => new("same", "detour", "folder link", "file link", "hard link", "link to a link");

    [Theory]
    [MemberData(nameof(Spellings))]
    public void An_output_that_is_an_input_is_refused_however_it_is_spelt(string spelling)
    {
        using var folder = new TemporaryFolder();
        string input = folder.Write("in/a.png", "a"u8);
        string output = Spell(folder, input, spelling);
        var plan = new OutputPlan();
        plan.ReadFile(input, "--input");
        plan.Write(output, "--output");
        Problem problem = Assert.Single(Assert.Throws<OutputException>(plan.ThrowIfRefused).Problems);
        Assert.Contains("also read (--input)", problem.Received, StringComparison.Ordinal);
        Assert.Contains(output, problem.Received, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_and_outputs_drawn_at_random_collide_exactly_where_they_are_one_file()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(4);
        string[] folders = ["a", "b", "a/c"];
        foreach (string name in folders)
        {
            Directory.CreateDirectory(Path.Combine(folder.Root, name));
        }

        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "to-a"), Path.Combine(folder.Root, "a"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "b/back"), "../a/c");
        string[] ways = ["a", "b", "a/c", "to-a", "to-a/c", "b/back", "a/../b"];
        for (int trial = 0; trial < 400; trial++)
        {
            string input = Path.Combine(folder.Root, ways[random.Next(ways.Length)], $"{random.Next(3)}.png");
            string output = Path.Combine(folder.Root, ways[random.Next(ways.Length)], $"{random.Next(3)}.png");
            File.WriteAllText(input, "input");
            bool existed = File.Exists(output);
            var plan = new OutputPlan();
            plan.ReadFile(input, "input");
            plan.Write(output, "output");

            // The truth by experiment: what is written to the one is read from the other.
            File.WriteAllText(output, "output");
            bool same = File.ReadAllText(input) == "output";
            Assert.True(same == plan.Problems.Count > 0, $"{input} and {output} {(same ? "are" : "are not")} one file ({existed})");
            File.Delete(input);
            File.Delete(output);
        }
    }

    [Theory]
    [InlineData("in", true)]
    [InlineData("in/masks", true)]
    [InlineData("in/../in/masks", true)]
    [InlineData("link/masks", true)]
    [InlineData("in-masks", false)]
    [InlineData("out", false)]
    [InlineData("in/..", false)]
    public void A_folder_that_is_read_is_not_written_to(string output, bool refused)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("in/deeper"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Root, "link"), Path.Combine(folder.Root, "in"));
        var plan = new OutputPlan();
        plan.ReadFolder(Path.Combine(folder.Root, "in"), "--input");
        plan.WriteFolder(Path.Combine(folder.Root, output), "--output");
        Assert.Equal(refused, plan.Problems.Count > 0);
    }

    [Fact]
    public void Two_inputs_never_have_an_output_of_one_name_and_the_others_go_on()
    {
        using var folder = new TemporaryFolder();
        var plan = new OutputPlan();
        Assert.Null(plan.Claim("a.png", folder.File("a.png"), folder.File("a.overlay.png")));
        Problem problem = plan.Claim("a.overlay.png", folder.File("a.overlay.png"), folder.File("a.overlay.overlay.png"))!;
        Assert.Contains("a.png", problem.Received, StringComparison.Ordinal);
        Assert.NotNull(plan.Claim("A.jpg", folder.File("A.png")));
        Assert.NotNull(plan.Claim("caf\u00e9.jpg, twice", folder.File("caf\u00e9.png"), folder.File("a.png")));
        Assert.Null(plan.Claim("caf\u00e9.jpg", folder.File("caf\u00e9.png")));
        Assert.Null(plan.Claim("b.png", folder.File("a.overlay.overlay.png")));
        plan.ThrowIfRefused();
    }

    [Fact]
    public void A_name_that_no_file_system_takes_is_told_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        var plan = new OutputPlan();
        Assert.Null(plan.Claim("short", folder.File(new string('n', 251) + ".png")));
        Assert.NotNull(plan.Claim("long", folder.File(new string('n', 251) + ".prob.npy")));
        Assert.NotNull(plan.Claim("wide", folder.File(new string('\u00e9', 127) + ".png")));
        File.WriteAllText(Path.Combine(folder.Root, new string('n', 251) + ".png"), "fits");
        AtomicFile.Write(Path.Combine(folder.Root, new string('n', 251) + ".png"), stream => stream.WriteByte(1));
    }

    [Fact]
    public void A_file_of_another_kind_a_folder_and_a_device_are_not_replaced()
    {
        using var folder = new TemporaryFolder();
        string weights = folder.Write("last.safetensors", "weights"u8);
        Directory.CreateDirectory(folder.File("taken.onnx"));
        var plan = new OutputPlan();
        plan.Write(weights, "--output", ".onnx");
        plan.Write(folder.File("taken.onnx"), "--output", ".onnx");
        plan.Write(folder.File("new.onnx"), "--output", ".onnx");
        Assert.Equal(2, plan.Problems.Count);
        if (!OperatingSystem.IsWindows())
        {
            plan.Write("/dev/null", "--output");
            Assert.Contains("a device", plan.Problems[^1].Received, StringComparison.Ordinal);
            Assert.Throws<IOException>(() => new AtomicFile("/dev/null"));
        }
    }

    private static string Spell(TemporaryFolder folder, string input, string spelling)
    {
        string output = folder.File("out/a.png");
        switch (spelling)
        {
            case "detour":
                return Path.Combine(folder.Root, "in", "..", "out", "..", "in", ".", "a.png");
            case "folder link":
                Directory.CreateSymbolicLink(Path.Combine(folder.Root, "link"), Path.Combine(folder.Root, "in"));
                return Path.Combine(folder.Root, "link", "a.png");
            case "file link":
                File.CreateSymbolicLink(output, input);
                return output;
            case "link to a link":
                File.CreateSymbolicLink(Path.Combine(folder.Root, "between.png"), input);
                File.CreateSymbolicLink(output, "../between.png");
                return output;
            case "hard link":
                HardLink.Create(input, output);
                return output;
            default:
                return input;
        }
    }
}

using System.Runtime.CompilerServices;
using System.Text;
using MadgNet.Cli.Tests.Support;

namespace MadgNet.Cli.Tests.Screens;

/// <summary>
/// What a person sees in windows of 40, 80 and 120 columns, for verbs and mistakes that are quick to run, compared with the screens
/// recorded beside this file. With <c>MADGNET_RECORD_SCREENS=1</c> in the environment they are recorded anew; the documents show them.
/// </summary>
public sealed class ScreenTests(Tool tool)
{
    private static readonly int[] Widths = [40, 80, 120];

    /// <summary>Every test: its name, and the command lines in it.</summary>
    public static TheoryData<string, string[]> Screens => new()
    {
        { "values", ["train data --output new --learning-rate 0,001", "train data --output new --size abc", "info -q -v",
            "predict --weights run --input nowhere --output masks", "export --weights run --output a.onnx --size 50"] },
        { "doctor", ["doctor data", "doctor data --against data"] },
        { "export", ["export --weights run --output 'model-WIDTH.onnx'"] },
        { "reports", ["compare one.json two.json --metrics Dice", "report one.json --output 'page-WIDTH.html'", "merge one.json"] },
        { "study", ["study list", "study list scales"] },
    };

    [Theory]
    [MemberData(nameof(Screens))]
    public void A_person_sees_what_was_recorded(string name, string[] lines)
    {
        Assert.SkipUnless(Terminal.Exists, "needs the program 'script', which makes a pseudo-terminal");
        using var workspace = new Workspace($"/tmp/madgnet-screens-{Guid.NewGuid():N}");
        Prepare(workspace, needsReports: name == "reports");
        var seen = new StringBuilder();
        foreach (int width in Widths)
        {
            seen.Append($"== {width} columns\n\n");
            foreach (string line in lines)
            {
                string text = line.Replace("WIDTH", $"{width}", StringComparison.Ordinal);
                seen.Append(Terminal.See(tool, width, workspace.Root, text)).Append('\n');
            }
        }

        string file = Path.Combine(Folder(), name + ".txt");
        if (Environment.GetEnvironmentVariable("MADGNET_RECORD_SCREENS") == "1")
        {
            File.WriteAllText(file, seen.ToString());
        }

        Assert.SkipUnless(Directory.Exists(Folder()), "needs the recorded screens, and the tests run outside the repository");
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), seen.ToString());
    }

    /// <summary>Names of any length would break tables: these are short.</summary>
    private void Prepare(Workspace workspace, bool needsReports)
    {
        foreach (string kind in new[] { "images", "masks" })
        {
            Directory.CreateDirectory(workspace.At("data", kind));
            string[] files = [.. Directory.GetFiles(Path.Combine(tool.Trained.Data, kind)).Order(StringComparer.Ordinal)];
            for (int i = 0; i < files.Length; i++)
            {
                File.Copy(files[i], workspace.At("data", kind, $"{(char)('a' + i)}.png"));
            }
        }

        Directory.CreateDirectory(workspace.At("stray"));
        File.Copy(workspace.At("data", "masks", "a.png"), workspace.At("stray", "z.png"));
        Directory.CreateDirectory(workspace.At("masks"));
        Directory.CreateDirectory(workspace.At("run"));
        foreach (string name in new[] { "best.safetensors", "recipe.json", "manifest.json" })
        {
            File.Copy(Path.Combine(tool.Trained.Folder, name), workspace.At("run", name));
        }

        foreach (string report in needsReports ? ["one.json", "two.json"] : Array.Empty<string>())
        {
            tool.Run(
                "evaluate", "--predictions", workspace.At("data", "masks"), "--masks", workspace.At("data", "masks"), "--output",
                workspace.At(report)).Expect(0);
        }
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}

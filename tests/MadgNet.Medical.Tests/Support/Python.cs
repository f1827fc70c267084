using System.Text.Json;

namespace MadgNet.Medical.Tests.Support;

/// <summary>Programs in Python of the machine's own packages: pydicom and nibabel, which tests compare with.</summary>
internal static class Python
{
    public const string Installer = "eng/medical-tools.sh";

    /// <summary>Runs a program to its end; skips the test where a module is missing, fails it where the program does.</summary>
    /// <returns>The lines that it wrote.</returns>
    public static string[] Run(string modules, string script, params IReadOnlyList<string> arguments)
    {
        string python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : ExternalTools.Require("python3", Installer);
        if (ExternalTools.Run(python, "-c", $"import {modules}").Code != 0)
        {
            ExternalTools.Missing($"needs {modules} for Python, which are not there: {Installer} installs them");
        }

        (int code, string output) = ExternalTools.Run(python, ["-W", "ignore", script, .. arguments]);
        Assert.True(code == 0, output);
        return [.. output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>Lets a program of the fixtures write files, and reads what it says of them.</summary>
    public static JsonElement Files(string modules, string program, string folder)
    {
        Run(modules, MedicalFixtures.PathOf(program), folder);
        return JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "cases.json"))).RootElement;
    }
}

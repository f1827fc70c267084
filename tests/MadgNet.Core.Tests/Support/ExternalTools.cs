using System.Diagnostics;

namespace MadgNet.Core.Tests.Support;

/// <summary>
/// Programs of the machine that a test compares with. Where one is missing the test skips, visibly; with
/// <c>MADGNET_REQUIRE_TOOLS=1</c>, which <c>.ci/run</c> sets, it fails.
/// </summary>
internal static class ExternalTools
{
    private const string Strict = "MADGNET_REQUIRE_TOOLS";

    /// <summary>The path of a program; skips or fails the test where there is none.</summary>
    /// <param name="name">The program's name, without an extension.</param>
    /// <param name="installer">The script that installs it, for the message.</param>
    public static string Require(string name, string installer)
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            string path = Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        Missing($"needs the program {name}, which is not there: {installer} installs it");
        return "";
    }

    /// <summary>Skips the test because something of the machine is missing; fails it where that has to be there.</summary>
    public static void Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable(Strict) == "1")
        {
            Assert.Fail($"{reason}; {Strict}=1 makes this a failure");
        }

        Assert.Skip(reason);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code, and what it wrote to both outputs.</returns>
    public static (int Code, string Output) Run(string path, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(path) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{path} did not end within two minutes");
        }

        return (process.ExitCode, output + errors.Result);
    }
}

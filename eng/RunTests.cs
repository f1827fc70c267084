#:property PublishAot=false

// Runs 'dotnet test' on the built solution, passes its output on, and closes with one line that people and machines read
// alike: 'N passed, N failed, N skipped'. The exit code is dotnet test's; a run of no test at all fails too.

using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;

const int NoTestRan = 8;

Console.WriteLine(Machine());

// A project that hangs ends after 40 minutes and fails. One test project at a time: two processes with libtorch on the same cores wait for
// each other's threads most of the time.
var start = new ProcessStartInfo("dotnet")
{
    ArgumentList =
    {
        "test", "--solution", "MadgNet.Core.sln", "-c", "Release", "--no-build", "--max-parallel-test-modules", "1", "--timeout", "40m",
    },
    RedirectStandardOutput = true,
    // The totals are read from the text.
    Environment = { ["DOTNET_CLI_UI_LANGUAGE"] = "en" },
};
foreach (string argument in args)
{
    start.ArgumentList.Add(argument);
}

var totals = new Dictionary<string, int>(StringComparer.Ordinal);
var figure = new Regex(@"^\s*(total|failed|succeeded|skipped): (\d+)\s*$");
bool inSummary = false;
using Process tests = Process.Start(start)!;
while (tests.StandardOutput.ReadLine() is { } line)
{
    Console.WriteLine(line);
    inSummary |= line.StartsWith("Test run summary", StringComparison.Ordinal);
    if (inSummary && figure.Match(line) is { Success: true } match)
    {
        totals[match.Groups[1].Value] = int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
    }
}

tests.WaitForExit();
int exitCode = tests.ExitCode;
if (exitCode == 0 && totals.GetValueOrDefault("total") == 0)
{
    Console.Error.WriteLine("No test ran.");
    exitCode = NoTestRan;
}

Console.WriteLine();
Console.WriteLine(
    $"{totals.GetValueOrDefault("succeeded")} passed, {totals.GetValueOrDefault("failed")} failed, "
        + $"{totals.GetValueOrDefault("skipped")} skipped");
return exitCode;

// Machines are of two kinds, on which libtorch takes other paths: those that tell the sizes of their caches, and those that do not.
static string Machine()
{
    string processor =
        $"{Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}";
    if (!X86Base.IsSupported)
    {
        return $"This machine: {processor}.";
    }

    const int Amd = 0x444D4163;
    int leaf = X86Base.CpuId(0, 0).Ecx == Amd ? unchecked((int)0x8000001D) : 4;
    bool told = (X86Base.CpuId(leaf, 0).Eax & 0x1F) != 0;
    return $"This machine: {processor}; its processor "
        + $"{(told ? "tells its cache sizes: libtorch is used as it is" : "tells no cache sizes: oneDNN is repaired or switched off")}.";
}

#:property PublishAot=false

// Changes the code of one area of MadgNet.Core and looks whether the area's tests notice: dotnet run eng/Mutation.cs -- AREA [FILE…].
// The settings are in stryker-config.json, the tests in tests/MadgNet.Core.Mutation, the reports in artifacts/mutation.

using System.Diagnostics;

string[] areas = ["Metrics", "Losses", "Weights", "Imaging"];
if (args.Length == 0 || !areas.Contains(args[0]))
{
    Console.Error.WriteLine($"received '{string.Join(' ', args)}'; expected one of {string.Join(", ", areas)}, and file names if not all of its files.");
    return 2;
}

string folder = Path.Combine("src", "MadgNet.Core", args[0]);
string[] files = args.Length == 1 ? ["**/*.cs"] : args[1..];
string[] missing = [.. files.Where(file => !file.Contains('*') && !File.Exists(Path.Combine(folder, file)))];
if (missing.Length > 0)
{
    Console.Error.WriteLine($"{folder} has no file {string.Join(", ", missing)}.");
    return 2;
}

string root = Directory.GetCurrentDirectory();
var start = new ProcessStartInfo("dotnet") { WorkingDirectory = Path.Combine(root, "tests", "MadgNet.Core.Mutation") };
foreach (string argument in (string[])["stryker", "--config-file", Path.Combine(root, "stryker-config.json"),
    "--output", Path.Combine(root, "artifacts", "mutation", args[0])])
{
    start.ArgumentList.Add(argument);
}

foreach (string file in files)
{
    start.ArgumentList.Add("--mutate");
    start.ArgumentList.Add($"{args[0]}/{file}");
}

// The project takes the tests of this area, and no other.
start.Environment["MutationArea"] = args[0];
start.Environment["TrackPublicApi"] = "false";
using Process process = Process.Start(start)!;
process.WaitForExit();
return process.ExitCode;

#:property PublishAot=false

// Rewrites PublicAPI.Unshipped.txt of every package below src from what the analyzer finds: run by `build api` after
// public members were added, renamed or removed. The file is emptied first, so that the analyzer names every member
// that PublicAPI.Shipped.txt lacks; the exact text of each entry is a property of its diagnostics in the compiler's
// error log. Where the build fails the file is put back as it was.

using System.Diagnostics;
using System.Text.Json;

const string Header = "#nullable enable";
const string Missing = "RS0016";
const string Gone = "RS0017";

string root = args is [var folder] ? folder : Directory.GetCurrentDirectory();
string[] files = Directory.GetFiles(Path.Combine(root, "src"), "PublicAPI.Unshipped.txt", SearchOption.AllDirectories);
if (files.Length == 0)
{
    Console.Error.WriteLine($"No src/*/PublicAPI.Unshipped.txt below {root}: run this in the repository's root.");
    return 2;
}

foreach (string file in files.Order(StringComparer.Ordinal))
{
    if (!Update(file))
    {
        return 1;
    }
}

return 0;

static bool Update(string file)
{
    string project = Path.GetDirectoryName(file)!;
    string name = Path.GetFileName(project);
    string before = File.ReadAllText(file);
    string log = Path.Combine(Path.GetTempPath(), $"{name}-{Guid.NewGuid():N}.sarif");
    bool done = false;
    try
    {
        // The compiler reports one diagnostic of a kind at a place: where a type and its primary constructor share one,
        // the second shows only once the first is declared.
        var entries = new SortedSet<string>(StringComparer.Ordinal);
        string after;
        int found;
        do
        {
            after = string.Concat(entries.Prepend(Header).Select(line => line + "\n"));
            File.WriteAllText(file, after);
            if (!Build(project, log))
            {
                Console.Error.WriteLine($"{name}: does not build (see above), so its API cannot be read. The file is as it was.");
                return false;
            }

            found = entries.Count;
            entries.UnionWith(Read(log));
        }
        while (entries.Count > found);

        done = true;
        Console.WriteLine(
            after == before ? $"{name}: up to date, {entries.Count} entries." : $"{name}: rewritten, {entries.Count} entries.");
        return true;
    }
    finally
    {
        if (!done)
        {
            File.WriteAllText(file, before);
        }

        File.Delete(log);
    }
}

static bool Build(string project, string log)
{
    // Other warnings do not matter here, so the output lies apart: a later build must not take it for its own and pass
    // over them.
    var start = new ProcessStartInfo("dotnet")
    {
        ArgumentList =
        {
            "build", project, "-c", "Release", "--no-incremental", "-nodeReuse:false", "-v", "q", "-clp:ErrorsOnly;NoSummary",
            "-p:TrackPublicApi=true", "-p:TreatWarningsAsErrors=false",
            "-p:IntermediateOutputPath=obj/api/", "-p:OutputPath=bin/api/", $"-p:ErrorLog={log}%2Cversion=2.1",
        },
        RedirectStandardOutput = true,
    };
    using Process build = Process.Start(start)!;
    string output = build.StandardOutput.ReadToEnd();
    build.WaitForExit();
    bool built = build.ExitCode == 0 && File.Exists(log);
    if (!built)
    {
        Console.Error.WriteLine(output);
    }

    return built;
}

static HashSet<string> Read(string log)
{
    using JsonDocument sarif = JsonDocument.Parse(File.ReadAllBytes(log));
    var entries = new HashSet<string>(StringComparer.Ordinal);
    foreach (JsonElement result in sarif.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray())
    {
        string rule = result.GetProperty("ruleId").GetString()!;
        if (rule is not (Missing or Gone))
        {
            continue;
        }

        // A member that was shipped once and is gone now stays on record.
        string entry = result.GetProperty("properties").GetProperty("customProperties").GetProperty("APIName").GetString()!;
        entries.Add(rule == Gone ? "*REMOVED*" + entry : entry);
    }

    return entries;
}

using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

[assembly: AssemblyFixture(typeof(MadgNet.Cli.Tests.Support.Tool))]

namespace MadgNet.Cli.Tests.Support;

/// <summary>The tool as a user has it: installed from its package, in a folder of its own, and run as a process.</summary>
public sealed class Tool : IDisposable
{
    /// <summary>Far more than any command here takes: a run that reaches it hangs.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("madgnet-tool-");
    private readonly Lazy<TrainedRun> _trained;
    private readonly Lazy<string> _onnx;

    public Tool()
    {
        _trained = new Lazy<TrainedRun>(() => new TrainedRun(this));
        _onnx = new Lazy<string>(() =>
        {
            string path = Path.Combine(Trained.Folder, "exported", "model.onnx");
            Run("export", "--weights", Trained.Weights, "--output", path, "--size", "64").Expect(0);
            return path;
        });

        // The feed alone: an install must not depend on what other feeds have, or on being able to reach them.
        string settings = Path.Combine(_folder.FullName, "nuget.config");
        File.WriteAllText(
            settings,
            $"<configuration><packageSources><clear /><add key=\"feed\" value=\"{Setting("ToolFeed")}\" /></packageSources></configuration>");
        ToolResult installed = Run(
            "dotnet",
            ["tool", "install", "MadgNet.Cli", "--version", Setting("ToolVersion"), "--tool-path", Path.Combine(_folder.FullName, "bin"),
                "--configfile", settings],
            new Dictionary<string, string?> { ["NUGET_PACKAGES"] = Path.Combine(_folder.FullName, "cache") });
        if (installed.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"The tool was not installed from {Setting("ToolFeed")}: {installed.Output}{installed.Error}");
        }

        Folder = Path.GetDirectoryName(Directory.EnumerateFiles(_folder.FullName, "madgnet.dll", SearchOption.AllDirectories).Single())!;
    }

    /// <summary>The command that the install made.</summary>
    public string Command => Path.Combine(_folder.FullName, "bin", OperatingSystem.IsWindows() ? "madgnet.exe" : "madgnet");

    /// <summary>Where the tool's own files lie.</summary>
    public string Folder { get; }

    /// <summary>A network that was trained once, for all tests that need weights.</summary>
    public TrainedRun Trained => _trained.Value;

    /// <summary>That network as an ONNX file for images of 64×64.</summary>
    public string Onnx => _onnx.Value;

    /// <summary>Images and masks of small nuclei pictures.</summary>
    public static string Data => Path.Combine(AppContext.BaseDirectory, "data");

    /// <summary>Checkpoints of PyTorch, good and hostile.</summary>
    public static string Checkpoints => Path.Combine(AppContext.BaseDirectory, "checkpoints");

    /// <summary>Runs the tool to its end, in an empty folder.</summary>
    public ToolResult Run(params string[] arguments) => Run(Command, arguments, null);

    /// <summary>Runs a program to its end.</summary>
    public ToolResult Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment)
    {
        using Process process = Start(program, arguments, environment);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        return End(process, output, error);
    }

    /// <summary>
    /// Runs the tool until it has written a line that begins in a certain way to standard error, then presses Ctrl-C. Where the
    /// tests run in the background of a shell, which has its children ignore that, the signal to terminate says the same.
    /// </summary>
    public ToolResult RunAndInterruptAt(string line, params string[] arguments)
    {
        using Process process = Start(Command, arguments, null);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        var error = new StringBuilder();
        bool interrupted = false;
        using var limit = new Timer(_ => process.Kill(entireProcessTree: true), null, Hang, Timeout.InfiniteTimeSpan);
        while (process.StandardError.ReadLine() is { } text)
        {
            error.AppendLine(text);
            if (!interrupted && text.StartsWith(line, StringComparison.Ordinal))
            {
                interrupted = true;
                Interrupt(process);
            }
        }

        return End(process, output, Task.FromResult(error.ToString()));
    }

    /// <summary>Starts the tool and leaves it to the caller: it runs until it is told to end.</summary>
    public Process Begin(params string[] arguments) => Start(Command, arguments, null);

    /// <summary>Presses Ctrl-C, as <see cref="RunAndInterruptAt"/> does.</summary>
    public static void Interrupt(Process process) => Assert.Equal(0, kill(process.Id, IgnoresInterrupts(process) ? SigTerm : SigInt));

    /// <summary>Runs the tool and kills it, with all that it has started, after a time; it may have ended before.</summary>
    public void RunAndKillAfter(TimeSpan time, params string[] arguments)
    {
        using Process process = Start(Command, arguments, null);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(time))
        {
            process.Kill(entireProcessTree: true);
        }

        process.WaitForExit();
        Task.WaitAll(output, error);
    }

    public void Dispose()
    {
        if (_trained.IsValueCreated)
        {
            _trained.Value.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private const int SigInt = 2;
    private const int SigTerm = 15;

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int process, int signal);

    private static bool IgnoresInterrupts(Process process)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        string mask = File.ReadLines($"/proc/{process.Id}/status").First(text => text.StartsWith("SigIgn:", StringComparison.Ordinal));
        return (ulong.Parse(mask.Split('\t')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (SigInt - 1) & 1) != 0;
    }

    private static string Setting(string name) =>
        typeof(Tool).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == name).Value!;

    private Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            Environment =
            {
                // Networks on pictures of 64×64 gain nothing from threads, and much is lost where cores are busy.
                ["OMP_NUM_THREADS"] = "1",
                ["DOTNET_NOLOGO"] = "1",
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
                ["DOTNET_SKIP_FIRST_TIME_EXPERIENCE"] = "1",
                ["DOTNET_CLI_UI_LANGUAGE"] = "en",
            },
        };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    private static ToolResult End(Process process, Task<string> output, Task<string> error)
    {
        if (!process.WaitForExit(Hang))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} did not end within {Hang}.");
        }

        return new ToolResult(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}

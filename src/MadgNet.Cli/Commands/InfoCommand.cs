using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Imaging;
using MadgNet.Core.Runtime;
using Spectre.Console;

namespace MadgNet.Cli.Commands;

/// <summary>What the tool runs on, and what keeps it from running. Works where libtorch does not.</summary>
internal sealed class InfoCommand : CliCommand
{
    // A BMP file of one red pixel: no format that the library decodes without SkiaSharp.
    private static readonly byte[] OnePixel =
    [
        0x42, 0x4D, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0,
        0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0,
    ];

    public InfoCommand()
        : base(
            "info",
            "Environment, devices, versions and native libraries; what is wrong, and how to mend it.",
            "madgnet info",
            "madgnet info --json")
    {
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        var facts = new List<(string Name, JsonNode? Value)>
        {
            ("madgnet", ToolVersion.Text),
            ("runtime", RuntimeInformation.FrameworkDescription),
            ("system", RuntimeInformation.OSDescription),
            ("platform", RuntimeInformation.RuntimeIdentifier),
            ("processors", Environment.ProcessorCount),
            ("memoryMiB", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20),
            ("folder", AppContext.BaseDirectory),
        };
        var checks = new List<Check> { Torch(facts) };
        if (checks[0].Failure is null)
        {
            checks.Add(Arithmetic(facts, output));
        }

        checks.AddRange([Images(), TemporaryFolder()]);
        IReadOnlyList<(string Name, string Path)> libraries = NativeLibraries();

        var table = new Table().AddColumn("what").AddColumn("is");
        foreach ((string name, JsonNode? value) in facts)
        {
            table.AddRow(Shown.Text(name), Shown.Text(value?.ToString() ?? "none"));
        }

        foreach ((string name, string path) in libraries)
        {
            table.AddRow(Shown.Text(name), Shown.Text(path));
        }

        output.Table(table);
        foreach (Check check in checks)
        {
            output.Line(check.Failure is null ? (FormattableString)$"[green]ok[/]     {check.Name}" : $"[red]failed[/] {check.Name}");
            if (check.Failure is not null)
            {
                output.Error(check.Failure);
            }
        }

        output.Result["environment"] = new JsonObject(facts.Select(fact => KeyValuePair.Create(fact.Name, fact.Value)));
        output.Result["nativeLibraries"] = new JsonArray([.. libraries.Select(library => (JsonNode)JsonValue.Create(library.Path)!)]);
        output.Result["checks"] = new JsonArray([.. checks.Select(check => (JsonNode)new JsonObject
        {
            ["name"] = check.Name,
            ["ok"] = check.Failure is null,
            ["failure"] = check.Failure,
        })]);
        return checks.TrueForAll(check => check.Failure is null) ? ExitCode.Done : ExitCode.Failed;
    }

    private static Check Torch(List<(string Name, JsonNode? Value)> facts)
    {
        const string Name = "libtorch is loaded: train, predict with PyTorch weights";
        try
        {
            RuntimeDescription description = NativeRuntime.Describe();
            facts.AddRange(
            [
                ("torchSharp", description.TorchSharpVersion),
                ("libtorch", description.LibtorchVersion),
                ("threads", description.Threads),
                ("devices",
                    string.Join(", ", Enumerable.Range(0, description.CudaDeviceCount).Select(index => $"cuda:{index}").Prepend("cpu"))),
            ]);
            return new Check(Name, null);
        }
        catch (NativeLibraryException exception)
        {
            facts.Add(("libtorch", $"cannot be loaded: {exception.Fault}"));
            return new Check(Name, exception.Message);
        }
    }

    /// <summary>Whether libtorch computes rightly, which a machine can fail at silently.</summary>
    private static Check Arithmetic(List<(string Name, JsonNode? Value)> facts, CommandOutput output)
    {
        const string Name = "libtorch computes rightly: convolutions agree with double precision";
        string? failure = null;
        try
        {
            NativeRuntime.EnsureVerified();
        }
        catch (WrongArithmeticException exception)
        {
            failure = exception.Message;
        }

        ArithmeticReport report = NativeRuntime.Describe().Arithmetic!;
        facts.Add(("arithmetic", report.ToString()));
        output.Result["arithmetic"] = new JsonObject
        {
            ["oneDnn"] = report.OneDnn.ToString().ToLowerInvariant(),
            ["verified"] = report.Verified,
            ["worst"] = CommandOutput.Number(report.Worst),
            ["worst16Bit"] = CommandOutput.Number(report.Worst16Bit),
            ["operations"] = report.Operations,
            ["nnpack"] = report.Nnpack,
            ["reason"] = report.Reason,
        };
        return new Check(Name, failure);
    }

    private static Check Images()
    {
        const string Name = "SkiaSharp is loaded: images other than PNG and TIFF";
        try
        {
            return new Check(
                Name,
                new ImageReader().Decode(OnePixel, "a BMP file of one pixel") is { Width: 1, Height: 1 }
                    ? null
                    : "SkiaSharp decodes a picture of one pixel wrongly. Reinstall the tool.");
        }
        catch (Exception exception) when (exception is ImageReadException or DllNotFoundException or TypeInitializationException)
        {
            return new Check(
                Name, $"SkiaSharp cannot decode: {exception.Message} Reinstall the tool for {RuntimeInformation.RuntimeIdentifier}.");
        }
    }

    private static Check TemporaryFolder()
    {
        string folder = Path.GetTempPath();
        string name = $"the temporary folder {folder} can be written to";
        try
        {
            File.Delete(Path.GetTempFileName());
            return new Check(name, null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Check(
                name,
                new Problem(
                    "temporary folder",
                    $"{folder}, which cannot be written to ({exception.Message.TrimEnd('.')})",
                    "a folder for temporary files",
                    "Set TMPDIR to a folder that this user may write to").ToString());
        }
    }

    /// <summary>The native libraries that this process has loaded of those that decide whether it works.</summary>
    private static IReadOnlyList<(string Name, string Path)> NativeLibraries()
    {
        string[] wanted = [
            "libtorch_cpu",
            "torch_cpu",
            "libtorch_cuda",
            "torch_cuda",
            "libLibTorchSharp",
            "LibTorchSharp",
            "libstdc++",
            "libSkiaSharp",
            "libonnxruntime",
            "onnxruntime"
        ];
        using var process = Process.GetCurrentProcess();
        return [.. process.Modules.Cast<ProcessModule>()
            .Select(module => (Name: Path.GetFileName(module.FileName), Path: module.FileName))
            .Where(module => Array.Exists(wanted, name => module.Name.StartsWith(name + ".", StringComparison.OrdinalIgnoreCase)))
            .DistinctBy(module => module.Path)
            .OrderBy(module => module.Name, StringComparer.Ordinal)];
    }

    private sealed record Check(string Name, string? Failure);
}

#:property PublishAot=false

// Makes a project from each template of the packed template package, as a user does, in a folder outside the repository, with
// the packages of artifacts/packages. Builds each with warnings as errors, runs it, and ends with 1 where one fails.

using System.Diagnostics;

string feed = Path.GetFullPath(Path.Combine("artifacts", "packages"));
string package = Directory.GetFiles(feed, "MadgNet.Templates.*.nupkg").Single();
string scratch = Directory.CreateTempSubdirectory("madgnet-templates-").FullName;
try
{
    // Templates are installed into a folder of their own: those of the user stay as they are.
    string hive = Path.Combine(scratch, "hive");
    Run(scratch, "new", "install", package, "--debug:custom-hive", hive);
    string images = Path.GetFullPath(Path.Combine("samples", "QuickStart", "data", "validation"));
    string run = Path.Combine(scratch, "run");
    string onnx = Path.GetFullPath(Path.Combine("samples", "OnnxHost", "nuclei.onnx"));
    foreach ((string template, string[][] starts) in new (string, string[][])[]
    {
        ("madgnet-blocks", [["test", "--no-build", "-c", "Release"]]),
        ("madgnet-service", []),
        ("madgnet-train", [
            ["run", "--no-build", "-c", "Release", "--", "train", images, run, "1"],
            ["run", "--no-build", "-c", "Release", "--", "predict", run, Path.Combine(images, "images"), Path.Combine(scratch, "masks")],
        ]),
    })
    {
        string folder = Path.Combine(scratch, "My" + template.Replace("madgnet-", string.Empty));
        string[] backend = template == "madgnet-service" ? [] : ["--backend", "cpu-linux"];
        Run(scratch, ["new", template, "--output", folder, .. backend, "--debug:custom-hive", hive]);
        File.WriteAllText(
            Path.Combine(folder, "nuget.config"),
            $"<configuration><packageSources><add key=\"packed\" value=\"{feed}\" /></packageSources></configuration>");
        Run(folder, "build", "-c", "Release", "-v", "q", "-clp:NoSummary", "-warnaserror");
        foreach (string[] start in starts)
        {
            Run(folder, start);
        }

        if (template == "madgnet-service")
        {
            await Serve(folder, onnx, Directory.GetFiles(Path.Combine(images, "images"), "*.png").Order(StringComparer.Ordinal).First());
        }

        Console.WriteLine($"{template}: made, built and run.");
    }

    return 0;
}
catch (InvalidOperationException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
finally
{
    Directory.Delete(scratch, recursive: true);
}

// Starts the service on a free port, waits for the address that it tells, and sends it an image.
static async Task Serve(string folder, string model, string image)
{
    var start = new ProcessStartInfo("dotnet",
        ["run", "--no-build", "-c", "Release", "--", "--Urls=http://127.0.0.1:0", $"--Model:Path={model}"])
    {
        WorkingDirectory = folder,
        RedirectStandardOutput = true,
    };
    using Process process = Process.Start(start)!;
    using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
    try
    {
        const string Told = "Now listening on: ";
        string? address = null;
        while (address is null)
        {
            string line = await process.StandardOutput.ReadLineAsync(limit.Token)
                ?? throw new InvalidOperationException($"The service in {folder} ended before it listened.");
            int told = line.IndexOf(Told, StringComparison.Ordinal);
            address = told >= 0 ? line[(told + Told.Length)..] : null;
        }

        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        using var client = new HttpClient { BaseAddress = new Uri(address.Trim()) };
        using var form = new MultipartFormDataContent { { new ByteArrayContent(File.ReadAllBytes(image)), "image", "image.png" } };
        using HttpResponseMessage answer = await client.PostAsync("/segment", form, limit.Token);
        string text = await answer.Content.ReadAsStringAsync(limit.Token);
        if (!answer.IsSuccessStatusCode || !text.Contains("\"label\":\"nucleus\"", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The service in {folder} answered {(int)answer.StatusCode}: {text}");
        }
    }
    finally
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
    }
}

static void Run(string folder, params string[] arguments)
{
    var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
    start.Environment["CreateHardLinksForCopyLocalIfPossible"] = "true";
    using Process process = Process.Start(start)!;
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    if (process.ExitCode != 0)
    {
        throw new InvalidOperationException($"{output}\n'dotnet {string.Join(' ', arguments)}' ended with {process.ExitCode} in {folder}.");
    }
}

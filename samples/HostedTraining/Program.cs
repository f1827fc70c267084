using System.Globalization;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Reporting;
using MadgNet.Samples.HostedTraining;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
if (args.Length > 0)
{
    // For example: dotnet run -- --Training:Data=data/train --Training:Epochs=50. Stop it with Ctrl-C or SIGTERM, start it again.
    await RunAsync(args);
    return Environment.ExitCode;
}

// Without arguments the sample shows itself: a host that is stopped midway, and the next one, which goes on.
string output = Path.Combine("runs", "hosted-training", $"demonstration-{DateTime.UtcNow:yyyyMMdd-HHmmss}");
Console.WriteLine("First start: stopped in the middle of the second epoch.");
await RunAsync([$"--Training:Output={output}", "--Training:StopAfterSteps=10"]);
Console.WriteLine("Second start: goes on at step 11.");
await RunAsync([$"--Training:Output={output}"]);

RunManifest manifest = RunManifest.Load(output);
foreach (ManifestSession session in manifest.Sessions)
{
    Console.WriteLine($"steps {session.StepsBefore} to {session.StepsAfter}: {session.Reason}");
}

int steps = File.ReadLines(Path.Combine(output, HistoryWriter.StepsName + ".csv")).Count() - 1;
Console.WriteLine(
    $"{steps} steps in the history, best Dice {manifest.BestScore?.Dice:F3} in epoch {manifest.BestEpoch}; see "
        + $"{Path.Combine(output, RunFolder.CardFileName)}");
return Environment.ExitCode == 0 && manifest.Sessions is [{ Reason: TrainingEndReason.Cancelled }, { Reason: TrainingEndReason.Completed }]
    ? 0
    : 1;

static async Task RunAsync(string[] arguments)
{
    // Settings lie beside the program, wherever it is started from.
    HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
    {
        Args = arguments,
        ContentRootPath = AppContext.BaseDirectory
    });
    builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
    builder.Services.AddOptions<TrainingSettings>().Bind(builder.Configuration.GetSection("Training"))
        .Validate(settings => settings is { Epochs: >= 1, BatchSize: >= 2, LearningRate: > 0 }
            && settings.Size >= 32
            && settings.Size % 32 == 0
            && settings.Output.Length > 0,
            "Training: expected Epochs of 1 or more, a BatchSize of 2 or more, a Size that is a multiple of 32, a LearningRate above 0 "
                + "and an Output folder.")
        .ValidateOnStart();
    builder.Services.AddSingleton<TrainingStatus>();
    builder.Services.AddSingleton<ITrainingObserver>(services => services.GetRequiredService<TrainingStatus>());
    builder.Services.AddHostedService<TrainingService>();

    // A step has to end, and a checkpoint to be written: more than the 30 seconds that a host waits otherwise.
    builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(5));
    using IHost host = builder.Build();
    await host.RunAsync();
}

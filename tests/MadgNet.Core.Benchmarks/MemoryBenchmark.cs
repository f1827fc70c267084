using MadgNet.Core.Benchmarks.Published;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Precision;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// Peak memory of training, two images of 352×352, weights and Adam's state included, above what the process takes once
/// libtorch is loaded; and the memory of a loaded model, its private pages: those of the libraries' code are the system's to
/// share and to drop. Each in a process of its own.
/// </summary>
internal sealed class MemoryBenchmark : IBench
{
    private const string Port = "port";
    private const string Single = "fp32";
    private const string Half = "bf16";
    private const string Model = "model";
    private const int Steps = 8;

    public string Name => "memory";

    public string Summary =>
        "Peak memory of training steps at 352x352, batch 2, against a straightforward port, and that of a loaded model.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        if (Child.Part is { } part)
        {
            output.WriteLine(Measuring.Text($"{Measure(part):F1}"));
            return;
        }

        string file = Path.Combine(Path.GetTempPath(), $"madgnet-bench-{Guid.NewGuid():N}.safetensors");
        try
        {
            using (var model = new MadgNetModel())
            {
                model.Save(file);
            }

            double port = Child.Run(Name, Port).Values[0];
            cancellationToken.ThrowIfCancellationRequested();
            double single = Child.Run(Name, Single).Values[0];
            cancellationToken.ThrowIfCancellationRequested();
            double half = Child.Run(Name, Half).Values[0];
            double loaded = Child.Run(Name, Model, file).Values[0];
            output.WriteLine(Measuring.Text(
                $"peak of {Steps} training steps: port {port:F0} MB, float32 {single:F0} MB, bfloat16 {half:F0} MB"));
            output.WriteLine(Measuring.Text($"bench memory fp32: {single / port:F2}x"));
            output.WriteLine(Measuring.Text($"bench memory bf16: {half / port:F2}x"));
            output.WriteLine(Measuring.Text($"bench memory model: {loaded:F0} MB"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static double Measure(string part)
    {
        if (part.StartsWith(Model, StringComparison.Ordinal))
        {
            using (Tensor warm = rand(8, 8))
            {
                warm.matmul(warm).Dispose();
            }

            Collect();
            double before = Child.Private();
            using MadgNetModel model = MadgNetModel.Load(part[(Model.Length + 1)..]);
            Collect();
            return Child.Private() - before;
        }

        using Tensor images = TrainingStep.Images();
        using TaskMaps targets = TrainingStep.Targets();
        double loadedLibrary = Child.Resident();
        using IDisposable step = Create(part, images, targets);
        for (int i = 0; i < Steps; i++)
        {
            _ = step is PublishedTraining port ? port.Step() : ((TrainingStep)step).Step();
        }

        return Child.Peak() - loadedLibrary;
    }

    /// <summary>Returns what the collector holds in reserve, so that the difference is the model's.</summary>
    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private static IDisposable Create(string part, Tensor images, TaskMaps targets)
    {
        if (part == Port)
        {
            using var model = new MadgNetModel();
            return new PublishedTraining(model, images, targets);
        }

        return new TrainingStep(
            images, targets, part == Half ? TrainingPrecision.BFloat16 : TrainingPrecision.Float32, MemoryLayout.ChannelsLast);
    }
}

using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using TorchSharp;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// Takes many training steps of a small network, with validation and checkpoints, and checks that neither tensors nor memory grow.
/// </summary>
internal sealed class TrainingSoak : ISoak
{
    /// <summary>What the allocators of libtorch, .NET and the C library may move by between two looks.</summary>
    private const long BytesOfNoise = 64L << 20;

    public string Name => "training";

    public string Summary => "Takes training steps with everything on; neither the live tensors nor the memory may grow.";

    public int DefaultCount => 1_000;

    public bool Run(int count, TextWriter output, CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("madgnet-training-").FullName;
        try
        {
            torch.set_num_threads(1);
            var looks = new List<(long Step, long Tensors, long Memory)>();
            using MadgNetModel model = TinyModel.Create(seed: 5);
            var options = new TrainerOptions
            {
                Steps = count,
                AccumulationSteps = 2,
                EmaDecay = 0.99,
                CalibrateThreshold = true,
                ValidateEverySteps = Math.Max(1, count / 10),
                OutputFolder = folder,
                Checkpoints = new CheckpointOptions { EverySteps = Math.Max(1, count / 10) },
                Observers = [new Looking(looks, Math.Max(1, count / 10))],
            };
            new Trainer(model, options).Train(
                new BatchLoader(Discs.Dataset(16), new BatchLoaderOptions { BatchSize = 2, Transform = new HorizontalFlip() }),
                new BatchLoader(Discs.Dataset(4, seed: 2), new BatchLoaderOptions { BatchSize = 2, Shuffle = false }),
                cancellationToken: cancellationToken);
            foreach ((long step, long tensors, long memory) in looks)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"after {step,6} steps: {tensors} live tensors, {memory / 1048576.0:F1} MB"));
            }

            // The first look comes before every pool has been filled once.
            (long Step, long Tensors, long Memory) settled = looks[Math.Min(2, looks.Count - 1)];
            (long Step, long Tensors, long Memory) last = looks[^1];
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"soak training: {count} steps, {last.Tensors - settled.Tensors} tensors and "
                    + $"{(last.Memory - settled.Memory) / 1048576.0:F1} MB grown"));
            return last.Tensors <= settled.Tensors && last.Memory - settled.Memory <= BytesOfNoise;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class Looking(List<(long Step, long Tensors, long Memory)> looks, int every) : ITrainingObserver
    {
        public void StepCompleted(StepReport step)
        {
            if (step.Step % every == 0)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                using var process = Process.GetCurrentProcess();
                looks.Add((step.Step, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount, process.WorkingSet64));
            }
        }
    }
}

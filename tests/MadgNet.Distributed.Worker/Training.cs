using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using TorchSharp;

namespace MadgNet.Distributed.Worker;

/// <summary>A small run, as its settings say; rank 0 writes the weights to a file.</summary>
internal static class Training
{
    public static void Run(ProcessGroup group, Settings settings)
    {
        torch.set_num_threads(1);
        string? folder = settings.Text("folder");
        // Without MFCA's maxima and minima, which jump from pixel to pixel where the last bits decide.
        using MadgNetModel model = TinyModel.Create(
            seed: 5 + group.Rank, TinyModel.Options with { ChannelAttention = AttentionNames.AveragePooling });
        var options = new TrainerOptions
        {
            Steps = settings.Count("steps", 6),
            Optimizer = settings.Text("optimizer") == "adam" ? new AdamOptions() : new SgdOptions { Momentum = 0.9 },
            Schedule = new ConstantSchedule(settings.Number("rate", 0.05)),
            AccumulationSteps = settings.Count("accumulation", 1),
            Clipping = settings.Text("clip") is null ? new GradientClipping() : new GradientClipping { Norm = settings.Number("clip", 1) },
            EmaDecay = settings.Text("average") is null ? null : settings.Number("average", 0.9),
            ValidateEverySteps = settings.Count("validate", 3),
            CalibrateThreshold = true,
            OutputFolder = folder,
            Resume = settings.Text("resume") is null ? ResumeMode.Never : ResumeMode.IfPresent,
            Checkpoints = new CheckpointOptions { EverySteps = settings.Count("checkpoint", 2), Keep = 100 },
            ProcessGroup = group,
            CompareRanksEvery = 1,
            Observers = [new Teller()],
        };
        new Trainer(model, options, new ErrorLogger()).Train(
            new BatchLoader(
                new Watched(Discs.Dataset(settings.Count("discs", 13))),
                new BatchLoaderOptions
                {
                    BatchSize = settings.Count("batch", 4),
                    Seed = 3,
                    Workers = 1,
                    Transform = new Compose(new HorizontalFlip(), new RandomRotation(10)),
                }),
            new BatchLoader(Discs.Dataset(5, seed: 2), new BatchLoaderOptions { BatchSize = 2, Shuffle = false, Workers = 1 }));
    }

    /// <summary>Tells where the run begins.</summary>
    private sealed class Teller : ITrainingObserver
    {
        public void RunStarted(TrainingRun run)
        {
            Console.Out.WriteLine($"began, step {run.StepsDone}");
            Console.Out.Flush();
        }
    }

    /// <summary>Discs that a rank which is to throw cannot load.</summary>
    private sealed class Watched(IDataset discs) : IDataset
    {
        public int Count => discs.Count;

        public IReadOnlyList<string> Labels => discs.Labels;

        public string NameOf(int index) => discs.NameOf(index);

        public Sample Load(int index)
        {
            Fault.Meet();
            return discs.Load(index);
        }
    }
}

using MadgNet.Core.Data;
using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Reporting;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training.Checkpoints;

public class ResumeTests
{
    private static readonly InMemoryDataset TrainingSet = Discs.Dataset(10, 16, 16);
    private static readonly InMemoryDataset ValidationSet = Discs.Dataset(3, 16, 16, seed: 2);

    /// <summary>Everything on that has a state: momentum, average, plateau, early stopping, calibration, accumulation, clipping.</summary>
    private static readonly TrainerOptions Everything = new()
    {
        Epochs = 3,
        Optimizer = new AdamWOptions { EncoderRateMultiplier = 0.5 },
        Schedule = new WarmUpSchedule(new ReduceOnPlateauSchedule(1e-2, patience: 0), 3, ScheduleUnit.Step),
        AccumulationSteps = 2,
        Clipping = new GradientClipping { Norm = 1 },
        EmaDecay = 0.9,
        FrozenEncoderEpochs = 1,
        ValidateEverySteps = 2,
        EarlyStopping = new EarlyStopping { Patience = 50 },
        CalibrateThreshold = true,
        Checkpoints = new CheckpointOptions { EverySteps = 1, Keep = 2 },
        Resume = ResumeMode.IfPresent,
    };

    public static TheoryData<string> Kinds => new("plain", "everything", "sgd by steps");

    /// <summary>
    /// A run with an exception at every point of every step at which one is likely to hurt (in and between passes and updates,
    /// validation batches, before, amid and after every file): each time it is resumed, until no point is left.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_run_that_is_interrupted_at_every_point_ends_with_the_same_bits(string kind)
    {
        TrainerOptions options = OptionsOf(kind);
        using var whole = new TemporaryFolder();
        (SortedDictionary<string, byte[]> expected, TrainingResult uninterrupted) = Finish(options with { OutputFolder = whole.Root });

        using var folder = new TemporaryFolder();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            using MadgNetModel model = TinyModel.Create(seed: 5);
            var interrupted = options with
            {
                OutputFolder = folder.Root,
                Probe = point =>
                {
                    if (seen.Add(point))
                    {
                        throw new InterruptionException(point);
                    }
                },
            };
            try
            {
                TrainingResult result = Train(model, interrupted);
                Trainings.Equal(expected, Trainings.Weights(model));
                Assert.Equal(uninterrupted.BestEpoch, result.BestEpoch);
                Assert.Equal(uninterrupted.History.Select(Comparable), result.History.Select(Comparable));
                break;
            }
            catch (InterruptionException)
            {
                EveryFileIsReadable(folder.Root);
            }
        }

        foreach (string kindOfPoint in (string[])[
            "backward",
            "before update",
            "after update",
            "validation batch 0",
            "validation batch 1",
            "checkpoint begun",
            "checkpoint half written",
            "checkpoint renamed",
            "before best",
            "after best",
            "before last",
            "after last"
        ])
        {
            Assert.True(
                seen.Count(point =>
                    point.StartsWith(kindOfPoint, StringComparison.Ordinal)) > (kindOfPoint.Contains("best", StringComparison.Ordinal)
                    ? 0
                    : 1),
                $"{kindOfPoint} was hardly hit");
        }

        foreach (string name in Directory.GetFiles(whole.Root).Select(path => Path.GetFileName(path)))
        {
            Assert.True(
                File.ReadAllBytes(whole.File(name)).AsSpan().SequenceEqual(File.ReadAllBytes(folder.File(name))),
                $"{name} differs from that of the run that was not interrupted");
        }
    }

    [Fact]
    public void Cancelling_anywhere_and_going_on_gives_the_same_bits_and_history()
    {
        TrainerOptions options = OptionsOf("everything");
        using var whole = new TemporaryFolder();
        (SortedDictionary<string, byte[]> expected, _) = Finish(options with { OutputFolder = whole.Root });
        for (int stop = 1; ; stop += 3)
        {
            using var folder = new TemporaryFolder();
            using var cancellation = new CancellationTokenSource();
            var reports = new List<TrainingProgress>();
            using (MadgNetModel model = TinyModel.Create(seed: 5))
            {
                try
                {
                    new Trainer(model, options with { OutputFolder = folder.Root }).Train(
                        Trainings.Loader(TrainingSet),
                        Trainings.Loader(ValidationSet, 2),
                        new Trainings.Recorder(reports, () =>
                        {
                            if (reports.Count == stop)
                            {
                                cancellation.Cancel();
                            }
                        }),
                        cancellation.Token);
                    Assert.True(stop > 10);
                    return;
                }
                catch (OperationCanceledException)
                {
                    Assert.Equal(stop, reports.Count);
                }
            }

            Trainings.Equal(expected, Finish(options with { OutputFolder = folder.Root, Resume = ResumeMode.Required }).Weights);
        }
    }

    [Fact]
    public void A_run_that_has_ended_gives_its_result_again_without_a_step()
    {
        using var folder = new TemporaryFolder();
        var observer = new Trainings.Observer();
        TrainerOptions options = OptionsOf("plain") with { OutputFolder = folder.Root };
        (SortedDictionary<string, byte[]> weights, TrainingResult first) = Finish(options);
        (SortedDictionary<string, byte[]> again, TrainingResult second) = Finish(options with { Observers = [observer] });
        Trainings.Equal(weights, again);
        Assert.Equal(first.History.Select(Comparable), second.History.Select(Comparable));
        Assert.Equal(
            (first.BestEpoch, first.BestCheckpoint, first.Reason, first.Steps),
            (second.BestEpoch, second.BestCheckpoint, second.Reason, second.Steps));
        Assert.Empty(observer.Of<StepReport>());
        Assert.Equal(3, observer.Of<TrainingRun>().Single().EpochsDone);
    }

    [Fact]
    public void A_damaged_checkpoint_is_passed_over_for_the_one_before_and_said_so()
    {
        using var folder = new TemporaryFolder();
        TrainerOptions options = OptionsOf("everything") with { OutputFolder = folder.Root };
        SortedDictionary<string, byte[]> expected = Finish(options).Weights;
        string[] files = [.. Directory.GetFiles(folder.File("checkpoints/x")[..^2], "step-*").Order(StringComparer.Ordinal)];
        Assert.InRange(files.Length, 2, 4);
        byte[] bytes = File.ReadAllBytes(files[^1]);
        bytes[^100] ^= 1;
        File.WriteAllBytes(files[^1], bytes);

        var observer = new Trainings.Observer();
        Trainings.Equal(expected, Finish(options with { Resume = ResumeMode.Required, Observers = [observer] }).Weights);
        Assert.NotEmpty(observer.Of<StepReport>());
        TrainingWarning warning = Assert.Single(
            observer.Of<TrainingWarning>(), warning => warning.Kind == TrainingWarningKind.CheckpointDamaged);
        Assert.Contains(files[^1], warning.Problem.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(files[^1] + ".damaged"));
    }

    [Fact]
    public void Where_every_checkpoint_is_damaged_nothing_begins()
    {
        using var folder = new TemporaryFolder();
        TrainerOptions options = OptionsOf("plain") with { OutputFolder = folder.Root };
        Finish(options);
        foreach (string file in Directory.GetFiles(Path.Combine(folder.Root, "checkpoints")))
        {
            File.WriteAllBytes(file, File.ReadAllBytes(file)[..200]);
        }

        using MadgNetModel model = TinyModel.Create(seed: 5);
        SortedDictionary<string, byte[]> before = Trainings.Weights(model);
        Assert.Throws<ResumeException>(() => Train(model, options));
        Trainings.Equal(before, Trainings.Weights(model));
    }

    [Fact]
    public void Nothing_to_resume_is_refused_where_it_is_required()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        var exception = Assert.Throws<ResumeException>(() => Train(
            model, OptionsOf("plain") with { OutputFolder = folder.Root, Resume = ResumeMode.Required }));
        Assert.Contains("IfPresent", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_options_model_data_or_split_are_refused_by_name_and_change_nothing()
    {
        using var folder = new TemporaryFolder();
        TrainerOptions options = OptionsOf("plain") with { OutputFolder = folder.Root };
        Finish(options);
        using MadgNetModel model = TinyModel.Create(seed: 9);
        SortedDictionary<string, byte[]> before = Trainings.Weights(model);

        Refused("Optimizer.WeightDecay", () => Train(model, options with { Optimizer = new AdamOptions { WeightDecay = 0.1 } }));
        Refused("Optimizer", () => Train(model, options with { Optimizer = new SgdOptions() }));
        Refused("Schedule.Initial", () => Train(model, options with { Schedule = new CosineAnnealingSchedule(2e-2) }));
        Refused("Epochs", () => Train(model, options with { Epochs = 4 }));
        Refused(
            "Loss", () => Train(model, options with { Loss = new DeepSupervisionLoss(new DeepSupervisionOptions { BoundaryWeight = 2 }) }));
        Refused("EmaDecay", () => Train(model, options with { EmaDecay = 0.5 }));
        Refused(
            "Training.Samples",
            () => new Trainer(model, options).Train(Trainings.Loader(Discs.Dataset(9, 16, 16)), Trainings.Loader(ValidationSet, 2)));
        Refused(
            "Validation.Samples",
            () => new Trainer(model, options).Train(Trainings.Loader(TrainingSet), Trainings.Loader(Discs.Dataset(4, 16, 16), 2)));
        Refused("Training.Transform", () => new Trainer(model, options).Train(
            new BatchLoader(
                TrainingSet,
                new BatchLoaderOptions { BatchSize = 4, Seed = 3, Transform = new MadgNet.Core.Data.Transforms.VerticalFlip() }),
            Trainings.Loader(ValidationSet, 2)));
        Refused("Training.Seed", () => new Trainer(model, options).Train(
            new BatchLoader(
                TrainingSet,
                new BatchLoaderOptions { BatchSize = 4, Seed = 4, Transform = new MadgNet.Core.Data.Transforms.HorizontalFlip() }),
            Trainings.Loader(ValidationSet, 2)));
        using MadgNetModel other = TinyModel.Create(options: TinyModel.Options with { BatchNormMomentum = 0.2 });
        Refused("Model.Options", () => Train(other, options));
        Trainings.Equal(before, Trainings.Weights(model));

        static void Refused(string name, Action train)
        {
            var exception = Assert.Throws<ResumeException>(train);
            Assert.Contains(exception.Problems, problem => problem.Subject.StartsWith(name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_changed_loss_of_the_host_s_is_refused_by_the_name_of_its_parameter_and_one_that_says_nothing_is_warned_of()
    {
        using var folder = new TemporaryFolder();
        var logger = new ListLogger();
        TrainerOptions With(SegmentationLoss loss) => OptionsOf("plain") with
        {
            OutputFolder = folder.Root,
            Loss = new DeepSupervisionLoss(new DeepSupervisionOptions { Region = loss }),
            Observers = [new RunFolder()],
        };
        using MadgNetModel model = TinyModel.Create();
        new Trainer(model, With(new Weighted(2)), logger).Train(Trainings.Loader(TrainingSet), Trainings.Loader(ValidationSet, 2));
        Assert.DoesNotContain(logger.Warnings, message => message.Contains("Override Describe", StringComparison.Ordinal));
        Assert.Equal("2", RunManifest.Load(folder.Root).Trainer["Loss.Region.Weight"]);
        Assert.Contains("| Loss.Region.Weight | 2 |", File.ReadAllText(folder.File(RunFolder.CardFileName)), StringComparison.Ordinal);

        ResumeException refused = Assert.Throws<ResumeException>(() => Train(
            model, With(new Weighted(20)) with { Resume = ResumeMode.Required }));
        Problem problem = Assert.Single(refused.Problems);
        Assert.Equal(("Loss.Region.Weight", "20"), (problem.Subject, problem.Received));

        using MadgNetModel fresh = TinyModel.Create();
        new Trainer(fresh, With(new Secretive(2)) with { Resume = ResumeMode.Never }, logger).Train(
            Trainings.Loader(TrainingSet), Trainings.Loader(ValidationSet, 2));
        Assert.Contains(logger.Warnings, message => message.Contains("Secretive holds settings", StringComparison.Ordinal));
    }

    [Fact]
    public void What_does_not_touch_the_weights_may_change()
    {
        using var folder = new TemporaryFolder();
        TrainerOptions options = OptionsOf("plain") with { OutputFolder = folder.Root };
        SortedDictionary<string, byte[]> expected = Finish(options).Weights;
        using MadgNetModel model = TinyModel.Create(seed: 9);
        new Trainer(
            model,
            options with
            {
                Checkpoints = new CheckpointOptions { EveryEpochs = 1 },
                ValidationPictures = 2,
                MaximumSkippedSteps = 3
            }).Train(
            new BatchLoader(
                TrainingSet,
                new BatchLoaderOptions
                {
                    BatchSize = 4,
                    Seed = 3,
                    Workers = 0,
                    CacheBytes = 1000,
                    Transform = new MadgNet.Core.Data.Transforms.HorizontalFlip()
                }),
            Trainings.Loader(ValidationSet, 2));
        Trainings.Equal(expected, Trainings.Weights(model));
    }

    [Fact]
    public void A_run_of_its_own_keeps_every_run_before_it()
    {
        using var folder = new TemporaryFolder();
        TrainerOptions options = OptionsOf("plain") with { OutputFolder = folder.Root };
        Finish(options);
        byte[] first = File.ReadAllBytes(folder.File("best.safetensors"));
        string[] checkpoints = [.. Directory.GetFiles(Path.Combine(folder.Root, "checkpoints")).Select(path => Path.GetFileName(path))];
        for (int run = 1; run <= 3; run++)
        {
            Finish(options with { Resume = ResumeMode.Never, Epochs = 1 });
            Assert.True(File.Exists(folder.File($"earlier-{run}/last.safetensors")));
        }

        Assert.Equal(first, File.ReadAllBytes(folder.File("earlier-1/best.safetensors")));
        Assert.Equal(
            checkpoints.Order(StringComparer.Ordinal),
            Directory.GetFiles(Path.Combine(folder.Root, "earlier-1", "checkpoints")).Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal));
        Assert.Throws<ResumeException>(() => Finish(options));
        Finish(options with { Epochs = 1 });

        // What was set aside is a run folder like any other.
        Finish(options with { OutputFolder = folder.File("earlier-1/.")[..^2] });
    }

    [Fact]
    public void Weights_without_a_checkpoint_are_not_written_over()
    {
        using var folder = new TemporaryFolder();
        folder.Write("best.safetensors", "hours of work"u8);
        folder.Write("MODEL.md", "my own words"u8);
        foreach (string name in new[] { "recipe.json", "split.csv", "report.html" })
        {
            folder.Write(name, "of that run"u8);
        }

        folder.Write("notes.txt", "mine"u8);
        Finish(OptionsOf("plain") with { OutputFolder = folder.Root, Observers = [new RunFolder()] });
        Assert.Equal("hours of work", File.ReadAllText(folder.File("earlier-1/best.safetensors")));
        Assert.Equal("my own words", File.ReadAllText(folder.File("earlier-1/MODEL.md")));
        Assert.All(
            ["recipe.json", "split.csv", "report.html"],
            name => Assert.Equal("of that run", File.ReadAllText(folder.File($"earlier-1/{name}"))));
        Assert.Equal("mine", File.ReadAllText(folder.File("notes.txt")));
        Assert.NotEqual("my own words", File.ReadAllText(folder.File("MODEL.md")));
    }

    [Fact]
    public void A_card_that_somebody_changed_is_kept_when_the_run_goes_on()
    {
        using var folder = new TemporaryFolder();
        folder.Write("MODEL.md", "before any run"u8);
        TrainerOptions options = OptionsOf("plain") with { OutputFolder = folder.Root };
        Finish(options with { Observers = [new RunFolder()] });
        Assert.Equal("before any run", File.ReadAllText(folder.File("MODEL.earlier-1.md")));
        Finish(options with { Observers = [new RunFolder()] });
        Assert.False(File.Exists(folder.File("MODEL.earlier-2.md")));
        File.AppendAllText(folder.File("MODEL.md"), "reviewed");
        Finish(options with { Observers = [new RunFolder()] });
        Assert.EndsWith("reviewed", File.ReadAllText(folder.File("MODEL.earlier-2.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_do_not_train_into_one_folder()
    {
        using var folder = new TemporaryFolder();
        TrainerOptions options = OptionsOf("plain") with { OutputFolder = folder.Root };
        using (RunLock.Take(folder.Root, new ListLogger()))
        {
            RunFolderLockedException refused = Assert.Throws<RunFolderLockedException>(() => Finish(options));
            Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName}", refused.Message, StringComparison.Ordinal);
            Assert.Equal([".run.lock"], folder.Files);
        }

        Finish(options);
        Assert.DoesNotContain(".run.lock", folder.Files);
    }

    private static string LockOf(int process, string host) => System.Text.Json.JsonSerializer.Serialize(
        new RunLock.Holder(process, host, DateTimeOffset.UnixEpoch, 1, Guid.NewGuid()));

    [Theory]
    [InlineData(2147483000, "here", int.MaxValue)]
    [InlineData(1, "here", int.MaxValue)]
    [InlineData(1, "elsewhere", int.MaxValue)]
    [InlineData(1, "here", 20)]
    [InlineData(1, "here", 0)]
    public void A_lock_that_a_killed_run_left_is_taken_over(int process, string host, int length)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File(".run.lock");
        string content = LockOf(process, host == "here" ? Environment.MachineName : host);
        File.WriteAllText(path, content[..Math.Min(length, content.Length)]);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
        RunLock.Take(folder.Root, new ListLogger()).Dispose();
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void A_lock_of_another_host_that_was_touched_lately_is_held()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(".run.lock"), LockOf(1, "elsewhere"));
        Assert.Throws<RunFolderLockedException>(() => RunLock.Take(folder.Root, new ListLogger()));
        Assert.Equal([".run.lock"], folder.Files);
    }

    [Fact]
    public void Temporary_files_of_a_process_that_was_killed_are_removed()
    {
        using var folder = new TemporaryFolder();
        folder.Write($"checkpoints/.{new string('a', 32)}.tmp", "half"u8);
        folder.Write($".{new string('b', 32)}.tmp", "half"u8);
        folder.Write(".mine.tmp", "whole"u8);
        Finish(OptionsOf("plain") with { OutputFolder = folder.Root });
        Assert.DoesNotContain(
            Directory.EnumerateFiles(folder.Root, "*.tmp", SearchOption.AllDirectories), path => Path.GetFileName(path).Length == 37);
        Assert.True(File.Exists(folder.File(".mine.tmp")));
    }

    [Fact]
    public void The_last_and_the_best_checkpoints_are_kept()
    {
        using var folder = new TemporaryFolder();
        Finish(
            OptionsOf("plain") with
            {
                OutputFolder = folder.Root,
                Checkpoints = new CheckpointOptions { EverySteps = 1, Keep = 3, KeepBest = false }
            });
        string[] names = [.. Directory.GetFiles(Path.Combine(folder.Root, "checkpoints"))
            .Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)];
        Assert.Equal(["step-0000000007.safetensors", "step-0000000008.safetensors", "step-0000000009.safetensors"], names);
    }

    private static TrainerOptions OptionsOf(string kind) => kind switch
    {
        "plain" => new TrainerOptions
        {
            Epochs = 3,
            Schedule = new CosineAnnealingSchedule(1e-2),
            Checkpoints = new CheckpointOptions { EverySteps = 1 },
            Resume = ResumeMode.IfPresent
        },
        "sgd by steps" => new TrainerOptions
        {
            Steps = 7,
            Optimizer = new SgdOptions(),
            Schedule = new OneCycleSchedule(1e-2),
            Monitor = Metric.MeanAbsoluteError,
            Checkpoints = new CheckpointOptions { EverySteps = 2, Keep = 1 },
            Resume = ResumeMode.IfPresent,
        },
        _ => Everything,
    };

    private static TrainingResult Train(MadgNetModel model, TrainerOptions options) =>
        new Trainer(model, options).Train(Trainings.Loader(TrainingSet), Trainings.Loader(ValidationSet, 2));

    private static (SortedDictionary<string, byte[]> Weights, TrainingResult Result) Finish(TrainerOptions options)
    {
        using MadgNetModel model = TinyModel.Create(seed: 5);
        TrainingResult result = Train(model, options);
        return (Trainings.Weights(model), result);
    }

    /// <summary>What of an epoch does not depend on the clock.</summary>
    private static string Comparable(EpochRecord epoch) =>
        $"{epoch.Epoch} {epoch.Loss:R} {epoch.LearningRate:R} {epoch.Validation} {epoch.EmaValidation} {epoch.Steps} "
            + $"{epoch.GradientNorm:R} {string.Join(' ', epoch.StageLosses)}";

    private static void EveryFileIsReadable(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (file.Contains("checkpoints", StringComparison.Ordinal))
            {
                using LoadedCheckpoint checkpoint = CheckpointFolder.Open(file);
                Assert.NotEmpty(checkpoint.Archive.Names);
            }
            else
            {
                using MadgNetModel model = MadgNetModel.Load(file, new TinyEncoder(TinyModel.Levels));
                Assert.NotNull(model);
            }
        }
    }

    internal sealed class InterruptionException(string point) : Exception(point);

    private sealed class Weighted(double weight) : SegmentationLoss
    {
        protected override IEnumerable<(string Name, object? Value)> Describe() => [("Weight", weight)];

        protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
        {
            using Scalar factor = weight.ToScalar();
            return (logits - target).square().mean([2, 3]).mul(factor);
        }
    }

    private sealed class Secretive(double weight) : SegmentationLoss
    {
        protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
        {
            using Scalar factor = weight.ToScalar();
            return (logits - target).square().mean([2, 3]).mul(factor);
        }
    }
}

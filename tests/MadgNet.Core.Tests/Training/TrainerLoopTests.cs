using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Modules;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using MadgNet.Core.Training.Reporting;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training;

public class TrainerLoopTests
{
    [Fact]
    public void A_run_by_steps_ends_in_the_middle_of_an_epoch_and_is_validated_there()
    {
        var observer = new Trainings.Observer();
        using MadgNetModel model = TinyModel.Create();
        TrainingResult result = Train(model, new TrainerOptions { Steps = 7, ValidateEverySteps = 3, Observers = [observer] }, 12);
        Assert.Equal(7, result.Steps);
        Assert.Equal([3, 3, 1], result.History.Select(epoch => epoch.Steps));
        Assert.Equal([3, 6, 7], observer.Of<ValidationReport>().Select(report => report.Step));
        Assert.Equal(Enumerable.Range(1, 7), observer.Of<StepReport>().Select(step => (int)step.Step));
        Assert.Equal([1, 2, 3, 1, 2, 3, 1], observer.Of<StepReport>().Select(step => step.StepInEpoch));
    }

    [Fact]
    public void Observers_are_told_everything_in_order()
    {
        var observer = new Trainings.Observer();
        using MadgNetModel model = TinyModel.Create();
        TrainingResult result = Train(
            model, new TrainerOptions { Epochs = 2, EmaDecay = 0.5, ValidationPictures = 2, Observers = [observer] }, 8);
        string[] kinds = [.. observer.Events.Select(entry => entry.GetType().Name)];
        Assert.Equal(
            [
                nameof(TrainingRun),
                nameof(StepReport), nameof(StepReport), nameof(ValidationReport), nameof(ValidationReport), nameof(EpochRecord),
                nameof(StepReport), nameof(StepReport), nameof(ValidationReport), nameof(ValidationReport), nameof(EpochRecord),
                nameof(TrainingRunEnd),
            ],
            kinds);
        Assert.Same(result, observer.Of<TrainingRunEnd>().Single().Result);
        Assert.Equal([false, true, false, true], observer.Of<ValidationReport>().Select(report => report.Ema));
        Assert.All(
            observer.Of<ValidationReport>(), report => Assert.Equal(["disc0", "disc1"], report.Pictures.Select(picture => picture.Name)));
        ValidationPicture picture = observer.Of<ValidationReport>().First().Pictures[1];
        Sample sample = Discs.Sample(1, 32, 32, 2);
        Assert.Equal(sample.Image.Data, picture.Image.Data);
        Assert.Equal(sample.Masks[0].Data, picture.Truth.Data);
        Assert.InRange(picture.Probability.Data[0], 0, 1);
        Assert.All(observer.Of<StepReport>(), step =>
        {
            Assert.Equal(4, step.Images);
            Assert.True(step.GradientNorm > 0);
            Assert.Equal(step.Loss, step.StageLosses.Sum(stage => stage.Region + stage.Distance! + stage.Boundary!), 1e-4);
        });
        EpochRecord epoch = result.Last;
        Assert.NotNull(epoch.EmaValidation);
        Assert.Equal(observer.Of<StepReport>().TakeLast(2).Average(step => step.Loss), epoch.Loss, 1e-12);
        Assert.Equal(observer.Of<StepReport>().TakeLast(2).Average(step => step.GradientNorm), epoch.GradientNorm, 1e-9);
        Assert.True(epoch.PeakMemoryBytes > 1 << 20 && epoch.ImagesPerSecond > 0 && epoch.ComputeTime > TimeSpan.Zero);
    }

    [Fact]
    public void An_observer_that_throws_is_taken_off_and_ends_nothing()
    {
        var throwing = new Throwing();
        var other = new Trainings.Observer();
        using MadgNetModel model = TinyModel.Create();
        Train(model, new TrainerOptions { Epochs = 2, Observers = [throwing, other] }, 8);
        Assert.Equal(1, throwing.Calls);
        Assert.Equal(4, other.Of<StepReport>().Count());
        Assert.Equal(TrainingEndReason.Completed, other.Of<TrainingRunEnd>().Single().Reason);
    }

    [Fact]
    public void Observers_are_told_how_a_run_failed_or_was_cancelled()
    {
        var observer = new Trainings.Observer();
        using var cancellation = new CancellationTokenSource();
        using MadgNetModel model = TinyModel.Create();
        var failure = new InvalidOperationException("progress");
        Assert.Same(failure, Assert.Throws<InvalidOperationException>(() => new Trainer(
            model, new TrainerOptions { Observers = [observer] }).Train(
            Trainings.Loader(Discs.Dataset(4)), progress: new Trainings.Recorder([], () => throw failure))));
        Assert.ThrowsAny<OperationCanceledException>(() => new Trainer(model, new TrainerOptions { Observers = [observer] }).Train(
            Trainings.Loader(Discs.Dataset(4)),
            progress: new Trainings.Recorder([], cancellation.Cancel),
            cancellationToken: cancellation.Token));
        TrainingRunEnd[] ends = [.. observer.Of<TrainingRunEnd>()];
        Assert.Equal([TrainingEndReason.Failed, TrainingEndReason.Cancelled], ends.Select(end => end.Reason));
        Assert.Same(failure, ends[0].Error);
    }

    /// <summary>The network normalises with its running statistics here, so that nothing but the summing up differs.</summary>
    [Fact]
    public void Batches_accumulated_into_a_step_move_the_weights_as_one_batch_does()
    {
        var set = Discs.Dataset(8, 16, 16);
        SortedDictionary<string, byte[]> whole = Weights(8, 1);
        SortedDictionary<string, byte[]> parts = Weights(2, 4);
        double most = 0;
        foreach ((string name, byte[] bytes) in whole.Where(entry => !entry.Key.Contains("num_batches", StringComparison.Ordinal)))
        {
            ReadOnlySpan<float> expected = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes);
            ReadOnlySpan<float> actual = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(parts[name]);
            for (int i = 0; i < expected.Length; i++)
            {
                most = Math.Max(most, Math.Abs(expected[i] - actual[i]));
            }
        }

        // A step of 0.01 along gradients below 1 000, summed in another order in float32.
        Assert.InRange(most, 0, 1e-4);

        SortedDictionary<string, byte[]> Weights(int batchSize, int accumulation)
        {
            using MadgNetModel model = TinyModel.Create(seed: 5);
            var options = new TrainerOptions
            {
                Steps = 1,
                Optimizer = new SgdOptions { Momentum = 0, Nesterov = false },
                Schedule = new ConstantSchedule(0.01),
                AccumulationSteps = accumulation,
                FrozenNormalization = FrozenNormalization.All,

                // The published region loss weighs pixels over the whole batch; this one is a mean over all of them.
                Loss = new MadgNet.Core.Losses.DeepSupervisionLoss(new() { Region = new MadgNet.Core.Losses.BinaryCrossEntropyLoss() }),
            };
            new Trainer(model, options).Train(new BatchLoader(
                set, new BatchLoaderOptions { BatchSize = batchSize, Shuffle = false, Workers = 0 }));
            return Trainings.Weights(model);
        }
    }

    [Fact]
    public void A_step_at_the_end_of_an_epoch_takes_the_batches_that_are_left()
    {
        var observer = new Trainings.Observer();
        using MadgNetModel model = TinyModel.Create();
        Train(model, new TrainerOptions { Epochs = 2, AccumulationSteps = 2, Observers = [observer] }, 11);
        Assert.Equal([8, 3, 8, 3], observer.Of<StepReport>().Select(step => step.Images));
    }

    [Fact]
    public void A_frozen_encoder_keeps_its_weights_until_it_is_thawed()
    {
        using MadgNetModel model = TinyModel.Create(seed: 5);
        SortedDictionary<string, byte[]> before = Trainings.Weights(model);
        Train(model, new TrainerOptions { Epochs = 2, FrozenEncoderEpochs = TrainerOptions.Always, Optimizer = new AdamWOptions() }, 8);
        SortedDictionary<string, byte[]> frozen = Trainings.Weights(model);
        Assert.All(before.Keys.Where(IsEncoder), name => Assert.Equal(before[name], frozen[name]));
        Assert.Contains(before.Keys, name => !IsEncoder(name) && !before[name].AsSpan().SequenceEqual(frozen[name]));
        Assert.All(model.parameters(), parameter => Assert.True(parameter.requires_grad));

        Train(model, new TrainerOptions { Epochs = 2, FrozenEncoderEpochs = 1 }, 8);
        SortedDictionary<string, byte[]> thawed = Trainings.Weights(model);
        Assert.All(
            before.Keys.Where(name => IsEncoder(name) && name.EndsWith("weight", StringComparison.Ordinal)),
            name => Assert.NotEqual(frozen[name], thawed[name]));

        static bool IsEncoder(string name) => name.StartsWith("feature_encoding", StringComparison.Ordinal);
    }

    [Fact]
    public void Frozen_normalizations_keep_their_statistics_and_are_free_again_afterwards()
    {
        using MadgNetModel model = TinyModel.Create();
        SortedDictionary<string, byte[]> before = Trainings.Weights(model);
        Train(model, new TrainerOptions { Epochs = 1, FrozenNormalization = FrozenNormalization.All }, 8);
        SortedDictionary<string, byte[]> after = Trainings.Weights(model);
        string[] statistics = [.. before.Keys.Where(name => name.Contains("running_", StringComparison.Ordinal)
            || name.Contains("num_batches", StringComparison.Ordinal))];
        Assert.NotEmpty(statistics);
        Assert.All(statistics, name => Assert.Equal(before[name], after[name]));
        Assert.All(model.modules().OfType<BatchNormalization>(), module => Assert.False(module.FrozenStatistics));
    }

    [Fact]
    public void Averaged_weights_are_scored_and_saved_beside_the_raw_ones()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        TrainingResult result = Train(
            model, new TrainerOptions { Epochs = 3, EmaDecay = 0.8, Schedule = new ConstantSchedule(1e-2), OutputFolder = folder.Root }, 8);
        Assert.Equal(folder.File(Trainer.LastEmaFileName), result.LastEmaCheckpoint);
        Assert.Equal(folder.File(Trainer.BestEmaFileName), result.BestEmaCheckpoint);
        using MadgNetModel average = MadgNetModel.Load(result.LastEmaCheckpoint!, new TinyEncoder(TinyModel.Levels));
        using MadgNetModel raw = MadgNetModel.Load(result.LastCheckpoint!, new TinyEncoder(TinyModel.Levels));
        Trainings.Equal(Trainings.Weights(model), Trainings.Weights(raw));
        Assert.NotEqual(
            Trainings.Weights(raw)["decoder_stage1.conv1.0.weight"], Trainings.Weights(average)["decoder_stage1.conv1.0.weight"]);

        EvaluationReport report = new Evaluator().EvaluateDataset(Discs.Dataset(4, seed: 2), sample =>
        {
            using var scope = NewDisposeScope();
            using var noGradients = no_grad();
            return MadgNet.Core.Imaging.FloatImage.FromTensor(average.Predict(sample.Image.ToTensor().unsqueeze(0)).sigmoid()[0]);
        }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(report.Cases.Average(result => result.Value(Metric.Dice)), result.Last.EmaValidation!.Dice, 1e-6);
    }

    [Fact]
    public void A_run_that_no_longer_improves_ends_early()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();

        // Whatever the weights, a gain of more than 1 is out of reach: the first validation is the best.
        TrainingResult result = Train(
            model,
            new TrainerOptions
            {
                Epochs = 50,
                EarlyStopping = new EarlyStopping { Patience = 2, MinimumGain = 1 },
                OutputFolder = folder.Root
            },
            4);
        Assert.Equal(TrainingEndReason.StoppedEarly, result.Reason);
        Assert.Equal(3, result.History.Count);
        Assert.True(File.Exists(result.LastCheckpoint));
    }

    [Fact]
    public void The_watched_metric_says_what_is_best_also_where_less_is_better()
    {
        var observer = new Trainings.Observer();
        using MadgNetModel model = TinyModel.Create();
        TrainingResult result = Train(
            model,
            new TrainerOptions
            {
                Epochs = 5,
                Monitor = Metric.MeanAbsoluteError,
                Schedule = new ConstantSchedule(1e-2),
                Observers = [observer]
            },
            8);
        ValidationReport[] reports = [.. observer.Of<ValidationReport>()];
        ValidationReport best = reports.MinBy(report => report.Report.Cases.Average(entry => entry.Value(Metric.MeanAbsoluteError)))!;
        Assert.Equal(best.Epoch, result.BestEpoch);
    }

    [Fact]
    public void A_metric_of_the_host_s_can_say_what_is_best_and_stands_in_progress_history_and_card()
    {
        using var folder = new TemporaryFolder();
        var observer = new Trainings.Observer();
        var progress = new List<TrainingProgress>();
        var metric = new VolumeError();
        using MadgNetModel model = TinyModel.Create();
        var options = new TrainerOptions
        {
            Epochs = 4,
            Monitor = metric,
            Schedule = new ConstantSchedule(1e-2),
            OutputFolder = folder.Root,
            Observers = [observer, new HistoryWriter(), new RunFolder()],
        };

        TrainingResult result = new Trainer(model, options)
            .Train(Trainings.Loader(Discs.Dataset(8)), Trainings.Validation(Discs.Dataset(4, seed: 2)), new Trainings.Recorder(progress));

        ValidationReport[] reports = [.. observer.Of<ValidationReport>()];
        double[] values = [.. reports.Select(report => report.Report.Cases.Average(entry => entry.Value(metric)))];
        Assert.Equal(values, reports.Select(report => report.Score.Monitored));
        Assert.All(reports, report => Assert.Equal("VolumeError", report.Score.Monitor));
        Assert.Equal(reports[Array.IndexOf(values, values.Min())].Epoch, result.BestEpoch);
        Assert.Equal(values[^1], progress[^1].Validation!.Monitored);
        Assert.Equal(values, result.History.Select(epoch => epoch.Validation!.Monitored));
        string[] rows = File.ReadAllLines(folder.File("validations.csv"));
        Assert.EndsWith(",monitor,monitored", rows[0], StringComparison.Ordinal);
        Assert.EndsWith(FormattableString.Invariant($",VolumeError,{values[0]:R}"), rows[1], StringComparison.Ordinal);
        Assert.Contains("| VolumeError |", File.ReadAllText(folder.File(RunFolder.CardFileName)), StringComparison.Ordinal);
        RunManifest manifest = RunManifest.Load(folder.Root);
        Assert.Equal("VolumeError, weight 1", manifest.Trainer["Monitor"]);
        Assert.Equal(values.Min(), manifest.BestScore!.Monitored);

        using MadgNetModel other = TinyModel.Create();
        ResumeException refused = Assert.Throws<ResumeException>(() => new Trainer(
            other, options with { Monitor = new VolumeError(2), Resume = ResumeMode.Required })
            .Train(Trainings.Loader(Discs.Dataset(8)), Trainings.Validation(Discs.Dataset(4, seed: 2))));
        Assert.Contains("weight 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_threshold_that_is_best_on_validation_is_kept_with_the_weights()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        InMemoryDataset validation = Discs.Dataset(4, seed: 2);
        TrainingResult result = new Trainer(
            model,
            new TrainerOptions { Epochs = 4, CalibrateThreshold = true, OutputFolder = folder.Root, Schedule = new ConstantSchedule(3e-3) })
            .Train(Trainings.Loader(Discs.Dataset(8)), Trainings.Validation(validation));
        using MadgNetModel best = MadgNetModel.Load(result.BestCheckpoint!, new TinyEncoder(TinyModel.Levels));
        ThresholdSweep sweep = Evaluation.Sweep("set", Enumerable.Range(0, 4).Select(index =>
        {
            using var scope = NewDisposeScope();
            using var noGradients = no_grad();
            Sample sample = validation.Load(index);
            return new EvaluationCase(
                sample.Name,
                MadgNet.Core.Imaging.FloatImage.FromTensor(best.Predict(sample.Image.ToTensor().unsqueeze(0)).sigmoid()[0]),
                sample.Masks);
        }));
        Assert.Equal(sweep.Selection.Thresholds[0], best.Threshold);
        using MadgNetModel last = MadgNetModel.Load(result.LastCheckpoint!, new TinyEncoder(TinyModel.Levels));
        Assert.Equal(model.Threshold, last.Threshold);
        Assert.NotNull(model.Threshold);
    }

    [Fact]
    public void Sizes_change_from_batch_to_batch_by_multiples_of_the_stride()
    {
        var sizes = new HashSet<long>();
        var backbone = new TinyEncoder(TinyModel.Levels)
        {
            Tamper = (image, levels) =>
            {
                sizes.Add(image.size(2));
                return levels;
            },
        };
        using var model = new MadgNetModel(TinyModel.Options, backbone);
        var loader = new BatchLoader(
            Discs.Dataset(12), new BatchLoaderOptions { BatchSize = 2, Scales = [0.75, 1, 1.25], ScaleMultiple = model.Stride });
        new Trainer(model, new TrainerOptions { Epochs = 3 }).Train(loader);
        Assert.Equal([24, 32, 40], sizes.Order());

        var wrong = new BatchLoader(Discs.Dataset(12), new BatchLoaderOptions { BatchSize = 2, Scales = [0.75, 1], ScaleMultiple = 12 });
        Assert.Contains(
            "ScaleMultiple",
            Assert.Throws<InvalidOptionsException>(() => new Trainer(model).Train(wrong)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_epoch_can_begin_in_its_middle()
    {
        var loader = new BatchLoader(
            Discs.Dataset(11), new BatchLoaderOptions { BatchSize = 4, Seed = 8, Workers = 2, Transform = new RandomRotation(20) });
        List<(int, string, byte[])> whole = Read(loader.Epoch(3, TestContext.Current.CancellationToken));
        for (int first = 0; first <= 3; first++)
        {
            List<(int, string, byte[])> rest = Read(loader.EpochFrom(3, first, TestContext.Current.CancellationToken));
            Assert.Equal(whole.Skip(first), rest);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => loader.EpochFrom(3, 4, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.EpochFrom(3, -1, TestContext.Current.CancellationToken));

        static List<(int, string, byte[])> Read(IEnumerable<Batch> batches)
        {
            var read = new List<(int, string, byte[])>();
            foreach (Batch batch in batches)
            {
                using (batch)
                {
                    read.Add((batch.Number, string.Join(' ', batch.Names), batch.Images.bytes.ToArray()));
                }
            }

            return read;
        }
    }

    [Fact]
    public void Nothing_is_left_behind_however_a_run_ends()
    {
        using var folder = new TemporaryFolder();
        InMemoryDataset data = Discs.Dataset(6, 16, 16);
        using MadgNetModel model = TinyModel.Create();
        var options = new TrainerOptions
        {
            Epochs = 2,
            EmaDecay = 0.9,
            AccumulationSteps = 2,
            CalibrateThreshold = true,
            ValidationPictures = 1,
            OutputFolder = folder.Root,
            Checkpoints = new CheckpointOptions { EverySteps = 1 }
        };
        TensorLeak.None(() => Run(options));
        string checkpoint = Directory.GetFiles(folder.File("checkpoints/x")[..^2])[0];
        foreach (string part in (string[])["model/", "optimizer/", "average/", "random/"])
        {
            TensorLeak.None(() =>
            {
                using LoadedCheckpoint loaded = CheckpointFolder.Open(checkpoint);
                LoadedCheckpoint.Release(loaded.Load(part));
            });
        }

        TensorLeak.None(() => Run(options with { Resume = ResumeMode.IfPresent }));
        foreach (string point in (string[])[
            "backward, step 1",
            "after update, step 1",
            "validation batch",
            "checkpoint half written",
            "before best-ema"
        ])
        {
            TensorLeak.None(() => Assert.Throws<InvalidOperationException>(() => Run(options with
            {
                Probe = at =>
                {
                    if (at.StartsWith(point, StringComparison.Ordinal))
                    {
                        throw new InvalidOperationException(at);
                    }
                },
            })));
        }

        TensorLeak.None(() => Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            using var cancellation = new CancellationTokenSource();
            new Trainer(model, options).Train(
                Trainings.Loader(data, 2), Trainings.Loader(data), new Trainings.Recorder([], cancellation.Cancel), cancellation.Token);
        }));

        void Run(TrainerOptions with) => new Trainer(model, with).Train(Trainings.Loader(data, 2), Trainings.Loader(data));
    }

    /// <summary>Whatever this machine can do: what was asked for, or a fallback that was warned about.</summary>
    [Theory]
    [InlineData(TrainingPrecision.BFloat16, MemoryLayout.ChannelsLast)]
    [InlineData(TrainingPrecision.Float16, MemoryLayout.Contiguous)]
    [InlineData(TrainingPrecision.Auto, MemoryLayout.Auto)]
    public void Other_precisions_and_layouts_train_too_and_can_be_resumed(TrainingPrecision precision, MemoryLayout layout)
    {
        using var folder = new TemporaryFolder();
        var observer = new Trainings.Observer();
        var options = new TrainerOptions
        {
            Epochs = 2,
            Precision = precision,
            Layout = layout,
            EmaDecay = 0.5,
            OutputFolder = folder.Root,
            Observers = [observer],
            Resume = ResumeMode.IfPresent
        };
        using MadgNetModel model = TinyModel.Create();
        using var cancellation = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => new Trainer(model, options).Train(
            Trainings.Loader(Discs.Dataset(8)),
            Trainings.Validation(Discs.Dataset(4)),
            new Trainings.Recorder([], cancellation.Cancel),
            cancellation.Token));
        TrainingResult result = new Trainer(model, options).Train(
            Trainings.Loader(Discs.Dataset(8)),
            Trainings.Validation(Discs.Dataset(4)),
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([1L, 2, 3, 4], observer.Of<StepReport>().Select(step => step.Step));
        Assert.All(result.History, epoch => Assert.True(double.IsFinite(epoch.Loss)));
        string effect = observer.Of<TrainingRun>().First().Precision;
        bool asAsked = precision == TrainingPrecision.Auto
            || effect.StartsWith(precision == TrainingPrecision.BFloat16 ? "bfloat16" : "float16", StringComparison.Ordinal);
        Assert.Equal(asAsked, !observer.Of<TrainingWarning>().Any(warning => warning.Kind == TrainingWarningKind.PrecisionFallback));
    }

    [Fact]
    public void Progress_tells_position_memory_and_time_left()
    {
        var reports = new List<TrainingProgress>();
        using MadgNetModel model = TinyModel.Create();
        new Trainer(model, new TrainerOptions { Epochs = 2 }).Train(
            Trainings.Loader(Discs.Dataset(8)), Trainings.Loader(Discs.Dataset(4)), new Trainings.Recorder(reports));
        Assert.All(reports, report => Assert.Equal(4, report.TotalSteps));
        Assert.Equal([1L, 2, 3, 4], reports.Where(report => report.Phase == TrainingPhase.Training).Select(report => report.StepsDone));
        Assert.All(reports, report => Assert.True(report.MemoryBytes > 1 << 20));
        Assert.All(reports, report => Assert.True(report.ComputeTime > TimeSpan.Zero || report.Phase != TrainingPhase.Training));
        Assert.True(reports[0].Remaining > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, reports[^1].Remaining);
    }

    private static TrainingResult Train(MadgNetModel model, TrainerOptions options, int images) =>
        new Trainer(model, options).Train(Trainings.Loader(Discs.Dataset(images)), Trainings.Validation(Discs.Dataset(4, seed: 2)));

    private sealed class Throwing : ITrainingObserver
    {
        public int Calls { get; private set; }

        public void StepCompleted(StepReport step)
        {
            Calls++;
            throw new InvalidOperationException("observer");
        }
    }
}

using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training;

public class TrainerTests
{
    [Fact]
    public void A_small_network_learns_to_segment_discs()
    {
        using MadgNetModel model = TinyModel.Create();
        var trainer = new Trainer(model, new TrainerOptions { Epochs = 12, Schedule = new CosineAnnealingSchedule(1e-2) });
        TrainingResult result = trainer.Train(Loader(Discs.Dataset(16)), Loader(Discs.Dataset(6, seed: 2)));

        Assert.Equal(12, result.History.Count);
        Assert.True(result.Last.Loss < 0.7 * result.History[0].Loss, $"loss went from {result.History[0].Loss} to {result.Last.Loss}");
        Assert.True(result.Best.Validation!.Dice > 0.8, $"best Dice {result.Best.Validation.Dice}");
        Assert.Equal(result.History.MaxBy(epoch => epoch.Validation!.Dice), result.Best);
        Assert.False(model.training);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_bit_for_bit()
    {
        byte[][] first = Weights();
        byte[][] second = Weights();
        Assert.Equal(first, second);

        static byte[][] Weights()
        {
            using MadgNetModel model = TinyModel.Create(seed: 5);
            new Trainer(model, new TrainerOptions { Epochs = 2 }).Train(Loader(Discs.Dataset(8)));
            return [.. model.state_dict().Values.Select(tensor => tensor.bytes.ToArray())];
        }
    }

    [Fact]
    public void Best_and_last_checkpoints_hold_the_weights_of_their_epochs()
    {
        using var folder = new TemporaryFolder();
        using MadgNetModel model = TinyModel.Create();
        string output = Path.Combine(folder.Root, "new", "run");
        var trainer = new Trainer(
            model, new TrainerOptions { Epochs = 4, OutputFolder = output, Schedule = new CosineAnnealingSchedule(1e-2) });
        BatchLoader validation = Loader(Discs.Dataset(4, seed: 2));
        TrainingResult result = trainer.Train(Loader(Discs.Dataset(8)), validation);

        Assert.Equal(Path.Combine(output, "best.safetensors"), result.BestCheckpoint);
        Assert.Equal(Path.Combine(output, "last.safetensors"), result.LastCheckpoint);
        using (WeightArchive best = WeightArchive.Open(result.BestCheckpoint!))
        {
            Assert.Equal($"{result.BestEpoch}", best.Metadata["training.epoch"]);
        }

        using MadgNetModel last = MadgNetModel.Load(result.LastCheckpoint!, new TinyEncoder(TinyModel.Levels));
        foreach ((string name, Tensor tensor) in model.state_dict())
        {
            Assert.Equal(tensor.bytes.ToArray(), last.state_dict()[name].bytes.ToArray());
        }
    }

    [Fact]
    public void Progress_tells_every_step_validation_and_epoch()
    {
        var reports = new List<TrainingProgress>();
        using MadgNetModel model = TinyModel.Create();
        var trainer = new Trainer(model, new TrainerOptions { Epochs = 3, ValidateEvery = 2 });
        trainer.Train(Loader(Discs.Dataset(8)), Loader(Discs.Dataset(4)), new Recorder(reports));

        Assert.Equal(6, reports.Count(report => report.Phase == TrainingPhase.Training));
        Assert.Equal([2, 3], reports.Where(report => report.Phase == TrainingPhase.Validation).Select(report => report.Epoch));
        Assert.Equal([1, 2, 3], reports.Where(report => report.Phase == TrainingPhase.EpochCompleted).Select(report => report.Epoch));
        Assert.Equal(2, reports[0].StageLosses.Count);
        Assert.Equal(reports[0].Loss, reports[0].StageLosses.Sum(stage => stage.Region + stage.Distance! + stage.Boundary!), 1e-4);
        Assert.Null(reports[0].Validation);
        Assert.NotNull(reports[^1].Validation);
        Assert.Equal(TimeSpan.Zero, reports[^1].Remaining);
    }

    [Fact]
    public void Cancelling_ends_within_a_step_and_keeps_the_last_weights()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        var reports = new List<TrainingProgress>();
        using MadgNetModel model = TinyModel.Create();
        var trainer = new Trainer(model, new TrainerOptions { Epochs = 50, OutputFolder = folder.Root });
        Assert.ThrowsAny<OperationCanceledException>(() => trainer.Train(
            Loader(Discs.Dataset(8)),
            progress: new Recorder(reports, () => cancellation.Cancel()),
            cancellationToken: cancellation.Token));

        Assert.Single(reports);
        using MadgNetModel last = MadgNetModel.Load(folder.File(Trainer.LastFileName), new TinyEncoder(TinyModel.Levels));
        Assert.Equal(
            model.state_dict()["decoder_stage1.conv1.0.weight"].bytes.ToArray(),
            last.state_dict()["decoder_stage1.conv1.0.weight"].bytes.ToArray());
        Assert.False(model.training);
    }

    [Fact]
    public void A_checkpoint_carries_no_score_of_other_weights()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        var reports = new List<TrainingProgress>();
        using MadgNetModel model = TinyModel.Create();
        var trainer = new Trainer(model, new TrainerOptions { Epochs = 3, OutputFolder = folder.Root });
        Assert.ThrowsAny<OperationCanceledException>(() => trainer.Train(
            Loader(Discs.Dataset(8)),
            Loader(Discs.Dataset(4)),
            new Recorder(reports, () =>
            {
                if (reports[^1].Epoch == 2)
                {
                    cancellation.Cancel();
                }
            }),
            cancellation.Token));

        using WeightArchive best = WeightArchive.Open(folder.File(Trainer.BestFileName));
        using WeightArchive last = WeightArchive.Open(folder.File(Trainer.LastFileName));
        Assert.Contains("training.validation_dice", best.Metadata.Keys);
        Assert.DoesNotContain("training.validation_dice", last.Metadata.Keys);
    }

    [Fact]
    public void Training_validating_and_failing_leave_no_tensor_behind()
    {
        InMemoryDataset data = Discs.Dataset(4);
        using MadgNetModel model = TinyModel.Create();
        TensorLeak.None(() => new Trainer(model, new TrainerOptions { Epochs = 2 }).Train(Loader(data), Loader(data)));
        TensorLeak.None(() => Assert.Throws<InvalidOperationException>(() =>
            new Trainer(model, new TrainerOptions { Epochs = 2 }).Train(
                Loader(data), Loader(data), new Recorder([], () => throw new InvalidOperationException()))));
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_the_run_and_names_the_images()
    {
        using MadgNetModel model = TinyModel.Create();
        using (no_grad())
        {
            model.state_dict()["sub_decoder_stage2.output_map_conv.weight"].fill_(float.NaN);
        }

        var exception = Assert.Throws<TrainingException>(() => new Trainer(model).Train(Loader(Discs.Dataset(4))));
        Assert.Contains("Epoch 1, step 1", exception.Message, StringComparison.Ordinal);
        Assert.Contains("disc", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Batches_of_one_image_are_refused_before_training_where_split_attention_cannot_learn_from_them()
    {
        using var model = new MadgNetModel();
        var trainer = new Trainer(model);
        var exception = Assert.Throws<InvalidOptionsException>(() => trainer.Train(Loader(Discs.Dataset(5), batchSize: 4)));
        Assert.Contains("DropLast", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused_together()
    {
        using MadgNetModel model = TinyModel.Create();
        var exception = Assert.Throws<InvalidOptionsException>(() => new Trainer(
            model, new TrainerOptions { Epochs = 0, ValidateEvery = 0, Threshold = double.NaN, OutputFolder = " " }));
        Assert.Equal(4, exception.Problems.Count);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_before_training()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("file", "x"u8);
        using MadgNetModel model = TinyModel.Create();
        var trainer = new Trainer(model, new TrainerOptions { OutputFolder = Path.Combine(file, "below") });
        Assert.Throws<TrainingException>(() => trainer.Train(Loader(Discs.Dataset(4))));
    }

    [Fact]
    public void Validation_images_may_have_any_size()
    {
        using MadgNetModel model = TinyModel.Create();
        var trainer = new Trainer(model, new TrainerOptions { Epochs = 1 });
        TrainingResult result = trainer.Train(Loader(Discs.Dataset(4)), Loader(Discs.Dataset(2, height: 21, width: 35), batchSize: 1));
        Assert.Equal(2, result.Last.Validation!.Images);
    }

    [Fact]
    public async Task Training_can_be_awaited()
    {
        using MadgNetModel model = TinyModel.Create();
        TrainingResult result = await new Trainer(model, new TrainerOptions { Epochs = 1 }).TrainAsync(
            Loader(Discs.Dataset(4)), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Single(result.History);
    }

    private static BatchLoader Loader(IDataset dataset, int batchSize = 4) =>
        new(dataset, new BatchLoaderOptions { BatchSize = batchSize, Seed = 3, Workers = 1, Transform = new HorizontalFlip() });

    private sealed class Recorder(List<TrainingProgress> reports, Action? after = null) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            reports.Add(value);
            after?.Invoke();
        }
    }
}

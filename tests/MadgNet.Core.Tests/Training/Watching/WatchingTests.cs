using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Watching;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training.Watching;

public class WatchingTests
{
    [Fact]
    public void A_loss_that_is_no_number_names_the_weights_that_it_comes_from()
    {
        using MadgNetModel model = TinyModel.Create();
        Fill(model, "sub_decoder_stage2.output_map_conv.weight", float.NaN);
        var exception = Assert.Throws<TrainingException>(() => Train(model, new TrainerOptions()));
        BlockProperty.FollowsTheMessageRule(exception, "Epoch 1, step 1", "disc", "sub_decoder_stage2.output_map_conv.weight");
    }

    [Fact]
    public void A_layer_that_overflows_is_named_and_its_trace_is_wiped_from_the_statistics()
    {
        using MadgNetModel model = TinyModel.Create();
        foreach (string name in model.state_dict().Keys.Where(name => name.StartsWith("feature_encoding.levels", StringComparison.Ordinal)
            || name == "skip_connection1.0.weight")
            .ToList())
        {
            Fill(model, name, 1e30f);
        }

        SortedDictionary<string, byte[]> before = Trainings.Weights(model);
        var exception = Assert.Throws<TrainingException>(() => Train(model, new TrainerOptions()));
        Assert.Contains("first layer whose output is not finite is 'skip_connection1.0'", exception.Message, StringComparison.Ordinal);
        Trainings.Equal(before, Trainings.Weights(model));
    }

    [Fact]
    public void An_image_with_values_that_are_no_numbers_is_named()
    {
        Sample sample = Discs.Sample(7, 32, 32, 1);
        sample.Image.Data[5] = float.NaN;
        var set = new InMemoryDataset([Discs.Sample(0, 32, 32, 1), sample]);
        using MadgNetModel model = TinyModel.Create();
        var exception = Assert.Throws<TrainingException>(() => new Trainer(model).Train(new BatchLoader(
            set, new BatchLoaderOptions { BatchSize = 2 })));
        Assert.Contains("the image 'disc7' itself", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gradients_that_are_not_finite_stop_the_run_and_are_named()
    {
        using MadgNetModel model = WithGradient(steps => true);
        var exception = Assert.Throws<TrainingException>(() => Train(model, new TrainerOptions()));
        Assert.Contains("gradients that are not finite", exception.Message, StringComparison.Ordinal);
        Assert.Contains("feature_encoding.levels.2.weight", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_that_are_not_finite_can_be_skipped_a_limited_number_of_times()
    {
        int passes = 0;
        var observer = new Trainings.Observer();
        using (MadgNetModel model = WithGradient(_ => ++passes == 2))
        {
            TrainingResult result = Train(model, new TrainerOptions { Epochs = 2, MaximumSkippedSteps = 1, Observers = [observer] });
            Assert.Equal(4, result.Steps);
            Assert.Equal([1, 2], result.History.Select(epoch => epoch.Steps));
            Assert.True(double.IsFinite(result.History[0].Loss));
            Assert.Equal([false, true, false, false], observer.Of<StepReport>().Select(step => step.Skipped));
            TrainingWarning warning = Assert.Single(observer.Of<TrainingWarning>());
            Assert.Equal((TrainingWarningKind.StepSkipped, 1, 2L), (warning.Kind, warning.Epoch, warning.Step));
        }

        using (MadgNetModel model = WithGradient(_ => true))
        {
            observer = new Trainings.Observer();
            Assert.Throws<TrainingException>(() => Train(
                model, new TrainerOptions { Epochs = 5, MaximumSkippedSteps = 3, Observers = [observer] }));
            Assert.Equal(3, observer.Of<StepReport>().Count(step => step.Skipped));
            Assert.Single(observer.Of<TrainingWarning>());
        }
    }

    [Fact]
    public void A_skipped_step_leaves_weights_and_statistics_as_they_were()
    {
        using MadgNetModel model = WithGradient(_ => true);
        SortedDictionary<string, byte[]> before = Trainings.Weights(model);
        TrainingResult result = Train(model, new TrainerOptions { Epochs = 1, MaximumSkippedSteps = 10 });
        Assert.Equal(0, result.Last.Steps);
        Assert.True(double.IsNaN(result.Last.Loss));
        Trainings.Equal(before, Trainings.Weights(model));
    }

    [Fact]
    public void Memory_that_runs_out_says_what_was_asked_and_what_to_lower()
    {
        // What libtorch answers to an allocation of a petabyte is its own message for want of memory.
        using var model = new MadgNetModel(TinyModel.Options, new TinyEncoder(TinyModel.Levels)
        {
            Tamper = (_, levels) =>
            {
                using Tensor huge = empty(1L << 50);
                return levels;
            },
        });
        var exception = Assert.Throws<TrainingException>(() => Train(model, new TrainerOptions()));
        BlockProperty.FollowsTheMessageRule(exception, "4 images of 3×32×32", "BatchSize", "AccumulationSteps", "Epoch 1, step 1");
        Assert.NotNull(exception.InnerException);
    }

    [Fact]
    public void A_collapsed_weight_between_foreground_and_background_is_warned_about_once()
    {
        var observer = new Trainings.Observer();
        using MadgNetModel model = TinyModel.Create();
        string name = model.named_parameters()
            .First(entry => entry.name.EndsWith("alpha", StringComparison.Ordinal)
                || entry.name.Contains("alpha", StringComparison.Ordinal)).name;
        Fill(model, name, 0.001f);
        Train(model, new TrainerOptions { Epochs = 3, Schedule = new ConstantSchedule(1e-7), Observers = [observer] });
        TrainingWarning warning = Assert.Single(observer.Of<TrainingWarning>());
        Assert.Equal(TrainingWarningKind.AttentionWeightsCollapsed, warning.Kind);
        Assert.Contains("α = 0.001", warning.Problem.Received, StringComparison.Ordinal);
    }

    [Fact]
    public void A_channel_attention_that_is_open_for_everything_is_warned_about_once()
    {
        var observer = new Trainings.Observer();
        using MadgNetModel model = TinyModel.Create();
        MadgNet.Core.Modules.Attention.MultiFrequencyChannelAttention attention = model.modules()
            .OfType<MadgNet.Core.Modules.Attention.MultiFrequencyChannelAttention>()
            .First();
        using (no_grad())
        {
            foreach ((_, TorchSharp.Modules.Parameter parameter) in attention.named_parameters())
            {
                using Scalar value = 1000.0.ToScalar();
                parameter.fill_(value);
            }
        }

        new Trainer(model, new TrainerOptions { Epochs = 2, Schedule = new ConstantSchedule(1e-7), Observers = [observer] })
            .Train(Trainings.Loader(Discs.Dataset(8)), Trainings.Loader(Discs.Dataset(2, seed: 2)));
        Assert.Equal(
            TrainingWarningKind.DeadAttention,
            Assert.Single(observer.Of<TrainingWarning>(), warning => warning.Kind == TrainingWarningKind.DeadAttention).Kind);
    }

    [Fact]
    public void Norms_far_above_the_usual_are_warned_about()
    {
        var state = new RunState();
        Assert.All(Enumerable.Range(0, 30), step => Assert.Null(GradientWatch.Add(state, 2 + Math.Sin(step))));
        Assert.Null(GradientWatch.Add(state, 100));
        Assert.Contains(
            "2000", GradientWatch.Add(state, 2000)!.Received.Replace("2E+03", "2000", StringComparison.Ordinal), StringComparison.Ordinal);
        var fresh = new RunState();
        Assert.All((double[])[1e-9, 1e9, double.NaN, 0], norm => Assert.Null(GradientWatch.Add(fresh, norm)));
    }

    [Fact]
    public void A_loader_that_keeps_the_network_waiting_is_warned_about()
    {
        // The clock runs while the dataset is read, and nowhere else.
        var clock = new Clock();
        var observer = new Trainings.Observer();
        using MadgNetModel model = TinyModel.Create();
        var slow = new Slow(Discs.Dataset(24, 16, 16), () => clock.Now += 1000);
        new Trainer(
            model,
            new TrainerOptions { Epochs = 4, Clock = clock, Observers = [observer] }).Train(new BatchLoader(
                slow, new BatchLoaderOptions { BatchSize = 2, Workers = 0 }));
        TrainingWarning warning = Assert.Single(observer.Of<TrainingWarning>());
        Assert.Equal((TrainingWarningKind.LoaderStalled, 20L), (warning.Kind, warning.Step - 1));
        Assert.Contains("Workers", warning.Problem.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(255, false, true)]
    [InlineData(1, false, false)]
    [InlineData(255, true, false)]
    public void Images_that_nobody_divided_by_255_are_warned_about(float brightest, bool normalises, bool warns)
    {
        var observer = new Trainings.Observer();
        using MadgNetModel model = TinyModel.Create();
        var dataset = new InMemoryDataset(Enumerable.Range(0, 4).Select(i =>
        {
            Sample sample = Discs.Dataset(4, 16, 16).Load(i);
            return sample.With(new FloatImage(3, 16, 16, [.. sample.Image.Data.ToArray().Select(value => value * brightest)]));
        }));
        var loader = new BatchLoader(
            dataset,
            new BatchLoaderOptions { BatchSize = 2, Workers = 0, Transform = normalises ? new Compose(Normalize.ImageNet) : null });

        new Trainer(model, new TrainerOptions { Epochs = 1, Observers = [observer] }).Train(loader);

        Assert.Equal(warns, observer.Of<TrainingWarning>().Any(warning => warning.Kind == TrainingWarningKind.ValuesOutOfRange));
    }

    private static void Fill(MadgNetModel model, string name, float with)
    {
        using var noGradients = no_grad();
        using Scalar value = with.ToScalar();
        model.state_dict()[name].fill_(value);
    }

    private static TrainingResult Train(MadgNetModel model, TrainerOptions options) =>
        new Trainer(model, options).Train(Trainings.Loader(Discs.Dataset(8)));

    /// <summary>
    /// A network whose finest weights' backward pass overflows in the passes that are asked for, while its forward pass is sound.
    /// </summary>
    private static MadgNetModel WithGradient(Func<int, bool> overflows)
    {
        int passes = 0;
        var backbone = new TinyEncoder(TinyModel.Levels)
        {
            // sqrt has an infinite derivative at 0: 0 · ∞ is no number.
            Tamper = (_, levels) => overflows(++passes)
                ? [levels[0], levels[1], levels[2].add(levels[2].sub(levels[2]).sqrt(), 1.ToScalar())]
                : levels,
        };
        return new MadgNetModel(TinyModel.Options, backbone);
    }

    private sealed class Slow(IDataset inner, Action wait) : IDataset
    {
        public int Count => inner.Count;

        public string NameOf(int index) => inner.NameOf(index);

        public Sample Load(int index)
        {
            wait();
            return inner.Load(index);
        }
    }

    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Now;
    }
}

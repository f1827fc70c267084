using MadgNet.Core.Data;
using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.RangeTest;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training.RangeTest;

/// <remarks>Not in parallel with other tests: libtorch's random state is the process's.</remarks>
[Collection(nameof(LearningRateRangeTestTests))]
[CollectionDefinition(nameof(LearningRateRangeTestTests), DisableParallelization = true)]
public class LearningRateRangeTestTests
{
    [Fact]
    public void The_rate_rises_by_one_factor_and_the_loss_falls_before_it_grows()
    {
        using MadgNetModel model = TinyModel.Create();
        var reported = new List<LearningRatePoint>();
        LearningRateRange range = new LearningRateRangeTest(model, new LearningRateRangeOptions { Lowest = 1e-5, Highest = 10, Steps = 60 })
            .Run(Loader(), new Recorder(reported));

        Assert.Equal(1e-5, range.Points[0].LearningRate, 1e-12);
        double factor = Math.Pow(1e6, 1.0 / 59);
        Assert.All(
            range.Points.Zip(range.Points.Skip(1)), pair => Assert.Equal(factor, pair.Second.LearningRate / pair.First.LearningRate, 1e-9));
        Assert.Equal(range.Points.Select(point => point.Loss), reported.Select(point => point.Loss));
        Assert.NotNull(range.Suggestion);
        LearningRatePoint lowest = range.Points.MinBy(point => point.SmoothedLoss);
        Assert.True(
            lowest.SmoothedLoss < 0.9 * range.Points[0].SmoothedLoss,
            $"the loss went from {range.Points[0].SmoothedLoss} to {lowest.SmoothedLoss}");
        Assert.InRange(range.Suggestion.Value, 1e-5, lowest.LearningRate);
    }

    [Fact]
    public void Model_gradients_mode_and_random_state_are_what_they_were()
    {
        using MadgNetModel model = TinyModel.Create();
        model.eval();
        TorchSharp.Modules.Parameter first = model.parameters().First();
        using Tensor gradient = ones_like(first);
        first.grad = gradient;
        manual_seed(11);
        byte[][] before = Everything(model);

        new LearningRateRangeTest(model, new LearningRateRangeOptions { Steps = 10, Lowest = 1e-3 }).Run(Loader());

        Assert.Equal(before, Everything(model));
        Assert.False(model.training);
        using Tensor? kept = first.grad;
        Assert.Equal(gradient.bytes.ToArray(), kept!.bytes.ToArray());
        Assert.All(model.parameters().Skip(1), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void A_cancelled_test_leaves_the_model_as_it_was()
    {
        using MadgNetModel model = TinyModel.Create();
        using var cancellation = new CancellationTokenSource();
        byte[][] before = Everything(model);
        var reported = new List<LearningRatePoint>();
        Assert.ThrowsAny<OperationCanceledException>(() => new LearningRateRangeTest(
            model, new LearningRateRangeOptions { Steps = 50, Lowest = 1e-2 }).Run(
            Loader(), new Recorder(reported, () => cancellation.Cancel()), cancellation.Token));

        Assert.Single(reported);
        Assert.Equal(before, Everything(model));
        Assert.True(model.training);
    }

    [Fact]
    public void The_same_seed_gives_the_same_losses()
    {
        Assert.Equal(Losses(), Losses());

        static double[] Losses()
        {
            using MadgNetModel model = TinyModel.Create(seed: 3);
            return [.. new LearningRateRangeTest(
                model, new LearningRateRangeOptions { Steps = 12 }).Run(Loader()).Points.Select(point => point.Loss)];
        }
    }

    [Fact]
    public void A_test_that_goes_too_far_ends_early_with_what_it_found()
    {
        using MadgNetModel model = TinyModel.Create();
        LearningRateRange range = new LearningRateRangeTest(
            model, new LearningRateRangeOptions { Lowest = 1e-4, Highest = 1e8, Steps = 60, Divergence = 1.5 }).Run(Loader());

        Assert.True(range.Diverged);
        Assert.InRange(range.Points.Count, 10, 59);
    }

    [Fact]
    public void The_suggestion_is_the_steepest_fall_and_the_smoothing_does_not_shift_it()
    {
        // A fall of one around step 30 of 60, seen through a symmetric window, is steepest where it is.
        (double, double)[] steps = [.. Enumerable.Range(0, 60)
            .Select(i => (Math.Pow(10, -6 + (i * 0.1)), 2 - (1 / (1 + Math.Exp(-(i - 30) / 2.0)))))];
        LearningRateRange range = new(steps, smoothing: 5, diverged: false);
        Assert.Equal(1e-3, range.Suggestion!.Value, 1e-9);
        Assert.Null(new LearningRateRange([.. steps.Select((step, i) => (step.Item1, (double)i))], 5, false).Suggestion);
        Assert.Null(new LearningRateRange(steps.Take(3), 5, false).Suggestion);
    }

    [Fact]
    public void Losses_that_are_no_numbers_do_not_spoil_the_smoothed_ones()
    {
        LearningRateRange range = new([(1, 4), (2, 2), (3, double.NaN)], smoothing: 1, diverged: true);
        Assert.Equal([10.0 / 3, 8.0 / 3, 2], range.Points.Select(point => point.SmoothedLoss));
        Assert.Equal(
            "step,learning_rate,loss,smoothed_loss\r\n1,1,4,3.3333333333333335\r\n2,2,2,2.6666666666666665\r\n3,3,,2\r\n",
            range.ToCsv());
        using var folder = new TemporaryFolder();
        range.SaveCsv(folder.File("range.csv"));
        Assert.Equal(range.ToCsv(), File.ReadAllText(folder.File("range.csv")));
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused_together()
    {
        using MadgNetModel model = TinyModel.Create();
        InvalidOptionsException refused = Assert.Throws<InvalidOptionsException>(() => new LearningRateRangeTest(
            model,
            new LearningRateRangeOptions
            {
                Lowest = 1,
                Highest = 0.1,
                Steps = 1,
                Smoothing = -1,
                Divergence = 1,
                Optimizer = new AdamOptions { Beta1 = 2 }
            }));
        Assert.Equal(5, refused.Problems.Count);
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        using MadgNetModel model = TinyModel.Create();
        BatchLoader loader = Loader();
        TensorLeak.None(() => new LearningRateRangeTest(model, new LearningRateRangeOptions { Steps = 10 }).Run(loader));
    }

    private static BatchLoader Loader() => new(Discs.Dataset(16), new BatchLoaderOptions { BatchSize = 4, Workers = 0 });

    private static byte[][] Everything(MadgNetModel model)
    {
        using Tensor random = get_rng_state();
        return [random.bytes.ToArray(), .. model.state_dict().Values.Select(value => value.bytes.ToArray())];
    }

    private sealed class Recorder(List<LearningRatePoint> points, Action? then = null) : IProgress<LearningRatePoint>
    {
        public void Report(LearningRatePoint value)
        {
            points.Add(value);
            then?.Invoke();
        }
    }
}

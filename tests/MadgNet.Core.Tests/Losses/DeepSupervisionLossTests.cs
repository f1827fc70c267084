using MadgNet.Core.Losses;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Losses;

public sealed class DeepSupervisionLossTests
{
    [Fact]
    public void The_published_sum_holds_the_golden_structure_loss_of_every_stage()
    {
        using Fixture fixture = Fixture.Open("losses");
        using TaskMaps targets = Targets(fixture);
        using TaskMaps stage = Logits(fixture);
        using DeepSupervisionResult result = new DeepSupervisionLoss().Compute([stage, stage], targets);
        double golden = fixture["structure_batch_mean"].item<float>();
        Assert.All(result.ReadStages(), values => Assert.Equal(golden, values.Region, 1e-5));
    }

    [Fact]
    public void The_total_is_the_sum_of_the_terms_with_their_weights()
    {
        using Fixture fixture = Fixture.Open("losses");
        using TaskMaps targets = Targets(fixture);
        using TaskMaps stage = Logits(fixture);
        var loss = new DeepSupervisionLoss(new DeepSupervisionOptions
        {
            RegionWeight = 2,
            DistanceWeight = 3,
            BoundaryWeight = 0.5,
            StageWeights = [1, 0.25],
        });
        using DeepSupervisionResult result = loss.Compute([stage, stage], targets);
        TaskLossValues values = result.ReadStages()[0];
        double expected = 1.25 * ((2 * values.Region) + (3 * values.Distance!) + (0.5 * values.Boundary!));
        Assert.Equal(expected, result.Total.item<float>(), 1e-5 * expected);
    }

    [Fact]
    public void The_distance_term_is_the_mean_squared_error_of_the_sigmoid()
    {
        using Fixture fixture = Fixture.Open("losses");
        using TaskMaps targets = Targets(fixture);
        using TaskMaps stage = Logits(fixture);
        using DeepSupervisionResult result = new DeepSupervisionLoss().Compute([stage], targets);
        double expected = stage.Distance!.data<float>().Zip(targets.Distance!.data<float>())
            .Average(pair => Math.Pow((1 / (1 + Math.Exp(-pair.First))) - pair.Second, 2));
        Assert.Equal(expected, result.ReadStages()[0].Distance!, 1e-6);
    }

    [Fact]
    public void The_boundary_term_is_the_binary_cross_entropy_of_the_logits()
    {
        using Fixture fixture = Fixture.Open("losses");
        using TaskMaps targets = Targets(fixture);
        using TaskMaps stage = Logits(fixture);
        using DeepSupervisionResult result = new DeepSupervisionLoss().Compute([stage], targets);
        double expected = stage.Boundary!.data<float>().Zip(targets.Boundary!.data<float>())
            .Average(pair => Math.Log(1 + Math.Exp(pair.First)) - (pair.First * pair.Second));
        Assert.Equal(expected, result.ReadStages()[0].Boundary!, 1e-5);
    }

    [Fact]
    public void A_term_of_weight_zero_cannot_poison_the_total()
    {
        using TaskMaps targets = new(zeros(1, 1, 4, 4), zeros(1, 1, 4, 4), zeros(1, 1, 4, 4));
        using TaskMaps stage = new(zeros(1, 1, 4, 4), full([1, 1, 4, 4], float.NaN), zeros(1, 1, 4, 4));
        using DeepSupervisionResult result =
            new DeepSupervisionLoss(new DeepSupervisionOptions { DistanceWeight = 0 }).Compute([stage], targets);
        Assert.True(float.IsFinite(result.Total.item<float>()));
    }

    [Fact]
    public void Gradients_reach_the_logits_of_every_task_and_stage()
    {
        using TaskMaps targets = new(ones(1, 1, 4, 4), zeros(1, 1, 4, 4), zeros(1, 1, 4, 4));
        using TaskMaps first = Leaves();
        using TaskMaps second = Leaves();
        using DeepSupervisionResult result = new DeepSupervisionLoss().Compute([first, second], targets);
        result.Total.backward();
        Assert.All(
            new[] { first.Region, first.Distance!, first.Boundary!, second.Region, second.Distance!, second.Boundary! },
            leaf =>
            {
                using Tensor? gradient = leaf.grad;
                Assert.True(gradient!.abs().sum().item<float>() > 0);
            });

        static TaskMaps Leaves() =>
            new(zeros(1, 1, 4, 4, requires_grad: true), zeros(1, 1, 4, 4, requires_grad: true), zeros(1, 1, 4, 4, requires_grad: true));
    }

    [Fact]
    public void Ignored_pixels_change_no_term()
    {
        using TaskMaps targets = new(ones(1, 1, 4, 4), ones(1, 1, 4, 4), ones(1, 1, 4, 4));
        using TaskMaps stage = new(zeros(1, 1, 4, 4), zeros(1, 1, 4, 4), zeros(1, 1, 4, 4));
        using TaskMaps other = new(zeros(1, 1, 4, 4), zeros(1, 1, 4, 4), zeros(1, 1, 4, 4));
        using Tensor ignore = zeros(1, 1, 4, 4);
        ignore[0, 0, 1, 2] = 1;
        foreach (Tensor map in new[] { other.Region, other.Distance!, other.Boundary! })
        {
            map[0, 0, 1, 2] = 50;
        }

        using DeepSupervisionResult expected = new DeepSupervisionLoss().Compute([stage], targets, ignore);
        using DeepSupervisionResult actual = new DeepSupervisionLoss().Compute([other], targets, ignore);
        Close.Relative(expected.Terms, actual.Terms, 1e-6, "terms");
    }

    [Fact]
    public void All_problems_of_the_options_are_reported_at_once()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new DeepSupervisionLoss(new DeepSupervisionOptions
        {
            RegionWeight = -1,
            Boundary = null!,
            StageWeights = [1, double.NaN],
        }));
        Assert.All(
            new[] { "RegionWeight", "Boundary", "StageWeights[1]" },
            subject => Assert.Contains(subject, exception.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_number_of_stages_other_than_that_of_the_weights_is_refused()
    {
        using TaskMaps maps = new(zeros(1, 1, 4, 4), zeros(1, 1, 4, 4), zeros(1, 1, 4, 4));
        var loss = new DeepSupervisionLoss(new DeepSupervisionOptions { StageWeights = [1, 1, 1, 1] });
        var exception = Assert.Throws<InvalidMapException>(() => loss.Compute([maps], maps));
        Assert.Contains("1 stages", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_loss_leaves_no_tensor_behind()
    {
        using Fixture fixture = Fixture.Open("losses");
        using TaskMaps targets = Targets(fixture);
        using TaskMaps stage = Logits(fixture);
        using Tensor small = zeros(1, 1, 2, 2);
        using var wrong = new TaskMaps(stage.Region.alias(), small.alias(), stage.Boundary!.alias());
        TensorLeak.None(() =>
        {
            using DeepSupervisionResult result = new DeepSupervisionLoss().Compute([stage, stage], targets);
            _ = result.ReadStages();
            Assert.Throws<InvalidMapException>(() => new DeepSupervisionLoss().Compute([stage, wrong], targets));
        });
    }

    private static TaskMaps Targets(Fixture fixture) => new(
        fixture["mask"].alias(), fixture["distance_target"].alias(), fixture["boundary_target"].alias());

    private static TaskMaps Logits(Fixture fixture) => new(
        GoldenLosses.Logits(fixture), GoldenLosses.Logits(fixture), GoldenLosses.Logits(fixture));
}

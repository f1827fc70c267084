using MadgNet.Core.Losses;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Losses;

/// <summary>The forms of overlap losses for soft labels, and what the plain forms do with them.</summary>
public sealed class SoftLabelTests
{
    private static readonly Dictionary<string, (SegmentationLoss Plain, SegmentationLoss Soft)> Losses = new()
    {
        ["Dice"] = (new DiceLoss(), new DiceLoss { SoftLabels = true }),
        ["Jaccard"] = (new JaccardLoss(), new JaccardLoss { SoftLabels = true }),
        ["Tversky"] = (new TverskyLoss(), new TverskyLoss { SoftLabels = true }),
        ["focal Tversky"] = (new FocalTverskyLoss(), new FocalTverskyLoss { SoftLabels = true }),
        ["log-cosh Dice"] = (new LogCoshDiceLoss(), new LogCoshDiceLoss { SoftLabels = true }),
    };

    public static TheoryData<string> Names => [.. Losses.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_prediction_equal_to_a_soft_target_is_the_minimum(string name)
    {
        using var scope = NewDisposeScope();
        Tensor target = Target();
        Tensor perfect = target.logit();
        SegmentationLoss loss = Losses[name].Soft;
        Assert.Equal(0, loss.Compute(perfect, target).item<double>(), 1e-12);
        for (int seed = 0; seed < 20; seed++)
        {
            Tensor other = perfect + FixtureRule.Tensor($"test.soft.{seed}", [1, 1, 4, 5], -2, 2).to(ScalarType.Float64);
            Assert.True(loss.Compute(other, target).item<double>() > 1e-4, $"seed {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_plain_form_prefers_certainty_to_a_soft_target(string name)
    {
        using var scope = NewDisposeScope();
        Tensor target = Target();
        Tensor certain = (target.ge(0.5).to(ScalarType.Float64) * 60) - 30;
        SegmentationLoss loss = Losses[name].Plain;
        Assert.True(loss.Compute(certain, target).item<double>() < loss.Compute(target.logit(), target).item<double>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Both_forms_agree_where_targets_are_0_and_1(string name)
    {
        using var scope = NewDisposeScope();
        Tensor target = Target().ge(0.5).to(ScalarType.Float64);
        Tensor logits = FixtureRule.Tensor("test.soft.logits", [1, 1, 4, 5], -3, 3).to(ScalarType.Float64);
        Assert.Equal(
            Losses[name].Plain.Compute(logits, target).item<double>(), Losses[name].Soft.Compute(logits, target).item<double>(), 1e-12);
    }

    [Fact]
    public void A_focal_loss_is_not_least_at_a_soft_target_and_cross_entropy_is()
    {
        using var scope = NewDisposeScope();
        Tensor target = full([1, 1, 1, 1], 0.3, ScalarType.Float64);
        Tensor shifted = (target + 0.02).logit();
        double atTarget = new FocalLoss().Compute(target.logit(), target).item<double>();
        Assert.NotEqual(atTarget, new FocalLoss().Compute(shifted, target).item<double>());
        Assert.True(Slope(new FocalLoss(alpha: null)) > 1e-3);
        Assert.True(Slope(new BinaryCrossEntropyLoss()) < 1e-12);

        double Slope(SegmentationLoss loss)
        {
            Tensor logits = target.logit().requires_grad_();
            loss.Compute(logits, target).backward();
            return Math.Abs(logits.grad!.item<double>());
        }
    }

    [Fact]
    public void Only_a_choice_that_is_made_is_part_of_what_a_training_is_resumed_with()
    {
        Assert.DoesNotContain(((IDescribed)new DiceLoss()).Describe(), part => part.Name == nameof(DiceLoss.SoftLabels));
        Assert.Contains(
            ((IDescribed)new DiceLoss { SoftLabels = true }).Describe(), part => part.Name == nameof(DiceLoss.SoftLabels));
        Assert.DoesNotContain(
            ((IDescribed)new HausdorffDistanceLoss()).Describe(), part => part.Name == nameof(HausdorffDistanceLoss.EmptyMaps));
        Assert.Contains(
            ((IDescribed)new HausdorffDistanceLoss(emptyMaps: EmptyMapDistance.Zero)).Describe(),
            part => part.Name == nameof(HausdorffDistanceLoss.EmptyMaps));
    }

    [Fact]
    public void A_recipe_keeps_the_choices()
    {
        var loss = new WeightedSumLoss(
            (1, new TverskyLoss { SoftLabels = true }),
            (1, new FocalTverskyLoss(falsePositiveWeight: 0.4) { SoftLabels = true }),
            (1, new FocalLoss(alpha: null)),
            (1, new HausdorffDistanceLoss(emptyMaps: EmptyMapDistance.Zero)));
        var recipe = new Recipe();
        recipe = recipe.WithTrainer(trainer =>
            trainer with { Loss = new DeepSupervisionLoss(new DeepSupervisionOptions { Region = loss }) });
        var read = (WeightedSumLoss)Recipe.FromJson(recipe.ToJson()).Trainer.Loss.Options.Region;
        Assert.True(((TverskyLoss)read.Parts[0].Loss).SoftLabels);
        var focal = (FocalTverskyLoss)read.Parts[1].Loss;
        Assert.Equal((true, 0.4), (focal.SoftLabels, focal.FalsePositiveWeight));
        Assert.Null(((FocalLoss)read.Parts[2].Loss).Alpha);
        Assert.Equal(EmptyMapDistance.Zero, ((HausdorffDistanceLoss)read.Parts[3].Loss).EmptyMaps);
    }

    [Fact]
    public void A_rule_for_empty_maps_that_there_is_not_is_refused() =>
        Assert.Throws<System.ComponentModel.InvalidEnumArgumentException>(() => new HausdorffDistanceLoss(emptyMaps: (EmptyMapDistance)7));

    private static Tensor Target() => FixtureRule.Tensor("test.soft.target", [1, 1, 4, 5], 0.05, 0.95).to(ScalarType.Float64);
}

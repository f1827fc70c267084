using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Metrics;

public sealed class ConfusionCountsTests
{
    [Fact]
    public void A_batch_is_counted_image_by_image_and_label_by_label()
    {
        using Tensor probability = tensor(new[] { 0.5f, 0.4f, 1f, 0f, 0f, 0f, 1f, 1f }, [2, 2, 1, 2]);
        using Tensor truth = tensor(new[] { true, true, false, false, false, false, true, false }, [2, 2, 1, 2]);
        ConfusionCounts[][] counts = ConfusionCounts.FromBatch(probability, truth);
        Assert.Equal([new(1, 0, 1, 0), new(0, 1, 0, 1)], counts[0]);
        Assert.Equal([new(0, 0, 0, 2), new(1, 1, 0, 0)], counts[1]);
    }

    [Fact]
    public void Metrics_of_a_published_table_are_reproduced()
    {
        // Sensitivity and specificity of the worked example in Altman, Bland, BMJ 308:1552 (1994): 231 of 258 abnormal and 54 of
        // 86 normal livers; predictive value from BMJ 309:102 (1994): 231 of 263.
        var counts = new ConfusionCounts(231, 32, 27, 54);
        Assert.Equal(0.90, counts.Recall, 0.005);
        Assert.Equal(0.63, counts.Specificity, 0.005);
        Assert.Equal(0.88, counts.Precision, 0.005);
    }

    [Fact]
    public void Kappa_measures_the_accuracy_above_chance()
    {
        // Accuracy (20 + 15)/50 = 0.7; chance (25·30 + 25·20)/50² = 0.5; (0.7 − 0.5)/(1 − 0.5) = 0.4.
        Assert.Equal(0.4, new ConfusionCounts(20, 5, 10, 15).CohensKappa, 1e-12);
    }

    [Fact]
    public void Matthews_correlation_is_the_correlation_of_the_two_masks()
    {
        double[] prediction = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0];
        double[] truth = [1, 1, 1, 0, 1, 1, 0, 0, 0, 0];
        Assert.Equal(
            MathNet.Numerics.Statistics.Correlation.Pearson(prediction, truth), new ConfusionCounts(3, 1, 2, 4).MatthewsCorrelation, 1e-12);
    }

    [Fact]
    public void Balanced_accuracy_leaves_out_a_class_that_the_truth_does_not_hold() =>
        Assert.Equal(0.75, new ConfusionCounts(0, 1, 0, 3).BalancedAccuracy);

    [Fact]
    public void An_undefined_quotient_of_a_wrong_answer_is_zero()
    {
        var counts = new ConfusionCounts(0, 2, 0, 2);
        Assert.Equal((0, 0, 0), (counts.Recall, counts.MatthewsCorrelation, counts.CohensKappa));
    }

    [Fact]
    public void Metrics_of_summed_tables_are_the_micro_averages() =>
        Assert.Equal(8.0 / 12, (new ConfusionCounts(3, 1, 2, 10) + new ConfusionCounts(1, 1, 0, 2)).Dice);

    [Fact]
    public void The_F_measure_with_equal_weights_is_Dice()
    {
        var counts = new ConfusionCounts(3, 1, 2, 10);
        Assert.Equal(counts.Dice, counts.F(1), 1e-15);
    }

    [Fact]
    public void Two_empty_masks_overlap_perfectly()
    {
        var counts = new ConfusionCounts(0, 0, 0, 9);
        Assert.Equal((1, 1), (counts.Dice, counts.IntersectionOverUnion));
    }

    [Fact]
    public void Dice_and_intersection_over_union_follow_their_formulas()
    {
        var counts = new ConfusionCounts(3, 1, 2, 10);
        Assert.Equal((6.0 / 9, 3.0 / 6), (counts.Dice, counts.IntersectionOverUnion));
    }

    [Theory]
    [InlineData(float.NaN, 1f)]
    [InlineData(2f, 1f)]
    [InlineData(-0.5f, 0f)]
    [InlineData(0.5f, float.NaN)]
    [InlineData(0.5f, 255f)]
    public void Values_that_are_no_probabilities_are_refused(float probability, float truth)
    {
        using Tensor probabilities = full([1, 1, 2, 2], probability);
        using Tensor truths = full([1, 1, 2, 2], truth);
        Assert.Throws<InvalidMapException>(() => ConfusionCounts.FromBatch(probabilities, truths));
    }

    [Fact]
    public void Counting_leaves_no_tensor_behind()
    {
        using Tensor probability = full([2, 2, 4, 4], 0.7f);
        using Tensor illegal = full([2, 2, 4, 4], 7f);
        TensorLeak.None(() =>
        {
            ConfusionCounts.FromBatch(probability, probability);
            Assert.Throws<InvalidMapException>(() => ConfusionCounts.FromBatch(illegal, probability));
        });
    }
}

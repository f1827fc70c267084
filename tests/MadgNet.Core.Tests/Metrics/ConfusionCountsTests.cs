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

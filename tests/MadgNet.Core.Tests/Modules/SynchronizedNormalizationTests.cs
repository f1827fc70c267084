using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules;

/// <summary>
/// Normalisation over ranks is that of one process with all their images, in values, gradients and running statistics. Sums are
/// taken in another order: 1e-5 of values around 1.
/// </summary>
public sealed class SynchronizedNormalizationTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(new[] { 2, 2 })]
    [InlineData(new[] { 1, 2, 4 })]
    [InlineData(new[] { 3, 0 })]
    public void Ranks_normalise_as_one_process(int[] shares)
    {
        float[][] whole = Pass(ProcessGroup.Single, [shares.Sum()]);
        float[][][] parts = ThreadGroup.Run(shares.Length, group => Pass(group, shares));

        // Output and gradient of the images lie one after another; those of weight and bias are summed by the trainer.
        for (int what = 0; what < 2; what++)
        {
            AssertClose(whole[what], [.. parts.Where((_, rank) => shares[rank] > 0).SelectMany(part => part[what])]);
        }

        for (int what = 2; what < 4; what++)
        {
            AssertClose(whole[what], [.. Enumerable.Range(0, whole[what].Length)
                .Select(i => parts.Where((_, rank) => shares[rank] > 0).Sum(part => part[what][i]))]);
        }

        for (int what = 4; what < whole.Length; what++)
        {
            Assert.All(parts, part => AssertClose(whole[what], part[what]));
        }
    }

    [Fact]
    public void Modules_that_need_two_images_take_one_on_each_of_two_ranks()
    {
        using var images = FixtureRule.Tensor("split", [2, 8, 4, 4], -1, 1);
        float[][] outputs = ThreadGroup.Run(2, group =>
        {
            using DisposeScope scope = NewDisposeScope();
            using var module = new SplitAttention(8, 8);
            foreach (BatchNormalization normalization in module.modules().OfType<BatchNormalization>())
            {
                normalization.Group = new NormalizationGroup(group);
            }

            using var noGradients = no_grad();
            return module.call(images.narrow(0, group.Rank, 1)).data<float>().ToArray();
        });
        Assert.All(outputs, output => Assert.All(output, value => Assert.True(float.IsFinite(value))));
        using var alone = new SplitAttention(8, 8);
        Assert.Throws<TensorShapeException>(() => alone.call(images.narrow(0, 0, 1)));
    }

    /// <summary>Output, gradients of images, weight and bias, running mean and variance, of a rank's images.</summary>
    private static float[][] Pass(ProcessGroup group, int[] shares)
    {
        using DisposeScope scope = NewDisposeScope();
        using var module = new BatchNormalization(3);
        if (!group.IsAlone)
        {
            module.Group = new NormalizationGroup(group) { Counts = shares[group.Rank] > 0 };
        }

        // A rank without images goes along with one of zeros, which is to leave no trace.
        int first = shares.Take(group.Rank).Sum();
        Tensor all = FixtureRule.Tensor("images", [shares.Sum(), 3, 4, 5], -1, 3);
        Tensor weights = FixtureRule.Tensor("weights", [shares.Sum(), 3, 4, 5], -1, 1);
        bool counts = shares[group.Rank] > 0;
        Tensor mine = (counts ? all.narrow(0, first, shares[group.Rank]) : zeros([1, 3, 4, 5])).clone().requires_grad_();
        Tensor output = module.call(mine);
        Tensor loss = counts ? (output * weights.narrow(0, first, shares[group.Rank])).sum() : (output * zeros_like(output)).sum();
        loss.backward();
        return [.. new[] { output, mine.grad!, module.Weight.grad!, module.Bias.grad!, module.RunningMean, module.RunningVariance }
            .Select(tensor => tensor.detach().to(ScalarType.Float32).contiguous().data<float>().ToArray())];
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }
}

using CsCheck;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Kernels;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Attention.Kernels;

/// <summary>The fused attention against the plain one that it must equal.</summary>
public class FrequencyAttentionFunctionTests
{
    /// <summary>Any shape, in both orders of memory, pooled up or down, with fewer channels than a vector and more.</summary>
    [Fact]
    public void Output_and_gradients_are_those_of_the_plain_form() =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[1, 40], Gen.Select(Gen.Int[7, 24], Gen.Int[1, 32], Gen.Bool))
            .Sample(
            (batch, channels, height, width, rest) =>
            {
                (int size, int frequencies, bool channelsLast) = rest;
                using var scope = NewDisposeScope();
                using var attention = new MultiFrequencyChannelAttention(channels, size, frequencies);
                Tensor values = FixtureRule.Tensor("map", [batch, channels, height, width], -1, 1);

                // Of the map's sign: the sums of their products, of up to 1600 terms, do not cancel out, and the order of
                // summation shows in the last bits alone.
                Tensor gradient = values * FixtureRule.Tensor("gradient", [batch, channels, height, width], 0.5, 1);
                Tensor input = (channelsLast ? ChannelsLast.Of(values) : values.clone()).requires_grad_();
                AssertAlike(attention, input, gradient, 5e-5);
            },
            iter: 120,
            threads: 1);

    /// <summary>
    /// Few distinct values, zeros above all, as behind a ReLU: ties everywhere. Without pooling both forms compare the same products.
    /// </summary>
    [Fact]
    public void Extremes_lie_where_the_plain_search_finds_them_ties_included() =>
        Gen.Select(Gen.Int[1, 2], Gen.Int[1, 20], Gen.Int[7, 70], Gen.Int[1, 32], Gen.Int[0, 1000]).Sample(
            (batch, channels, size, frequencies, seed) =>
            {
                using var scope = NewDisposeScope();
                using var basis = new DctBasis(size, frequencies);
                Tensor map = Ties(seed, [batch, channels, size, size]);
                FrequencyStatistics found = FrequencyStatistics.Of(FeatureMemory.Of(map, channelsLast: false), basis, positions: true);
                Tensor expected = ExtremePositions.Find(map.flatten(2), basis.Like(map));
                Assert.Equal(expected.data<long>().Select(position => (int)position), found.Positions!);
            },
            iter: 40,
            threads: 1);

    [Fact]
    public void Statistics_without_positions_are_the_same()
    {
        using var scope = NewDisposeScope();
        using var basis = new DctBasis(20, 9);
        Tensor map = ChannelsLast.Of(FixtureRule.Tensor("map", [2, 37, 33, 41], -1, 1));
        FeatureMemory memory = FeatureMemory.Of(map, channelsLast: true);
        Assert.Equal(
            FrequencyStatistics.Of(memory, basis, positions: true).Values, FrequencyStatistics.Of(memory, basis, positions: false).Values);
    }

    [Fact]
    public void The_statistics_are_those_of_the_plain_search()
    {
        using var scope = NewDisposeScope();
        using var basis = new DctBasis(21, 7);
        Tensor map = FixtureRule.Tensor("map", [2, 19, 21, 21], -1, 1);
        Tensor found = tensor(
            FrequencyStatistics.Of(FeatureMemory.Of(map, channelsLast: false), basis, positions: false).Values, [2, 19, 3]);
        (Tensor maxima, Tensor minima) = ExtremeValues.Find(map.flatten(2), basis.Like(map));
        Close.Relative(maxima, found.narrow(2, 1, 1), 1e-6, "maxima");
        Close.Relative(minima, found.narrow(2, 2, 1), 1e-6, "minima");
        Close.Relative(
            (map.flatten(2) * basis.ToTensor().mean([0]).flatten()).mean([2], keepdim: true), found.narrow(2, 0, 1), 1e-4, "averages");
    }

    [Fact]
    public void The_folded_form_gives_the_weights_of_the_plain_one()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiFrequencyChannelAttention(24, 9);
        WeightInitialization.Apply(attention, 5);
        using var folded = attention.Fold(attention.Basis);
        Tensor map = ChannelsLast.Of(FixtureRule.Tensor("map", [2, 24, 17, 13], -1, 1));
        Close.Relative(folded.WeightsByTensors(map), folded.Weights(map), 1e-5, "weights");
    }

    /// <summary>
    /// Both forms compute in float32 what bfloat16 holds; what they store is rounded to eight bits, the gradient of a pixel once for each
    /// extreme that it is part of.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_map_in_bfloat16_is_weighed_as_its_float32_copy_is(bool channelsLast)
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiFrequencyChannelAttention(21, 14);
        WeightInitialization.Apply(attention, 4);
        Tensor values = FixtureRule.Tensor("map", [2, 21, 23, 18], -1, 1).to(ScalarType.BFloat16);
        Tensor gradient = FixtureRule.Tensor("gradient", [2, 21, 23, 18], -1, 1).to(ScalarType.BFloat16);
        Tensor half = (channelsLast ? ChannelsLast.Of(values) : values.clone()).requires_grad_();
        Tensor single = values.to(ScalarType.Float32).requires_grad_();

        Tensor output = attention.call(half);
        Assert.Equal(ScalarType.BFloat16, output.dtype);
        output.backward([gradient]);
        Tensor[] weights = Gradients(attention);
        Tensor expected = attention.RunByTensors(single);
        expected.backward([gradient.to(ScalarType.Float32)]);
        Close.Relative(expected, output.to(ScalarType.Float32), 1.0 / 128, "output");
        Close.Relative(single.grad!, half.grad!.to(ScalarType.Float32), 1.0 / 64, "gradient of the map");
        foreach ((Tensor wanted, Tensor got) in Gradients(attention).Zip(weights))
        {
            Close.Relative(wanted, got, 1e-5, "gradient of the weights");
        }
    }

    [Fact]
    public void A_map_and_a_gradient_that_are_not_dense_are_read_in_their_order()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiFrequencyChannelAttention(6, 7, 4);
        Tensor whole = FixtureRule.Tensor("map", [2, 9, 30, 11], -1, 1);
        Tensor slice = whole.narrow(1, 2, 6).slice(2, 0, 30, 2).requires_grad_();
        AssertAlike(attention, slice, ones(1).expand(2, 6, 15, 11), 5e-5);
    }

    [Fact]
    public void What_is_not_a_number_stays_visible()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiFrequencyChannelAttention(3, 7, 4);
        Tensor input = FixtureRule.Tensor("map", [1, 3, 9, 9], -1, 1);
        input[0, 1, 4, 4] = float.NaN;
        Tensor expected = attention.RunByTensors(input).isnan();
        Assert.True(attention.call(input).isnan().equal(expected).all().item<bool>());
        Assert.True(expected.any().item<bool>());
    }

    [Fact]
    public void A_graph_that_is_kept_gives_the_same_gradients_again()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiFrequencyChannelAttention(5, 7, 3);
        Tensor input = FixtureRule.Tensor("map", [2, 5, 8, 8], -1, 1).requires_grad_();
        Tensor sum = attention.call(input).sum();
        sum.backward([], retain_graph: true);
        Tensor first = input.grad!.clone();
        input.grad = null;
        sum.backward();
        Assert.Equal(first.bytes.ToArray(), input.grad!.bytes.ToArray());
    }

    /// <summary>libtorch says so for its own operations; through managed code the same mistake must not end the process.</summary>
    [Fact]
    public void A_map_that_was_overwritten_before_the_backward_pass_is_an_exception()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiFrequencyChannelAttention(5, 7, 3);
        Tensor leaf = FixtureRule.Tensor("map", [2, 5, 8, 8], -1, 1).requires_grad_();
        Tensor input = leaf * 2;
        Tensor sum = attention.call(input).sum();
        input.add_(1);
        Assert.ThrowsAny<System.Runtime.InteropServices.ExternalException>(() => sum.backward());
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        TensorLeak.None(() =>
        {
            using Tensor values = FixtureRule.Tensor("map", [2, 5, 9, 8], -1, 1);
            using Tensor input = values.requires_grad_();
            using var attention = new MultiFrequencyChannelAttention(5, 7, 3);
            using Tensor output = attention.call(input);
            using Tensor sum = output.sum();
            sum.backward([], retain_graph: true);
            sum.backward();
            using var unused = attention.call(input);
            using var noGrad = no_grad();
            using var plain = attention.call(input);
        });
    }

    private static void AssertAlike(MultiFrequencyChannelAttention attention, Tensor input, Tensor gradient, double tolerance)
    {
        // Or the plain form would be compared with itself.
        Tensor[] weights = [.. attention.parameters()];
        Assert.True(FrequencyAttentionFunction.CanRun(input, weights[0], weights[1]));
        WeightInitialization.Apply(attention, 2);
        Tensor output = attention.call(input);
        output.backward([gradient]);
        Tensor byInput = input.grad!.clone();
        Tensor[] byWeights = Gradients(attention);
        input.grad = null;

        Tensor expected = attention.RunByTensors(input);
        expected.backward([gradient]);
        Close.Relative(expected, output, tolerance, "output");
        Close.Relative(input.grad!, byInput, tolerance, "gradient of the map");
        foreach ((Tensor wanted, Tensor found) in Gradients(attention).Zip(byWeights))
        {
            Close.Relative(wanted, found, tolerance, "gradient of the weights");
        }
    }

    /// <summary>Copies of the gradients of the parameters, which are then dropped.</summary>
    private static Tensor[] Gradients(MultiFrequencyChannelAttention attention)
    {
        Tensor[] gradients = [.. attention.parameters().Select(parameter => parameter.grad!.clone())];
        foreach (var parameter in attention.parameters())
        {
            parameter.grad = null;
        }

        return gradients;
    }

    private static Tensor Ties(int seed, long[] shape)
    {
        var random = new Random(seed);
        return tensor(
            Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size))
                .Select(_ => (float)Math.Max(0, random.Next(-3, 4)))
                .ToArray(),
            shape);
    }
}

using System.Text.Json;
using CsCheck;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Attention;

public class WaveletChannelAttentionTests
{
    public static TheoryData<string, int, int> Packets
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (JsonElement golden in Golden())
            {
                data.Add(
                    golden.GetProperty("wavelet").GetString()!,
                    golden.GetProperty("levels").GetInt32(),
                    golden.GetProperty("size").GetInt32());
            }

            return data;
        }
    }

    /// <summary>The golden file holds nine decimals of values below 10: 1e-8 is what they and the sum of roundings allow.</summary>
    [Theory]
    [MemberData(nameof(Packets))]
    public void Subbands_are_those_of_PyWavelets_in_frequency_order(string wavelet, int levels, int size)
    {
        using var scope = NewDisposeScope();
        JsonElement bands = Golden().Single(golden =>
            golden.GetProperty("wavelet").GetString() == wavelet
            && golden.GetProperty("levels").GetInt32() == levels
            && golden.GetProperty("size").GetInt32() == size).GetProperty("bands");
        int subbands = levels == 1 ? 4 : levels == 2 ? 16 : 32;
        using var attention = new WaveletChannelAttention(
            1, size, subbands, wavelet == "haar" ? WaveletFilter.Haar : WaveletFilter.Daubechies2);
        attention.to(ScalarType.Float64);
        Assert.Equal((size, levels), (attention.StatisticsSize, attention.Levels));

        double[] image = [.. from row in Enumerable.Range(0, size) from column in Enumerable.Range(0, size) select Pixel(row, column)];
        Tensor actual = attention.Decompose(tensor(image, [1, 1, size, size]));
        Assert.Equal(subbands, attention.Frequencies.Count);
        for (int band = 0; band < subbands; band++)
        {
            (int u, int v) = attention.Frequencies[band];
            double[] expected = [.. bands[u][v].EnumerateArray().Select(value => value.GetDouble())];
            double[] values = actual[0, 0, band].data<double>().ToArray();
            Assert.Equal(expected.Length, values.Length);
            for (int i = 0; i < values.Length; i++)
            {
                Assert.Equal(expected[i], values[i], 1e-8);
            }
        }
    }

    [Fact]
    public void Subbands_come_by_rising_sum_then_by_rising_vertical_frequency()
    {
        using var attention = new WaveletChannelAttention(1, 8, 6);
        Assert.Equal([(0, 0), (0, 1), (1, 0), (0, 2), (1, 1), (2, 0)], attention.Frequencies);
    }

    [Theory]
    [InlineData(14, 4, 14, 1)]
    [InlineData(14, 16, 16, 2)]
    [InlineData(14, 5, 16, 2)]
    [InlineData(14, 17, 16, 3)]
    [InlineData(28, 32, 32, 3)]
    [InlineData(7, 1, 8, 1)]
    [InlineData(112, 16, 112, 2)]
    public void Size_and_levels_follow_the_number_of_subbands(int size, int subbands, int pooled, int levels)
    {
        using var attention = new WaveletChannelAttention(2, size, subbands);
        Assert.Equal((pooled, levels, subbands), (attention.StatisticsSize, attention.Levels, attention.Frequencies.Count));
    }

    [Fact]
    public void Any_legal_block_keeps_shape_is_finite_deterministic_and_trains() =>
        Gen.Select(
            Gen.Int[1, 48],
            Gen.Int[7, 30],
            Gen.Int[1, 32],
            Gen.Enum<WaveletFilter>(),
            Gen.Select(Gen.Int[1, 3], Gen.Int[1, 20], Gen.Int[1, 20])).Sample(
            (channels, size, subbands, filter, shape) =>
            {
                (int batch, int height, int width) = shape;
                using Tensor input = BlockProperty.Input(batch, channels, height, width);
                BlockProperty.Holds(
                    () => new WaveletChannelAttention(channels, size, subbands, filter),
                    attention => [attention.call(input)],
                    [batch, channels, height, width]);
            },
            iter: 20,
            threads: 1);

    [Fact]
    public void Records_are_the_statistics_and_weights_of_the_definition()
    {
        using var scope = NewDisposeScope();
        using var attention = new WaveletChannelAttention(20, 12, 5, WaveletFilter.Daubechies2);
        WeightInitialization.Apply(attention, 3);
        Tensor input = BlockProperty.Input(2, 20, 30, 9);
        using var recorder = new AttentionRecorder();
        Tensor output = attention.ForwardWithAttention(input, recorder);

        var record = Assert.IsType<ChannelAttentionRecord>(Assert.Single(recorder.Records));
        Tensor bands = attention.Decompose(nn.functional.adaptive_avg_pool2d(input, [12, 12]));
        Dictionary<string, Tensor> state = attention.state_dict();
        Tensor[] statistics = [bands.mean([3]), bands.amax([3]), bands.amin([3])];
        Tensor weights = statistics
            .Select(statistic => statistic.mean([2])
                .matmul(state["fc.0.weight"].flatten(1).t())
                .relu()
                .matmul(state["fc.2.weight"].flatten(1).t()))
            .Aggregate((a, b) => a + b)
            .sigmoid();

        // The definition in another order of summation.
        Close.Relative(statistics[0], record.Average, 1e-5, "average");
        Close.Relative(statistics[1], record.Maximum!, 1e-5, "maximum");
        Close.Relative(statistics[2], record.Minimum!, 1e-5, "minimum");
        Close.Relative(weights, record.Weights, 1e-5, "weights");
        Close.Relative(input * weights.unsqueeze(2).unsqueeze(3), output, 1e-5, "output");
        Assert.Equal(12, record.Size);
        Assert.Equal(attention.Frequencies, record.Frequencies);
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 2e-2)]
    public void The_folded_form_gives_the_same_map(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var attention = new WaveletChannelAttention(20, 14, 16);
        WeightInitialization.Apply(attention, 3);
        Tensor input = BlockProperty.Input(2, 20, 28, 21);
        using IFoldedAttention folded = attention.Fold(type);
        Close.Relative(attention.call(input), folded.Apply(input.to(type, copy: true)), tolerance, "output");
    }

    [Theory]
    [InlineData(0, 7, 16, "Channels")]
    [InlineData(4, 6, 16, "Size")]
    [InlineData(4, 7, 0, "Subbands")]
    [InlineData(4, 7, 33, "Subbands")]
    public void An_illegal_option_is_refused_and_leaves_nothing_behind(long channels, int size, int subbands, string subject) =>
        TensorLeak.None(() =>
        {
            var exception = Assert.Throws<InvalidOptionsException>(() => new WaveletChannelAttention(channels, size, subbands));
            Assert.Equal(subject, Assert.Single(exception.Problems).Subject);
            BlockProperty.FollowsTheMessageRule(exception);
        });

    [Fact]
    public void A_map_of_another_size_cannot_be_decomposed()
    {
        using var attention = new WaveletChannelAttention(4, 8, 4);
        using Tensor input = zeros(1, 4, 8, 7);
        BlockProperty.FollowsTheMessageRule(Assert.Throws<TensorShapeException>(() => attention.Decompose(input)), "height and width of 8");
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using Tensor input = BlockProperty.Input(2, 5, 9, 8);
        TensorLeak.None(() =>
        {
            using var attention = new WaveletChannelAttention(5, 7, 3);
            using Tensor output = attention.call(input);
            using Tensor sum = output.sum();
            sum.backward();
            using var recorder = new AttentionRecorder();
            using Tensor recorded = attention.ForwardWithAttention(input, recorder);
            using IFoldedAttention folded = attention.Fold(ScalarType.Float32);
            using Tensor copy = input.clone();
            using (no_grad())
            {
                Assert.Same(copy, folded.Apply(copy));
            }
        });
    }

    /// <summary>The map that <c>Fixtures/wavelets/make.py</c> transforms.</summary>
    private static double Pixel(int row, int column) =>
        Math.Sin(1 + (3 * row) + (row * column)) + (0.5 * Math.Cos(2 * column)) + (0.1 * row);

    private static IEnumerable<JsonElement> Golden() =>
        JsonDocument.Parse(File.ReadAllBytes(Fixture.PathOf("wavelets/packets.json"))).RootElement.GetProperty("cases").EnumerateArray();
}

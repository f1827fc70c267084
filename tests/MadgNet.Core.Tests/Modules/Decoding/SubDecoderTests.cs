using CsCheck;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Decoding;

public class SubDecoderTests
{
    [Fact]
    public void Any_legal_sub_decoder_enlarges_is_finite_deterministic_and_trains() =>
        Gen.Select(
            Gen.Bool.Select(ensemble => ensemble ? SubDecoderNames.Ensemble : SubDecoderNames.Parallel),
            Gen.Int[1, 96],
            Gen.Int[1, 5],
            Gen.Int[1, 9],
            Gen.Select(Gen.Int[1, 3], Gen.Int[1, 12], Gen.Int[1, 12])).Sample(
            (kind, channels, labels, upscale, shape) =>
            {
                (int batch, int height, int width) = shape;
                using Tensor input = BlockProperty.Input(batch, channels, height, width);
                long[] expected = [batch, labels, height * upscale, width * upscale];
                BlockProperty.Holds(
                    () => Create(kind, channels, labels, upscale),
                    decoder =>
                    {
                        TaskMaps maps = decoder.call(input);
                        return [maps.Region, maps.Distance!, maps.Boundary!];
                    },
                    expected,
                    expected,
                    expected);
            },
            iter: 25,
            threads: 1);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_ensemble_is_the_forward_and_backward_stream_of_the_paper(int upscale)
    {
        using var scope = NewDisposeScope();
        using SubDecoder decoder = Create(SubDecoderNames.Ensemble, 4, 2, upscale);
        FixtureRule.Fill(decoder, "sub_decoder.");
        using var recorder = new AttentionRecorder();
        Tensor x = BlockProperty.Input(2, 4, 5, 6);
        TaskMaps maps = decoder.ForwardWithAttention(x, recorder);

        Tensor r = Head(decoder, "map", x);
        Tensor d = Head(decoder, "distance", x) * r.sigmoid();
        Tensor b = Head(decoder, "boundary", x) * d.sigmoid();
        Tensor boundary = Enlarged(b, upscale);
        Tensor distance = Enlarged(d, upscale) + boundary.sigmoid();
        Tensor region = Enlarged(r, upscale) + distance.sigmoid();

        // The same operations in the same order, but for the convolution's own order of summation.
        Close.Relative(boundary, maps.Boundary!, 1e-6, "boundary");
        Close.Relative(distance, maps.Distance!, 1e-6, "distance");
        Close.Relative(region, maps.Region, 1e-6, "region");
        SubDecoderRecord record = Assert.IsType<SubDecoderRecord>(Assert.Single(recorder.Records));
        Close.Relative(r, record.Region, 1e-6, "recorded region");
        Close.Relative(d, record.Distance!, 1e-6, "recorded distance");
        Close.Relative(b, record.Boundary!, 1e-6, "recorded boundary");
        Bits.Equal(decoder.call(x), maps);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void The_parallel_variant_is_three_independent_heads(int upscale)
    {
        using var scope = NewDisposeScope();
        using SubDecoder decoder = Create(SubDecoderNames.Parallel, 4, 2, upscale);
        FixtureRule.Fill(decoder, "sub_decoder.");
        using var recorder = new AttentionRecorder();
        Tensor x = BlockProperty.Input(2, 4, 5, 6);
        TaskMaps maps = decoder.ForwardWithAttention(x, recorder);

        Close.Relative(Enlarged(Head(decoder, "map", x), upscale), maps.Region, 1e-6, "region");
        Close.Relative(Enlarged(Head(decoder, "distance", x), upscale), maps.Distance!, 1e-6, "distance");
        Close.Relative(Enlarged(Head(decoder, "boundary", x), upscale), maps.Boundary!, 1e-6, "boundary");
        Close.Relative(Head(decoder, "distance", x), recorder.Of<SubDecoderRecord>().Single().Distance!, 1e-6, "recorded distance");
        Bits.Equal(decoder.call(x), maps);
    }

    [Theory]
    [InlineData(SubDecoderNames.Ensemble)]
    [InlineData(SubDecoderNames.Parallel)]
    public void Illegal_options_are_listed_at_once_and_leave_nothing_behind(string kind)
    {
        TensorLeak.None(() =>
        {
            var exception = Assert.Throws<InvalidOptionsException>(() => Create(kind, 0, 0, 0));
            Assert.Equal(["channels", "labels", "upscale"], exception.Problems.Select(problem => problem.Subject));
            BlockProperty.FollowsTheMessageRule(exception, $"{NameOf(kind)}SubDecoder");
        });
    }

    [Theory]
    [InlineData(SubDecoderNames.Ensemble)]
    [InlineData(SubDecoderNames.Parallel)]
    public void Input_of_another_shape_is_refused(string kind)
    {
        using SubDecoder decoder = Create(kind, 4, 1, 2);
        using Tensor input = zeros(1, 5, 2, 2);
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<TensorShapeException>(() => decoder.call(input)), $"{NameOf(kind)}SubDecoder input", "N×4×H×W");
    }

    [Theory]
    [InlineData(SubDecoderNames.Ensemble, 1)]
    [InlineData(SubDecoderNames.Ensemble, 2)]
    [InlineData(SubDecoderNames.Parallel, 1)]
    [InlineData(SubDecoderNames.Parallel, 2)]
    public void Nothing_is_left_behind(string kind, int upscale)
    {
        using Tensor input = BlockProperty.Input(2, 3, 5, 4);
        TensorLeak.None(() =>
        {
            using SubDecoder decoder = Create(kind, 3, 2, upscale);
            using (TaskMaps maps = decoder.call(input))
            {
                using Tensor sum = maps.Region.sum();
                sum.backward();
            }

            using var recorder = new AttentionRecorder();
            using TaskMaps recorded = decoder.ForwardWithAttention(input, recorder);
        });
    }

    private static string NameOf(string kind) => kind == SubDecoderNames.Ensemble ? "Ensemble" : "Parallel";

    private static SubDecoder Create(string kind, long channels, int labels, int upscale) =>
        kind == SubDecoderNames.Ensemble
            ? new EnsembleSubDecoder(channels, labels, upscale)
            : new ParallelSubDecoder(channels, labels, upscale);

    private static Tensor Head(SubDecoder decoder, string task, Tensor x)
    {
        Dictionary<string, Tensor> state = decoder.state_dict();
        return nn.functional.conv2d(x, state[$"output_{task}_conv.weight"], state[$"output_{task}_conv.bias"]);
    }

    private static Tensor Enlarged(Tensor map, int upscale) =>
        nn.functional.interpolate(
            map, [map.size(2) * upscale, map.size(3) * upscale], mode: InterpolationMode.Bilinear, align_corners: true);
}

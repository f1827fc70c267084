using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Encoders;

/// <summary>The contract between the network and encoders of the host's.</summary>
public class IEncoderTests
{
    public static TheoryData<string, FeatureLevel[]> Pyramids => new()
    {
        { "strides 1-2-4", [new(4, 1), new(5, 2), new(6, 4)] },
        { "strides 4-8-16-32", [new(3, 4), new(8, 8), new(1, 16), new(7, 32)] },
        { "equal strides", [new(4, 8), new(5, 8), new(6, 16)] },
        { "two levels", [new(4, 2), new(4, 6)] },
        { "strides that skip", [new(2, 2), new(3, 16)] },
        { "one stride throughout", [new(2, 1), new(3, 1), new(4, 1)] },
        { "six levels", [new(1, 1), new(2, 2), new(3, 2), new(4, 4), new(5, 12), new(6, 12)] },
    };

    [Theory]
    [MemberData(nameof(Pyramids))]
    public void Any_pyramid_that_keeps_the_contract_is_decoded_to_input_resolution(string name, FeatureLevel[] levels)
    {
        using var scope = NewDisposeScope();
        MadgNetOptions options = TinyModel.Options with
        {
            DecoderChannels = [.. Enumerable.Repeat(6, levels.Length - 1)],
            DctSizes = [.. Enumerable.Repeat(7, levels.Length - 1)],
            Labels = 2,
        };
        using var model = new MadgNetModel(options, new TinyEncoder(levels));
        int size = 2 * levels[^1].Stride;
        Assert.Equal(levels[^1].Stride, model.Stride);
        SegmentationOutput output = model.call(BlockProperty.Image(2, 3, size, 2 * size));
        Assert.Equal(levels.Length - 1, output.Stages.Count);
        Assert.All(output.Stages, maps => Assert.True(maps.Region.shape.SequenceEqual([2L, 2, size, 2 * size]), name));
        Assert.Equal(levels.Reverse().Skip(1).Select(level => level.Stride), model.SubDecoders.Select(decoder => decoder.Upscale));
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(2, 3)]
    [InlineData(0, 2)]
    public void Strides_that_do_not_rise_and_divide_are_refused(int first, int second)
    {
        using var backbone = new TinyEncoder(new FeatureLevel(2, first), new FeatureLevel(2, second));
        var exception = Assert.Throws<InvalidOptionsException>(() => new MadgNetModel(
            TinyModel.Options with { DecoderChannels = [4], DctSizes = [7] }, backbone));
        BlockProperty.FollowsTheMessageRule(exception, "encoder.Levels", $"2 channels /{first}, 2 channels /{second}");
    }

    [Fact]
    public void A_number_of_levels_that_the_decoder_does_not_have_is_refused()
    {
        using var backbone = new TinyEncoder(new FeatureLevel(2, 1), new FeatureLevel(2, 2));
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<InvalidOptionsException>(() => new MadgNetModel(TinyModel.Options, backbone)), "2 levels", "expected 3");
    }

    [Fact]
    public void An_encoder_that_is_no_module_is_refused() =>
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<InvalidOptionsException>(() => new MadgNetModel(TinyModel.Options, new NoModule())),
            "NoModule",
            "torch.nn.Module");

    public static TheoryData<string> Violations =>
        ["null", "too few", "too many", "null level", "wrong channels", "wrong size", "wrong rank", "wrong batch", "integers"];

    [Theory]
    [MemberData(nameof(Violations))]
    public void A_violated_contract_is_named_and_leaves_nothing_behind(string violation)
    {
        using var backbone = new TinyEncoder(TinyModel.Levels);
        using MadgNetModel model = new(TinyModel.Options, backbone);
        using Tensor image = BlockProperty.Image(2, 3, 8, 8);

        // Detached from every scope, so that the network alone can dispose what it refuses.
        backbone.Tamper = (_, pyramid) =>
        {
            Tensor[] detached = [.. pyramid.Select(level => level.DetachFromDisposeScope())];
            return Violate(violation, detached)!;
        };
        TensorLeak.None(() =>
        {
            var exception = Assert.Throws<TensorShapeException>(() => model.call(image));
            BlockProperty.FollowsTheMessageRule(exception, "TinyEncoder.Encode", "Levels");
            Assert.Throws<TensorShapeException>(() => model.Predict(image));
        });
    }

    [Fact]
    public void An_encoder_that_throws_leaves_nothing_behind_and_its_exception_comes_through()
    {
        using var backbone = new TinyEncoder(TinyModel.Levels);
        using MadgNetModel model = new(TinyModel.Options, backbone);
        using Tensor image = BlockProperty.Image(2, 3, 8, 8);
        backbone.Tamper = (_, _) => throw new TimeoutException("of the encoder's own");
        TensorLeak.None(() =>
        {
            using var recorder = new AttentionRecorder();
            Assert.Equal("of the encoder's own", Assert.Throws<TimeoutException>(() => model.call(image)).Message);
            Assert.Throws<TimeoutException>(() => model.Predict(image));
            Assert.Throws<TimeoutException>(() => model.ForwardWithAttention(image, recorder));
        });
    }

    [Fact]
    public void An_exception_in_the_middle_of_the_decoder_leaves_nothing_behind()
    {
        using MadgNetModel model = TinyModel.Create();
        using Tensor image = BlockProperty.Image(2, 3, 8, 8);

        // The last stage's basis is gone, so the pass fails with the maps and records of the first stage already made.
        ((MultiFrequencyChannelAttention)model.DecoderStages[1].Attention.ChannelAttention[0]).Basis.Dispose();
        TensorLeak.None(() =>
        {
            using var recorder = new AttentionRecorder();
            Assert.Throws<ObjectDisposedException>(() => model.ForwardWithAttention(image, recorder));
            Assert.Equal("sub_decoder_stage1", recorder.Records[^1].Path);
            Assert.Throws<ObjectDisposedException>(() => model.call(image));
            Assert.Throws<ObjectDisposedException>(() => model.Predict(image));
        });
    }

    [Fact]
    public void Levels_detached_from_every_scope_are_disposed_by_the_network()
    {
        using var backbone = new TinyEncoder(TinyModel.Levels)
        {
            Tamper = (_, pyramid) => [.. pyramid.Select(level => level.DetachFromDisposeScope())]
        };
        using MadgNetModel model = new(TinyModel.Options, backbone);
        using Tensor image = BlockProperty.Image(2, 3, 8, 8);
        TensorLeak.None(() =>
        {
            using SegmentationOutput output = model.call(image);
        });
    }

    [Fact]
    public void The_image_itself_may_be_a_level_and_stays_the_caller_s()
    {
        using var scope = NewDisposeScope();
        using var backbone = new TinyEncoder(new FeatureLevel(3, 1), new FeatureLevel(6, 2), new FeatureLevel(8, 4));
        backbone.Tamper = (image, pyramid) => [image, pyramid[1], pyramid[2]];
        using MadgNetModel model = new(TinyModel.Options, backbone);
        Tensor input = BlockProperty.Image(2, 3, 8, 8);
        model.call(input);
        Assert.False(input.IsInvalid);
    }

    private static IReadOnlyList<Tensor>? Violate(string violation, Tensor[] pyramid)
    {
        if (violation == "null")
        {
            Array.ForEach(pyramid, level => level.Dispose());
            return null;
        }

        if (violation is "too few" or "null level")
        {
            pyramid[2].Dispose();
            return violation == "too few" ? pyramid[..2] : [pyramid[0], pyramid[1], null!];
        }

        if (violation == "too many")
        {
            return [.. pyramid, zeros(1).DetachFromDisposeScope()];
        }

        pyramid[1].Dispose();
        return [pyramid[0], Wrong(violation).DetachFromDisposeScope(), pyramid[2]];
    }

    private static Tensor Wrong(string violation) => violation switch
    {
        "wrong channels" => zeros(2, 5, 2, 2),
        "wrong size" => zeros(2, 6, 2, 3),
        "wrong rank" => zeros(2, 6, 2),
        "wrong batch" => zeros(1, 6, 2, 2),
        "integers" => zeros([2, 6, 2, 2], ScalarType.Int64),
        _ => throw new InvalidOperationException(violation),
    };

    private sealed class NoModule : IEncoder
    {
        public long InputChannels => 3;

        public IReadOnlyList<FeatureLevel> Levels => TinyModel.Levels;

        public IReadOnlyList<Tensor> Encode(Tensor image) => throw new NotSupportedException("never reached");
    }
}

using CsCheck;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Modules.Attention;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Models;

public class MadgNetModelTests
{
    [Fact]
    public void Any_legal_network_gives_maps_of_the_image_s_size_is_finite_deterministic_and_trains() =>
        Gen.Select(
            Gen.Select(Gen.Int[1, 4], Gen.Int[1, 3], Gen.Bool, Gen.Int[0, 6]),
            Gen.Bool.Select(ensemble => ensemble ? SubDecoderNames.Ensemble : SubDecoderNames.Parallel),
            Gen.Int[1, 5],
            Gen.Int[0, 2].Select(index => new[] { 1L, 3, 4 }[index]),
            Gen.Select(Gen.Int[2, 3], Gen.Int[1, 5], Gen.Int[1, 5])).Sample(
            (attention, subDecoder, labels, channels, shape) =>
            {
                (int stages, int scales, bool spatial, int frequencies) = attention;
                MadgNetOptions options = TinyModel.Options with
                {
                    Input = new ModelInput { Channels = (int)channels },
                    Labels = labels,
                    SubDecoder = subDecoder,
                    DctSizes = [],
                    DecoderChannels = [.. Enumerable.Range(0, stages).Select(stage => 3 + (5 * stage))],
                    Attention = TinyModel.Options.Attention with
                    {
                        DctSize = 7,
                        Scales = scales,
                        SpatialAttention = spatial,
                        Frequencies = frequencies
                    },
                };
                FeatureLevel[] levels = [.. Enumerable.Range(0, stages + 1).Select(level => new FeatureLevel(2 + (3 * level), 1 << level))];
                (int batch, int height, int width) = shape;
                using Tensor image = BlockProperty.Image(batch, channels, height << stages, width << stages);
                long[] expected = [batch, labels, height << stages, width << stages];
                BlockProperty.Holds(
                    () => new MadgNetModel(options, new TinyEncoder(channels == 1 ? 3 : channels, levels)),
                    model => [.. model.call(image).Stages.SelectMany(maps => new[] { maps.Region, maps.Distance!, maps.Boundary! })],
                    [.. Enumerable.Repeat(expected, 3 * stages)]);
            },
            iter: 10,
            threads: 1);

    [Fact]
    public void The_published_configuration_has_the_published_size_and_state_dict_in_under_140_MB()
    {
        using var model = new MadgNetModel();
        Assert.Equal(33_366_372, model.ParameterCount);
        Assert.Equal(25_434_240, ((nn.Module)model.Encoder).parameters().Sum(parameter => parameter.numel()));
        Assert.Equal(32, model.Stride);
        PublishedState.AssertEqual("state_dict_madgnet_resnest50.json", model.state_dict());
        MultiFrequencyMultiScaleAttentionTests.AssertConsistent(model, ScalarType.Float32);

        // The basis is held once as numbers and once as the tensor that passes use.
        long state = model.state_dict().Values.Sum(value => value.numel() * value.element_size());
        DctBasis[] bases =
            [.. model.DecoderStages.Select(stage => ((MultiFrequencyChannelAttention)stage.Attention.ChannelAttention[0]).Basis)];
        Assert.Equal([14, 28, 56, 112], bases.Select(basis => basis.Size));
        long basisBytes = bases.Sum(basis => 2L * sizeof(float) * basis.Frequencies * basis.Size * basis.Size);
        Assert.InRange(state + basisBytes, 133_465_488, 140_000_000);
    }

    [Fact]
    public void The_published_encoder_leaves_nothing_behind()
    {
        using var model = new MadgNetModel(new MadgNetOptions { DctSizes = [7, 7, 7, 7], Attention = TinyModel.Options.Attention });
        using Tensor image = BlockProperty.Image(2, 3, 32, 64);
        TensorLeak.None(() => RunEverything(model, image));
    }

    [Fact]
    public void Building_running_and_disposing_leaves_nothing_behind()
    {
        using Tensor image = BlockProperty.Image(2, 3, 16, 8);
        TensorLeak.None(() =>
        {
            using MadgNetModel model = TinyModel.Create();
            RunEverything(model, image);
        });
    }

    [Fact]
    public void A_model_built_inside_a_scope_outlives_it()
    {
        MadgNetModel model;
        using (NewDisposeScope())
        {
            model = TinyModel.Create();
        }

        using (model)
        {
            using Tensor image = BlockProperty.Image(2, 3, 16, 8);
            using SegmentationOutput output = model.call(image);
            Assert.Equal([2L, 1, 16, 8], output.Final.Region.shape);
        }
    }

    [Fact]
    public void Disposing_the_output_disposes_every_map()
    {
        using MadgNetModel model = TinyModel.Create();
        using Tensor image = BlockProperty.Image(2, 3, 16, 8);
        SegmentationOutput output = model.call(image);
        output.Dispose();
        Assert.All(output.Stages, maps => Assert.True(maps.Region.IsInvalid && maps.Distance!.IsInvalid && maps.Boundary!.IsInvalid));
        Assert.False(image.IsInvalid);
    }

    [Fact]
    public void The_seed_decides_every_weight_and_nothing_else_does()
    {
        using MadgNetModel first = new(new MadgNetOptions { Encoder = EncoderNames.ResNet50 }, seed: 3);
        random.manual_seed(99);
        using MadgNetModel second = new(new MadgNetOptions { Encoder = EncoderNames.ResNet50 }, seed: 3);
        using MadgNetModel third = new(new MadgNetOptions { Encoder = EncoderNames.ResNet50 }, seed: 4);
        Dictionary<string, Tensor> other = second.state_dict();
        Dictionary<string, Tensor> different = third.state_dict();
        foreach ((string name, Tensor value) in first.state_dict())
        {
            Bits.Equal(value, other[name], name);
            if (value.dim() == 4)
            {
                Assert.False(value.equal(different[name]).all().item<bool>(), $"{name} does not depend on the seed");
            }
        }
    }

    [Theory]
    [InlineData(SubDecoderNames.Ensemble)]
    [InlineData(SubDecoderNames.Parallel)]
    public void Predict_is_the_region_of_the_last_stage_bit_for_bit(string kind)
    {
        using var scope = NewDisposeScope();
        using MadgNetModel model = TinyModel.Create(options: TinyModel.Options with { SubDecoder = kind });
        model.eval();
        Tensor image = BlockProperty.Image(2, 3, 16, 24);
        Bits.Equal(model.call(image).Final.Region, model.Predict(image), "region");
    }

    [Fact]
    public void Recording_keeps_the_output_and_names_every_stage_scale_and_sub_decoder()
    {
        using var scope = NewDisposeScope();
        using MadgNetModel model = TinyModel.Create();
        model.eval();
        Tensor image = BlockProperty.Image(2, 3, 16, 24);
        using var recorder = new AttentionRecorder();
        SegmentationOutput recorded = model.ForwardWithAttention(image, recorder);
        SegmentationOutput plain = model.call(image);
        for (int stage = 0; stage < 2; stage++)
        {
            Bits.Equal(plain.Stages[stage], recorded.Stages[stage]);
        }

        Assert.Equal(
            [
                "decoder_stage1.attention.scale0", "decoder_stage1.attention.scale0",
                "decoder_stage1.attention.scale1", "decoder_stage1.attention.scale1",
                "sub_decoder_stage1",
                "decoder_stage2.attention.scale0", "decoder_stage2.attention.scale0",
                "decoder_stage2.attention.scale1", "decoder_stage2.attention.scale1",
                "sub_decoder_stage2",
            ],
            recorder.Records.Select(record => record.Path));
        Assert.Equal([[2L, 1, 4, 6], [2L, 1, 8, 12]], recorder.Of<SubDecoderRecord>().Select(record => record.Region.shape));
    }

    [Fact]
    public void Grey_images_are_the_same_image_three_times()
    {
        using var scope = NewDisposeScope();
        using MadgNetModel model = TinyModel.Create(
            options: TinyModel.Options with { Input = new ModelInput { Normalization = InputNormalization.ImageNet } });
        model.eval();
        Tensor grey = BlockProperty.Image(2, 1, 8, 8);
        Bits.Equal(model.Predict(grey.repeat(1, 3, 1, 1)), model.Predict(grey), "region");
    }

    [Fact]
    public void ImageNet_normalisation_is_that_of_the_channels_by_hand()
    {
        using var scope = NewDisposeScope();
        using var backbone = new TinyEncoder(TinyModel.Levels);
        var seen = new List<Tensor>();
        backbone.Tamper = (image, pyramid) =>
        {
            seen.Add(image.clone().DetachFromDisposeScope());
            return pyramid;
        };
        using MadgNetModel model = new(
            TinyModel.Options with { Input = new ModelInput { Normalization = InputNormalization.ImageNet } }, backbone);
        model.eval();
        Tensor image = BlockProperty.Image(1, 3, 8, 8);
        model.Predict(image);

        double[] mean = [0.485, 0.456, 0.406];
        double[] deviation = [0.229, 0.224, 0.225];
        Tensor expected = stack(Enumerable.Range(0, 3).Select(c => (image[0, c] - mean[c]) / deviation[c]), 0).unsqueeze(0);
        using Tensor actual = Assert.Single(seen);
        Close.Relative(expected, actual, 1e-6, "normalised image");
    }

    [Fact]
    public void Double_precision_is_close_to_single_precision_and_the_names_stay()
    {
        using var scope = NewDisposeScope();
        using MadgNetModel model = TinyModel.Create();
        model.eval();
        string[] names = [.. model.state_dict().Keys];
        Tensor image = BlockProperty.Image(2, 3, 16, 16);
        Tensor single = model.Predict(image);
        model.to(ScalarType.Float64);
        MultiFrequencyMultiScaleAttentionTests.AssertConsistent(model, ScalarType.Float64);
        Assert.Equal(names, model.state_dict().Keys);
        Close.Relative(model.Predict(image.to(ScalarType.Float64)), single, 1e-4, "region");

        model.train();
        model.call(image.to(ScalarType.Float64)).Final.Region.sum().backward();
        Assert.All(
            model.parameters().Where(parameter => parameter.grad is not null),
            parameter => Assert.Equal(ScalarType.Float64, parameter.grad!.dtype));

        // Back again: rounding to double and back is exact.
        model.eval();
        model.to(ScalarType.Float32);
        MultiFrequencyMultiScaleAttentionTests.AssertConsistent(model, ScalarType.Float32);
    }

    [Fact]
    public void A_change_of_type_leaves_nothing_behind()
    {
        using Tensor image = BlockProperty.Image(2, 3, 16, 16).to(ScalarType.Float64);
        TensorLeak.None(() =>
        {
            using MadgNetModel model = TinyModel.Create();
            using (NewDisposeScope())
            {
                model.to(ScalarType.Float64);
            }

            model.to(CPU);
            using Tensor region = model.Predict(image);
        });
    }

    [Fact]
    public void Channels_last_images_give_the_same_output()
    {
        using var scope = NewDisposeScope();
        using MadgNetModel model = TinyModel.Create();
        model.eval();
        Tensor image = BlockProperty.Image(2, 3, 16, 24);
        Tensor last = image.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        Close.Relative(model.Predict(image), model.Predict(last), 1e-5, "region");
    }

    [Fact]
    public void Modes_reach_every_part()
    {
        using MadgNetModel model = TinyModel.Create();
        model.eval();
        Assert.All(model.modules(), module => Assert.False(module.training));
        model.train();
        Assert.All(model.modules(), module => Assert.True(module.training));
    }

    [Fact]
    public void The_momentum_reaches_every_batch_normalisation()
    {
        using var model = new MadgNetModel(new MadgNetOptions { Encoder = EncoderNames.ResNet50, BatchNormMomentum = 0.3 });
        BatchNormalization[] layers = [.. model.modules().OfType<BatchNormalization>()];
        int expected = model.state_dict().Keys.Count(name => name.EndsWith("num_batches_tracked", StringComparison.Ordinal));
        Assert.Equal(expected, layers.Length);
        Assert.All(layers, layer => Assert.Equal(0.3, layer.Momentum));
    }

    [Fact]
    public void The_momentum_reaches_TorchSharp_s_batch_normalisation_in_an_encoder_of_the_host()
    {
        using var scope = NewDisposeScope();
        var backbone = new TinyEncoder(3, TinyModel.Levels);
        BatchNorm2d theirs = nn.BatchNorm2d(8);
        backbone.register_module("theirs", theirs);
        using var model = new MadgNetModel(TinyModel.Options with { BatchNormMomentum = 0.3 }, backbone);
        Assert.Equal(0.3, theirs.momentum);
    }

    [Fact]
    public void Its_own_state_dict_can_be_loaded_into_another()
    {
        using var scope = NewDisposeScope();
        using MadgNetModel source = TinyModel.Create();
        using MadgNetModel target = TinyModel.Create();
        FixtureRule.Fill(source, "source.");
        target.load_state_dict(source.state_dict());
        source.eval();
        target.eval();
        Tensor image = BlockProperty.Image(1, 3, 8, 8);
        Bits.Equal(source.Predict(image), target.Predict(image), "region");
    }

    [Fact]
    public void Predictions_from_several_threads_equal_those_of_one()
    {
        using MadgNetModel model = TinyModel.Create();
        model.eval();
        Tensor[] images = [.. Enumerable.Range(1, 8).Select(i => FixtureRule.Tensor($"image{i}", [1, 3, 16, 8 * (1 + (i % 3))], 0, 1))];
        Tensor[] serial = [.. images.Select(image => model.Predict(image))];
        var left = new System.Collections.Concurrent.ConcurrentBag<long>();
        var failures = new System.Collections.Concurrent.ConcurrentBag<string>();
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            var statistics = DisposeScopeManager.Statistics.TensorStatistics;
            statistics.Reset();
            using var noGrad = no_grad();
            for (int round = 0; round < 5; round++)
            {
                for (int i = 0; i < images.Length; i++)
                {
                    using Tensor region = model.Predict(images[i]);
                    using Tensor expected = serial[i].detach();
                    if (!region.bytes.SequenceEqual(expected.bytes))
                    {
                        failures.Add($"image {i}, round {round}");
                    }
                }
            }

            left.Add(statistics.ThreadTotalLiveCount);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(failures);
        Assert.Equal([0L, 0, 0, 0], left);
        Array.ForEach([.. images, .. serial], tensor => tensor.Dispose());
    }

    [Fact]
    public void Images_that_do_not_fit_are_refused_and_leave_nothing_behind()
    {
        using MadgNetModel model = TinyModel.Create();
        foreach ((long[] shape, ScalarType type, string mention) in new (long[], ScalarType, string)[]
        {
            ([1, 3, 10, 8], ScalarType.Float32, "multiples of 8"),
            ([1, 3, 8, 9], ScalarType.Float32, "multiples of 8"),
            ([1, 2, 8, 8], ScalarType.Float32, "N×3×H×W"),
            ([3, 8, 8], ScalarType.Float32, "N×3×H×W"),
            ([1, 3, 0, 8], ScalarType.Float32, "no empty axis"),
            ([1, 3, 8, 8], ScalarType.Byte, "floating-point"),
            ([1, 3, 8, 8], ScalarType.Float64, "the model's weights"),
        })
        {
            TensorLeak.None(() =>
            {
                using Tensor image = zeros(shape, type);
                BlockProperty.FollowsTheMessageRule(
                    Assert.Throws<TensorShapeException>(() => model.call(image)),
                    "MadgNetModel image",
                    mention,
                    $"[{string.Join(", ", shape)}]");
                Assert.Throws<TensorShapeException>(() => model.Predict(image));
            });
        }

        Assert.Throws<ArgumentNullException>(() => model.Predict(null!));
    }

    [Fact]
    public void Options_and_encoder_that_do_not_fit_are_refused_with_all_problems()
    {
        using var backbone = new TinyEncoder(2, new FeatureLevel(4, 2), new FeatureLevel(4, 3));
        var exception = Assert.Throws<InvalidOptionsException>(() => new MadgNetModel(
            new MadgNetOptions { Labels = 0, Input = new ModelInput { Normalization = InputNormalization.ImageNet } }, backbone));
        Assert.Equal(
            ["Encoder", "Labels", "encoder.InputChannels", "encoder.InputChannels", "encoder.Levels"],
            exception.Problems.Select(problem => problem.Subject).Order(StringComparer.Ordinal));
        BlockProperty.FollowsTheMessageRule(exception, "5 reasons");
    }

    [Fact]
    public void Null_options_parts_are_refused_not_crashed_on()
    {
        using var backbone = new TinyEncoder(TinyModel.Levels);
        var exception = Assert.Throws<InvalidOptionsException>(() => new MadgNetModel(
            TinyModel.Options with { DecoderChannels = null! }, backbone));
        Assert.Equal("DecoderChannels", Assert.Single(exception.Problems).Subject);
        Assert.Throws<ArgumentNullException>(() => new MadgNetModel(null!, backbone));
        Assert.Throws<ArgumentNullException>(() => new MadgNetModel(TinyModel.Options, (IEncoder)null!));
    }

    [Fact]
    public void A_custom_kind_without_an_encoder_is_refused() =>
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<InvalidOptionsException>(() => new MadgNetModel(TinyModel.Options)), "custom without an encoder", "IEncoder");

    [Fact]
    public void A_constructor_that_fails_half_way_leaves_nothing_behind_and_the_encoder_to_its_caller()
    {
        // The finest level claims so many channels that its skip connection, built last, cannot be allocated.
        using var backbone = new OverstatedEncoder();
        TensorLeak.None(() => Assert.ThrowsAny<Exception>(() => new MadgNetModel(TinyModel.Options, backbone)));
        Assert.False(backbone.parameters().First().IsInvalid);
    }

    private static void RunEverything(MadgNetModel model, Tensor image)
    {
        model.train();
        using (SegmentationOutput output = model.call(image))
        {
            using Tensor sum = output.Final.Region.sum();
            sum.backward();
        }

        foreach (Parameter parameter in model.parameters())
        {
            parameter.grad = null;
        }

        model.eval();
        using (var recorder = new AttentionRecorder())
        {
            using SegmentationOutput recorded = model.ForwardWithAttention(image, recorder);
        }

        using Tensor predicted = model.Predict(image);
        using (no_grad())
        {
            using Tensor again = model.Predict(image);
        }

        Assert.Throws<TensorShapeException>(() => model.Predict(model.parameters().First()));
    }

    private sealed class OverstatedEncoder : nn.Module, IEncoder
    {
        private readonly Conv2d _convolution = nn.Conv2d(3, 8, 1, bias: false);

        public OverstatedEncoder()
            : base(nameof(OverstatedEncoder)) => RegisterComponents();

        public long InputChannels => 3;

        public IReadOnlyList<FeatureLevel> Levels => [new(1L << 50, 1), new(6, 2), new(8, 4)];

        public IReadOnlyList<Tensor> Encode(Tensor image) => throw new NotSupportedException("never reached");
    }
}

using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using TorchSharp;

namespace MadgNet.Core.Tests.Models;

public class MadgNetBuilderTests
{
    [Fact]
    public void Every_call_reaches_the_options()
    {
        MadgNetBuilder builder = Tiny()
            .WithLabels("cup", "disc")
            .WithInput(input => input with { Scaling = IntensityScaling.MinMax })
            .WithInput(input => input with { Normalization = InputNormalization.ImageNet })
            .WithSubDecoder(SubDecoderNames.Parallel)
            .WithBatchNormMomentum(0.3)
            .WithAttention(attention => attention with { Frequencies = 4 });
        using MadgNetModel model = builder.Build();
        MadgNetOptions expected = TinyModel.Options with
        {
            Labels = 2,
            LabelNames = ["cup", "disc"],
            Input = new ModelInput { Scaling = IntensityScaling.MinMax, Normalization = InputNormalization.ImageNet },
            SubDecoder = SubDecoderNames.Parallel,
            BatchNormMomentum = 0.3,
            Attention = TinyModel.Options.Attention with { Frequencies = 4 },
        };
        Assert.Equal(expected, model.Options);
        Assert.All(model.SubDecoders, decoder => Assert.IsType<ParallelSubDecoder>(decoder));
    }

    [Fact]
    public void What_the_builder_makes_can_be_made_by_hand()
    {
        using MadgNetModel built = Tiny().WithSeed(7).Build();
        using MadgNetModel byHand = TinyModel.Create(seed: 7);
        foreach ((string name, torch.Tensor tensor) in byHand.state_dict())
        {
            Assert.Equal(tensor.bytes.ToArray(), built.state_dict()[name].bytes.ToArray());
        }
    }

    [Fact]
    public void All_problems_are_reported_together_and_can_be_mended()
    {
        MadgNetBuilder builder = Tiny()
            .WithLabels(0)
            .WithBatchNormMomentum(0)
            .WithAttention(attention => attention with { Scales = 0, Frequencies = 33 })
            .WithWeights("/no/such/file.pth");
        var exception = Assert.Throws<InvalidOptionsException>(builder.Build);
        Assert.Equal(5, exception.Problems.Count);
        Assert.Contains("/no/such/file.pth", exception.Message, StringComparison.Ordinal);
        Assert.All(
            exception.Problems,
            problem => Assert.All(
                [problem.Received, problem.Expected, problem.Remedy], part => Assert.False(string.IsNullOrWhiteSpace(part))));
    }

    [Fact]
    public void A_refused_builder_can_be_corrected()
    {
        MadgNetBuilder builder = Tiny().WithLabels(0);
        Assert.Throws<InvalidOptionsException>(builder.Build);
        using MadgNetModel model = builder.WithLabels(3).Build();
        Assert.Equal(3, model.Options.Labels);
    }

    [Fact]
    public void A_call_leaves_the_builder_as_it_is()
    {
        MadgNetBuilder start = new MadgNetBuilder(Named()).WithSeed(1);
        _ = start.WithLabels(0).WithSeed(2).WithWeights("/no/such/file.pth").WithEncoder("none of these").WithInputChannels(0);
        Assert.Empty(start.Validate());
        using MadgNetModel first = start.Build();
        using MadgNetModel other = start.WithSeed(2).Build();
        using MadgNetModel again = start.Build();
        Assert.Equal(Named(), first.Options);
        byte[] weights = Weights(first);
        Assert.Equal(weights, Weights(again));
        Assert.NotEqual(weights, Weights(other));

        static byte[] Weights(MadgNetModel model) => model.state_dict()["decoder_stage2.conv2.0.weight"].bytes.ToArray();
    }

    [Fact]
    public void An_encoder_that_was_brought_goes_into_one_model()
    {
        MadgNetBuilder builder = Tiny();
        using MadgNetModel model = builder.Build();
        Assert.Throws<InvalidOperationException>(builder.Build);
        Assert.Throws<InvalidOperationException>(builder.WithSeed(2).Build);
        using MadgNetModel another = builder.WithEncoder(new TinyEncoder(TinyModel.Levels)).Build();
        Assert.NotSame(model.Encoder, another.Encoder);
    }

    [Fact]
    public void A_custom_kind_without_an_encoder_is_refused()
    {
        var exception = Assert.Throws<InvalidOptionsException>(
            new MadgNetBuilder().Configure(options => options with { Encoder = EncoderNames.Custom }).Build);
        Assert.Contains("IEncoder", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CUDA_is_refused_where_there_is_none()
    {
        if (torch.cuda.is_available())
        {
            Assert.Skip("CUDA is available here.");
        }

        var exception = Assert.Throws<InvalidOptionsException>(Tiny().OnDevice(DeviceType.CUDA).Build);
        Assert.Contains("CUDA, which this process cannot use", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_are_loaded_and_reported()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("weights.safetensors");
        using (MadgNetModel source = TinyModel.Create(seed: 4))
        {
            source.Save(path);
        }

        using MadgNetModel model = Tiny().WithWeights(path).Build(out WeightLoadReport? report);
        Assert.Equal(model.state_dict().Count, report!.Loaded.Count);
        using MadgNetModel expected = TinyModel.Create(seed: 4);
        Assert.Equal(
            expected.state_dict()["decoder_stage2.conv2.0.weight"].bytes.ToArray(),
            model.state_dict()["decoder_stage2.conv2.0.weight"].bytes.ToArray());
    }

    [Fact]
    public void Weights_that_do_not_fit_are_refused_and_leave_no_tensor_behind()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("weights.safetensors");
        using (MadgNetModel source = TinyModel.Create(options: TinyModel.Options with { Labels = 2 }))
        {
            source.Save(path);
        }

        TensorLeak.None(() => Assert.Throws<WeightLoadException>(Tiny().WithWeights(path).Build));
    }

    /// <summary>A small network of the library's own parts.</summary>
    private static MadgNetOptions Named() => TinyModel.Options with
    {
        Encoder = EncoderNames.ResNet18,
        DecoderChannels = [8, 8, 8, 8],
        DctSizes = [],
    };

    private static MadgNetBuilder Tiny() => new MadgNetBuilder(TinyModel.Options).WithEncoder(new TinyEncoder(TinyModel.Levels));
}

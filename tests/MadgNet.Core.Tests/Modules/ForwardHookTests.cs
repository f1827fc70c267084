using MadgNet.Core.Models;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Modules;

/// <summary>Forward hooks, as users of PyTorch know them: on every block, once for every time that it runs.</summary>
public class ForwardHookTests
{
    public static TheoryData<string> Names => BlockCatalogue.NamesWithEncoders;

    /// <summary>
    /// Every module inside a block runs once a pass, the one exception being those of the published attention's perceptron, whose
    /// arithmetic a kernel takes over in single precision on the CPU; in double precision they run too.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Hooks_fire_on_every_module_of_every_block(string name)
    {
        using var scope = NewDisposeScope();
        BlockCatalogue block = BlockCatalogue.Get(name);
        foreach (ScalarType type in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            using Module module = block.Build(type);
            Dictionary<string, int> counts = Count(module, () => block.Run(module, block.Inputs(type)));
            Assert.All(counts, each =>
            {
                bool byKernel = type == ScalarType.Float32 && IsOfPerceptron(module, each.Key);
                Assert.True(each.Value == (byKernel ? 0 : 1), $"{type}: {each.Key} fired {each.Value} times");
            });
        }
    }

    public static TheoryData<string> WholeNetworks => [.. Networks.Keys];

    private static readonly MultiFrequencyMultiScaleOptions SmallAttention = new()
    {
        Scales = 2,
        Frequencies = 4,
        MinimumChannels = 4,
        MinimumResolution = 2,
    };

    private static readonly MadgNetOptions SmallMadgNet = new()
    {
        Encoder = EncoderNames.ResNet18,
        SkipChannels = 4,
        DecoderChannels = [8, 8, 8, 8],
        Attention = SmallAttention,
    };

    private static readonly Dictionary<string, Func<SegmentationModel>> Networks = new()
    {
        ["madgnet"] = () => new MadgNetModel(SmallMadgNet with { Encoder = EncoderNames.ResNeSt50 }),
        ["madgnet, wavelets, parallel"] = () => new MadgNetModel(
            SmallMadgNet with { ChannelAttention = AttentionNames.Haar, SubDecoder = SubDecoderNames.Parallel }),
        ["madgnet, squeeze and excitation, region"] = () => new MadgNetModel(
            SmallMadgNet with { ChannelAttention = AttentionNames.AveragePooling, SubDecoder = SubDecoderNames.Region }),
        ["unet"] = () => new UNet(new UNetOptions()),
        ["unet, resnet18, both attentions, ensemble"] = () => new UNet(new UNetOptions
        {
            Encoder = EncoderNames.ResNet18,
            ChannelAttention = AttentionNames.Cosine,
            SpatialAttention = AttentionNames.MultiScaleSpatial,
            SubDecoder = SubDecoderNames.Ensemble,
        }),
    };

    /// <summary>
    /// No network passes by one of its blocks: from the whole down to the last convolution every module that can be called is called once
    /// a pass, in training and in evaluation. The exception is the one above.
    /// </summary>
    [Theory]
    [MemberData(nameof(WholeNetworks))]
    public void Hooks_fire_on_every_module_of_a_whole_network(string name)
    {
        using var scope = NewDisposeScope();
        using SegmentationModel model = Networks[name]();
        Tensor images = BlockProperty.Input(2, 3, 64, 64).to(ScalarType.Float32);
        foreach (bool training in new[] { true, false })
        {
            model.train(training);
            Dictionary<string, int> counts = Count(model, () => model.call(images).Dispose());
            Assert.True(counts.Count > 50, $"{counts.Count} modules");
            Assert.All(counts, each =>
            {
                bool byKernel = IsOfPerceptron(model, each.Key);
                Assert.True(each.Value == (byKernel ? 0 : 1), $"{each.Key} fired {each.Value} times");
            });
        }
    }

    [Fact]
    public void Recording_a_pass_does_not_pass_by_the_hooks()
    {
        using var scope = NewDisposeScope();
        BlockCatalogue block = BlockCatalogue.Get("DecoderStage");
        using var stage = (DecoderStage)block.Build(ScalarType.Float64);
        Tensor[] inputs = block.Inputs(ScalarType.Float64);
        using var recorder = new AttentionRecorder();
        Assert.All(Count(stage, () => stage.ForwardWithAttention(inputs[0], inputs[1], recorder)), each => Assert.Equal(1, each.Value));
        Assert.Equal(4, recorder.Records.Count);
    }

    [Fact]
    public void A_sub_decoders_region_alone_runs_its_heads_as_modules()
    {
        using var scope = NewDisposeScope();
        Tensor input = BlockProperty.Input(1, 3, 4, 4);
        using var ensemble = new EnsembleSubDecoder(3, 1, 2);
        Assert.All(Count(ensemble, () => ensemble.PredictRegion(input)), each => Assert.Equal(1, each.Value));
        using var parallel = new ParallelSubDecoder(3, 1, 2);
        Dictionary<string, int> counts = Count(parallel, () => parallel.PredictRegion(input));
        Assert.Equal(["output_map_conv"], counts.Where(each => each.Value > 0).Select(each => each.Key));
    }

    /// <summary>
    /// Grad-CAM (Selvaraju et al., ICCV 2017) on a decoder stage: the hook keeps the activation, whose gradient weighs its channels.
    /// </summary>
    [Fact]
    public void Grad_CAM_on_a_decoder_stage_works_by_a_hook()
    {
        using var scope = NewDisposeScope();
        BlockCatalogue block = BlockCatalogue.Get("DecoderStage");
        using var stage = (DecoderStage)block.Build(ScalarType.Float32);
        using var head = new EnsembleSubDecoder(8, 1, 2);
        PlainLayers.Fill(head);
        Tensor? activation = null;
        var hook = stage.register_forward_hook((_, _, _, output) =>
        {
            output.retain_grad();
            activation = output;
            return output;
        });
        Tensor[] inputs = block.Inputs(ScalarType.Float32);
        TaskMaps maps = head.call(stage.call(inputs[0], inputs[1]));
        maps.Region.sum().backward();
        hook.remove();

        Assert.NotNull(activation);
        Tensor gradient = activation.grad!;
        Assert.Equal([2L, 8, 8, 10], gradient.shape);

        // The same by hand: the gradient of the head's input.
        Tensor features = activation.detach().clone().requires_grad_();
        head.call(features).Region.sum().backward();
        Close.Relative(features.grad!, gradient, 1e-6, "gradient of the activation");
        Tensor map = (gradient.mean([2, 3], keepdim: true) * activation).sum(1).relu();
        Assert.Equal([2L, 8, 10], map.shape);
        Assert.True(map.max().item<float>() > 0);
    }

    /// <summary>A hook that keeps a block's output inside a layer finds it alive after the pass.</summary>
    [Fact]
    public void An_activation_that_a_hook_takes_out_of_the_scope_outlives_the_layer()
    {
        using var scope = NewDisposeScope();
        BlockCatalogue block = BlockCatalogue.Get("ResNet18");
        using Module encoder = block.Build(ScalarType.Float32);
        encoder.eval();
        var first = (Module<Tensor, Tensor>)encoder.named_modules().Single(each => each.name == "layer3.0").module;
        Tensor? kept = null;
        var hook = first.register_forward_hook((_, _, output) => kept = output.DetachFromDisposeScope());
        block.Run(encoder, block.Inputs(ScalarType.Float32));
        hook.remove();
        Assert.False(kept!.IsInvalid);
        Assert.Equal([2L, 256, 2, 4], kept.shape);
        kept.Dispose();
    }

    private static bool IsOfPerceptron(Module module, string name)
    {
        int at = name.IndexOf("fc", StringComparison.Ordinal);
        if (at < 0)
        {
            return false;
        }

        string owner = name[..at].TrimEnd('.');
        Module parent = owner.Length == 0 ? module : module.named_modules().Single(each => each.name == owner).module;
        return parent is MultiFrequencyChannelAttention;
    }

    /// <summary>How often a hook fires on every module that can be called; those that only hold others have no hooks.</summary>
    private static Dictionary<string, int> Count(Module module, Action run)
    {
        var counts = new Dictionary<string, int>();
        var removals = new List<Action>();
        foreach ((string name, Module part) in module.named_modules().Prepend((string.Empty, module)))
        {
            void Fired() => counts[name]++;
            Action? remove = part switch
            {
                Module<Tensor, Tensor> block => block.register_forward_hook((_, _, output) =>
                {
                    Fired();
                    return output;
                }).remove,
                Module<Tensor, Tensor, Tensor> block => block.register_forward_hook((_, _, _, output) =>
                {
                    Fired();
                    return output;
                }).remove,
                Module<Tensor, SegmentationOutput> network => network.register_forward_hook((_, _, output) =>
                {
                    Fired();
                    return output;
                }).remove,
                Module<Tensor, TaskMaps> block => block.register_forward_hook((_, _, output) =>
                {
                    Fired();
                    return output;
                }).remove,
                _ => null,
            };
            if (remove is not null)
            {
                counts[name] = 0;
                removals.Add(remove);
            }
        }

        run();
        removals.ForEach(remove => remove());
        return counts;
    }
}

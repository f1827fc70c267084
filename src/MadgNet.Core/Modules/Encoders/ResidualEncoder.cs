using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Encoders;

/// <summary>
/// What the residual encoders share: a stem at half resolution, a max-pooling and four layers of residual blocks (3, 4, 6 and 3
/// of them where there are fifty layers), as in ResNet (He et al., CVPR 2016).
/// </summary>
/// <remarks>
/// Five levels: the stem before max-pooling (64 channels, stride 2) and the four layers (256, 512, 1024 and 2048
/// channels with bottleneck blocks, 64, 128, 256 and 512 with basic blocks; strides 4, 8, 16 and 32). The classifier of the
/// original networks is not part of the encoder. Attention of the blocks is recorded below the paths <c>layer1.0</c> …
/// </remarks>
public abstract class ResidualEncoder : Module, IEncoder, IFoldableEncoder
{
    private protected const int Expansion = 4;

    private static readonly int[] BlocksOfFifty = [3, 4, 6, 3];
    private static readonly long[] PlanesPerLayer = [64, 128, 256, 512];

    private readonly int _expansion;

    [ComponentName(Name = "conv1")]
    private readonly Module<Tensor, Tensor> _stem;

    [ComponentName(Name = "bn1")]
    private readonly BatchNormalization _stemNormalization;

    [ComponentName(Name = "layer1")]
    private readonly BlockSequence _layer1;

    [ComponentName(Name = "layer2")]
    private readonly BlockSequence _layer2;

    [ComponentName(Name = "layer3")]
    private readonly BlockSequence _layer3;

    [ComponentName(Name = "layer4")]
    private readonly BlockSequence _layer4;

    private protected ResidualEncoder(
        string name,
        long inputChannels,
        bool deepStem,
        BlockFactory createBlock,
        IReadOnlyList<int>? blocks = null,
        int expansion = Expansion)
        : base(NativeRuntime.Ensured(name))
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(inputChannels), inputChannels, 1);
        InvalidOptionsException.ThrowIfAny(name, problems);
        InputChannels = inputChannels;
        blocks ??= BlocksOfFifty;
        _expansion = expansion;
        Levels = [new(64, 2), .. PlanesPerLayer.Select((planes, i) => new FeatureLevel(planes * expansion, 4 << i))];
        _stem = deepStem ? DeepStem(inputChannels) : Conv2d(inputChannels, 64, 7, stride: 2, padding: 3, bias: false);
        _stemNormalization = Layers.Normalization(64);
        _layer1 = CreateLayer(0, blocks, createBlock);
        _layer2 = CreateLayer(1, blocks, createBlock);
        _layer3 = CreateLayer(2, blocks, createBlock);
        _layer4 = CreateLayer(3, blocks, createBlock);
        RegisterComponents();
    }

    /// <summary>Creates one residual block.</summary>
    private protected delegate Module<Tensor, Tensor> BlockFactory(long input, long planes, int stride, bool first);

    /// <inheritdoc/>
    public long InputChannels { get; }

    /// <inheritdoc/>
    public IReadOnlyList<FeatureLevel> Levels { get; }

    /// <inheritdoc/>
    /// <exception cref="TensorShapeException">The image is not N×C×H×W with the constructed C or of another type or device than the
    /// weights, H or W is not a multiple of 32, or a single 32×32 image comes while training.</exception>
    public IReadOnlyList<Tensor> Encode(Tensor image)
    {
        ModuleGuard.FeatureMap(image, InputChannels, GetName(), StemWeight, "image");
        if (image.size(2) % 32 != 0 || image.size(3) % 32 != 0)
        {
            throw new TensorShapeException(new Problem(
                $"{GetName()} image",
                TensorShapeException.Describe(image),
                "a height and width that are multiples of 32",
                "Pad or resize the image, or use a Predictor, which pads and crops by itself"));
        }

        ModuleGuard.Normalizable(this, image.size(0), image.size(2) / 32, image.size(3) / 32, GetName());
        using DisposeScope scope = NewDisposeScope();
        Tensor stem = _stemNormalization.call(_stem.call(image)).relu_();
        Tensor layer1 = RunLayer(_layer1, 1, functional.max_pool2d(stem, 3, stride: 2, padding: 1));
        Tensor layer2 = RunLayer(_layer2, 2, layer1);
        Tensor layer3 = RunLayer(_layer3, 3, layer2);
        Tensor layer4 = RunLayer(_layer4, 4, layer3);
        Tensor[] levels = [stem, layer1, layer2, layer3, layer4];
        foreach (Tensor level in levels)
        {
            level.MoveToOuterDisposeScope();
        }

        return levels;
    }

    /// <inheritdoc/>
    IFoldedEncoder IFoldableEncoder.Fold(ScalarType type) => new FoldedEncoder(
        _stem is Sequential stem
            ? FoldedSequence.Of(stem, type, _stemNormalization)
            : new FoldedConvolution((Conv2d)_stem, _stemNormalization, rectify: true, type),
        [.. new[] { _layer1, _layer2, _layer3, _layer4 }.Select(layer => FoldedSequence.Of(layer, type))]);

    /// <summary>
    /// The shortcut of the newer encoders: average pooling (nothing at a stride of one), a 1×1 convolution, batch normalisation.
    /// </summary>
    private protected static Sequential PooledShortcut(long input, long output, int stride) =>
        Sequential(
            ("0", AvgPool2d(stride, stride: stride, ceil_mode: true, count_include_pad: false)),
            ("1", Layers.Convolution(input, output, kernel: 1)),
            ("2", Layers.Normalization(output)));

    private protected static bool NeedsShortcut(long input, long planes, int stride) => stride != 1 || input != planes * Expansion;

    private Tensor StemWeight => _stem is Sequential deep ? ((Conv2d)deep[0]).weight : ((Conv2d)_stem).weight;

    private static Tensor RunLayer(BlockSequence layer, int number, Tensor features)
    {
        using var step = AttentionRecorder.Enter("layer", number);
        return layer.call(features);
    }

    private BlockSequence CreateLayer(int index, IReadOnlyList<int> counts, BlockFactory createBlock)
    {
        long planes = PlanesPerLayer[index];
        long input = index == 0 ? 64 : PlanesPerLayer[index - 1] * _expansion;
        var blocks = new Module<Tensor, Tensor>[counts[index]];
        for (int block = 0; block < blocks.Length; block++)
        {
            bool first = block == 0;
            blocks[block] = createBlock(first ? input : planes * _expansion, planes, first && index > 0 ? 2 : 1, first);
        }

        return new BlockSequence(blocks);
    }

    private static Sequential DeepStem(long inputChannels) =>
        Sequential(
            ("0", Layers.Convolution(inputChannels, 32, kernel: 3, stride: 2)),
            ("1", Layers.Normalization(32)),
            ("2", Layers.Rectifier()),
            ("3", Layers.Convolution(32, 32, kernel: 3)),
            ("4", Layers.Normalization(32)),
            ("5", Layers.Rectifier()),
            ("6", Layers.Convolution(32, 64, kernel: 3)));

    private sealed class FoldedEncoder(IFolded stem, IReadOnlyList<IFolded> layers) : IFoldedEncoder
    {
        public IReadOnlyList<Tensor> Run(Tensor image)
        {
            using DisposeScope scope = NewDisposeScope();
            var levels = new List<Tensor> { stem.Run(image) };
            Tensor features = functional.max_pool2d(levels[0], 3, stride: 2, padding: 1);
            foreach (IFolded layer in layers)
            {
                features = layer.Run(features);
                levels.Add(features);
            }

            foreach (Tensor level in levels)
            {
                level.MoveToOuterDisposeScope();
            }

            return levels;
        }

        public void Dispose()
        {
            stem.Dispose();
            foreach (IFolded layer in layers)
            {
                layer.Dispose();
            }
        }
    }
}

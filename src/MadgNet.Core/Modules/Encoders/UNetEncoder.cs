using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Runtime;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules.Encoders;

/// <summary>
/// The contracting path of the classic U-Net (Ronneberger et al., MICCAI 2015, arXiv 1505.04597, with padding and batch
/// normalisation) as an encoder: five levels of two 3×3 convolutions each, with 2×2 max-pooling between.
/// </summary>
/// <remarks>
/// Levels of 64, 128, 256, 512 and 1024 channels at strides 1, 2, 4, 8 and 16. State-dict names: <c>level1.conv1.weight</c> …
/// <c>level5.bn2.bias</c>.
/// </remarks>
public sealed class UNetEncoder : Module, IEncoder, IFoldableEncoder
{
    private const int Stride = 16;

    [ComponentName(Name = "level1")]
    private readonly DoubleConvolution _level1;

    [ComponentName(Name = "level2")]
    private readonly DoubleConvolution _level2;

    [ComponentName(Name = "level3")]
    private readonly DoubleConvolution _level3;

    [ComponentName(Name = "level4")]
    private readonly DoubleConvolution _level4;

    [ComponentName(Name = "level5")]
    private readonly DoubleConvolution _level5;

    /// <summary>Creates the encoder with fresh weights.</summary>
    /// <param name="inputChannels">The channels of the images; 1 or more.</param>
    /// <param name="width">The channels of the first level, which double from level to level; 1 or more. Published: 64.</param>
    /// <exception cref="InvalidOptionsException">A value is not positive; lists all that are not.</exception>
    public UNetEncoder(long inputChannels = 3, long width = 64)
        : base(NativeRuntime.Ensured(nameof(UNetEncoder)))
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(inputChannels), inputChannels, 1);
        Guard.Range(problems, nameof(width), width, 1);
        InvalidOptionsException.ThrowIfAny(nameof(UNetEncoder), problems);
        InputChannels = inputChannels;
        Levels = [.. Enumerable.Range(0, 5).Select(level => new FeatureLevel(width << level, 1 << level))];
        _level1 = new DoubleConvolution(inputChannels, width);
        _level2 = new DoubleConvolution(width, width * 2);
        _level3 = new DoubleConvolution(width * 2, width * 4);
        _level4 = new DoubleConvolution(width * 4, width * 8);
        _level5 = new DoubleConvolution(width * 8, width * 16);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public long InputChannels { get; }

    /// <inheritdoc/>
    public IReadOnlyList<FeatureLevel> Levels { get; }

    private DoubleConvolution[] Blocks => [_level1, _level2, _level3, _level4, _level5];

    /// <inheritdoc/>
    /// <exception cref="TensorShapeException">The image is not N×C×H×W with the constructed C or of another type or device than the
    /// weights, H or W is not a multiple of 16, or a single 16×16 image comes while training.</exception>
    public IReadOnlyList<Tensor> Encode(Tensor image)
    {
        ModuleGuard.FeatureMap(image, InputChannels, nameof(UNetEncoder), _level1.Weight, "image");
        if (image.size(2) % Stride != 0 || image.size(3) % Stride != 0)
        {
            throw new TensorShapeException(new Problem(
                $"{nameof(UNetEncoder)} image",
                TensorShapeException.Describe(image),
                $"a height and width that are multiples of {Stride}",
                "Pad or resize the image, or use a Predictor, which pads and crops by itself"));
        }

        ModuleGuard.Normalizable(this, image.size(0), image.size(2) / Stride, image.size(3) / Stride, nameof(UNetEncoder));
        return Run(image, Blocks, static (block, features) => block.call(features));
    }

    /// <inheritdoc/>
    IFoldedEncoder IFoldableEncoder.Fold(ScalarType type) => new FoldedEncoder([.. Blocks.Select(block => block.Fold(type))]);

    private static Tensor[] Run<TBlock>(Tensor image, TBlock[] blocks, Func<TBlock, Tensor, Tensor> run)
    {
        using DisposeScope scope = NewDisposeScope();
        var levels = new Tensor[blocks.Length];
        for (int i = 0; i < levels.Length; i++)
        {
            levels[i] = run(blocks[i], i == 0 ? image : functional.max_pool2d(levels[i - 1], 2, stride: 2));
        }

        foreach (Tensor level in levels)
        {
            level.MoveToOuterDisposeScope();
        }

        return levels;
    }

    private sealed class FoldedEncoder(IFolded[] blocks) : IFoldedEncoder
    {
        public IReadOnlyList<Tensor> Run(Tensor image) => UNetEncoder.Run(image, blocks, static (block, features) => block.Run(features));

        public void Dispose()
        {
            foreach (IFolded block in blocks)
            {
                block.Dispose();
            }
        }
    }
}

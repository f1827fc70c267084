using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules;

/// <summary>
/// Two 3×3 convolutions, each without bias and followed by batch normalisation and ReLU: what every level of a U-Net is made of
/// (Ronneberger et al., MICCAI 2015, arXiv 1505.04597, with padding and batch normalisation).
/// </summary>
/// <remarks>N×C×H×W becomes N×O×H×W.</remarks>
public sealed class DoubleConvolution : Module<Tensor, Tensor>, IFoldable
{
    [ComponentName(Name = "conv1")]
    private readonly Conv2d _first;

    [ComponentName(Name = "bn1")]
    private readonly BatchNormalization _normalization1;

    [ComponentName(Name = "conv2")]
    private readonly Conv2d _second;

    [ComponentName(Name = "bn2")]
    private readonly BatchNormalization _normalization2;

    /// <summary>Creates the block.</summary>
    /// <param name="inputChannels">C, the channels that come in; 1 or more.</param>
    /// <param name="outputChannels">O, the channels that go out; 1 or more.</param>
    /// <exception cref="InvalidOptionsException">A value is not positive; lists all that are not.</exception>
    public DoubleConvolution(long inputChannels, long outputChannels)
        : base(NativeRuntime.Ensured(nameof(DoubleConvolution)))
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(inputChannels), inputChannels, 1);
        Guard.Range(problems, nameof(outputChannels), outputChannels, 1);
        InvalidOptionsException.ThrowIfAny(nameof(DoubleConvolution), problems);
        InputChannels = inputChannels;
        OutputChannels = outputChannels;
        _first = Layers.Convolution(inputChannels, outputChannels, kernel: 3);
        _normalization1 = Layers.Normalization(outputChannels);
        _second = Layers.Convolution(outputChannels, outputChannels, kernel: 3);
        _normalization2 = Layers.Normalization(outputChannels);
        RegisterComponents();
    }

    /// <summary>C, the channels that come in.</summary>
    public long InputChannels { get; }

    /// <summary>O, the channels that go out.</summary>
    public long OutputChannels { get; }

    /// <summary>Convolves a feature map twice.</summary>
    /// <param name="input">A feature map N×C×H×W.</param>
    /// <returns>N×O×H×W. The caller owns it.</returns>
    /// <exception cref="TensorShapeException">The input is not N×C×H×W with the constructed C, of another type or device than the weights,
    /// or holds one value a channel while training.</exception>
    public override Tensor forward(Tensor input)
    {
        ModuleGuard.FeatureMap(input, InputChannels, nameof(DoubleConvolution), _first.weight);
        ModuleGuard.Normalizable(this, input.size(0), input.size(2), input.size(3), nameof(DoubleConvolution));
        using DisposeScope scope = NewDisposeScope();
        Tensor features = _normalization1.call(_first.call(input)).relu_();
        return _normalization2.call(_second.call(features)).relu_().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    IFolded IFoldable.Fold(ScalarType type) => Fold(type);

    internal IFolded Fold(ScalarType type) => new FoldedSequence(
    [
        new FoldedConvolution(_first, _normalization1, rectify: true, type),
        new FoldedConvolution(_second, _normalization2, rectify: true, type),
    ]);

    internal Tensor Weight => _first.weight;
}

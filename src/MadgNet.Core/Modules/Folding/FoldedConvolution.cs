using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Folding;

/// <summary>
/// A convolution with the batch normalisation that follows it folded in, <c>w' = w·γ/√(σ² + ε)</c> and
/// <c>b' = (b − μ)·γ/√(σ² + ε) + β</c>, and with the ReLU after that.
/// </summary>
internal sealed class FoldedConvolution : IFolded
{
    private readonly Tensor _weight;
    private readonly Tensor? _bias;
    private readonly long[] _stride;
    private readonly long[] _padding;
    private readonly long[] _dilation;
    private readonly long _groups;
    private readonly bool _rectify;

    /// <summary>Folds in double precision, so that the weights are rounded once.</summary>
    /// <param name="convolution">The convolution.</param>
    /// <param name="normalization">The batch normalisation after it, with its running statistics; null for none.</param>
    /// <param name="rectify">Whether a ReLU follows.</param>
    /// <param name="type">The type of the folded weights.</param>
    /// <param name="factor">A positive factor of the output, which a ReLU lets through.</param>
    public FoldedConvolution(Conv2d convolution, BatchNormalization? normalization, bool rectify, ScalarType type, double factor = 1)
        : this([convolution], normalization, rectify, type, factor)
    {
    }

    /// <summary>Several convolutions of one input as one: their outputs, one behind the other.</summary>
    public FoldedConvolution(
        IReadOnlyList<Conv2d> convolutions, BatchNormalization? normalization, bool rectify, ScalarType type, double factor = 1)
    {
        using var noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Conv2d first = convolutions[0];
        Tensor weight = cat([.. convolutions.Select(each => each.weight.to(ScalarType.Float64))], 0);
        Tensor? bias = first.bias is null ? null : cat([.. convolutions.Select(each => each.bias!.to(ScalarType.Float64))], 0);
        if (normalization is not null)
        {
            Tensor scale = normalization.Weight.to(ScalarType.Float64)
                / normalization.RunningVariance.to(ScalarType.Float64).Plus(BatchNormalization.Epsilon).sqrt();
            Tensor mean = normalization.RunningMean.to(ScalarType.Float64);
            weight = weight * scale.view(-1, 1, 1, 1);
            bias = ((bias is null ? mean.negative() : bias - mean) * scale).Plus(normalization.Bias.to(ScalarType.Float64));
        }

        _weight = ChannelsLast.Of(weight.Times(factor).to(type)).DetachFromDisposeScope();
        _bias = bias?.Times(factor).to(type).DetachFromDisposeScope();
        _stride = first.stride;
        _padding = first.padding ?? [0, 0];
        _dilation = first.dilation;
        _groups = first.groups;
        _rectify = rectify;
    }

    public Tensor Run(Tensor input)
    {
        Tensor output = nn.functional.conv2d(input, _weight, _bias, _stride, _padding, _dilation, _groups);
        return _rectify ? output.relu_() : output;
    }

    public void Dispose()
    {
        _weight.Dispose();
        _bias?.Dispose();
    }
}

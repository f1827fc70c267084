using MadgNet.Core.Inputs;
using MadgNet.Core.Modules.Backbones;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Folding;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <summary>
/// A <see cref="MadgNetModel"/> in the form that only predicts, from <see cref="MadgNetModel.ForInference"/>: same region
/// logits, less time and memory.
/// </summary>
/// <remarks>Holds copies of the weights as they were. Safe for use from several threads.</remarks>
public sealed class InferenceModel : IDisposable
{
    private readonly IFoldedEncoder? _encoder;
    private readonly IBackbone _backbone;
    private readonly FoldedSequence[] _skips;
    private readonly IFoldedStage[] _stages;
    private readonly IFolded _region;
    private readonly long _channels;
    private readonly ScalarType _inputType;
    private readonly ScalarType _type;

    internal InferenceModel(
        MadgNetModel model, InferencePrecision precision, IReadOnlyList<Sequential> skips, IReadOnlyList<DecoderStage> stages, SubDecoder last)
    {
        if (!Enum.IsDefined(precision))
        {
            throw new InvalidOptionsException(
                nameof(InferenceModel),
                [new Problem(nameof(precision), $"{(int)precision}", "Float32 or BFloat16", "Choose one of the two")]);
        }

        Options = model.Options;
        Precision = precision;
        Stride = model.Stride;
        Device = model.Device;
        _type = precision == InferencePrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        _backbone = model.Backbone;
        _channels = _backbone.InputChannels;
        _encoder = (_backbone as IFoldableEncoder)?.Fold(_type);
        _inputType = _encoder is null ? model.parameters().First().dtype : ScalarType.Float32;
        _skips = [.. skips.Select(skip => FoldedSequence.Of(skip, _type))];
        _stages = [.. stages.Select(stage => stage.Fold(_type))];
        _region = last.FoldRegion(_type);
    }

    /// <summary>What the network is made of.</summary>
    public MadgNetOptions Options { get; }

    /// <summary>What it computes in.</summary>
    public InferencePrecision Precision { get; }

    /// <summary>What the height and width of an image must be multiples of.</summary>
    public int Stride { get; }

    /// <summary>The device that the weights are on.</summary>
    public Device Device { get; }

    /// <summary>Predicts the region map, without a graph.</summary>
    /// <param name="input">Float32 images N×C×H×W, values 0..1, H and W multiples of <see cref="Stride"/>; C is the options' channels, or 1 where the encoder takes 3.</param>
    /// <returns>Float32 region logits N×n×H×W; their sigmoid is the probability. The caller owns them.</returns>
    /// <exception cref="TensorShapeException">The images have another shape, type or device than the network takes.</exception>
    public Tensor Predict(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor image = ImageInput.Prepare(input, _channels, Stride, Options.Normalization, _inputType, Device, nameof(InferenceModel));
        IReadOnlyList<Tensor> levels = _encoder is null ? Theirs(scope, image) : _encoder.Run(ChannelsLast.Of(image.to(_type)));
        Tensor features = levels[^1];
        for (int i = 0; i < _stages.Length; i++)
        {
            features = _stages[i].Run(features, _skips[i].Run(levels[_stages.Length - 1 - i]));
        }

        return _region.Run(features).MoveToOuterDisposeScope();
    }

    /// <summary>Disposes the weights.</summary>
    public void Dispose()
    {
        _encoder?.Dispose();
        foreach (IDisposable part in (IEnumerable<IDisposable>)[.. _skips, .. _stages])
        {
            part.Dispose();
        }

        _region.Dispose();
    }

    /// <summary>The levels of an encoder of the host's, in the order and type that the decoder takes.</summary>
    private Tensor[] Theirs(DisposeScope scope, Tensor image)
    {
        IReadOnlyList<Tensor> levels = BackboneLevels.Encode(_backbone, scope, image);
        return [.. levels.Select(level => ChannelsLast.Of(level.to(_type)))];
    }
}

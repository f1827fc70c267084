using MadgNet.Core.Inputs;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Modules.Folding;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <summary>
/// The form of a network of encoder, decoder stages and sub-decoder that only predicts: batch normalisation folded into the
/// convolutions, channels-last memory, no more of the sub-decoders than the region needs. Holds copies of the weights.
/// </summary>
internal sealed class FoldedInference : InferenceModel
{
    /// <summary>Pixels of an image from which on a batch is run image by image; measured with docs/performance.md's commands.</summary>
    private const long LargeImage = 192 * 192;

    private readonly IFoldedEncoder? _encoder;
    private readonly IEncoder _backbone;
    private readonly IReadOnlyList<IFolded?> _skips;
    private readonly IReadOnlyList<IFoldedStage> _stages;
    private readonly IFolded _region;
    private readonly ModelInput _input;
    private readonly ScalarType _inputType;
    private readonly ScalarType _type;

    /// <summary>Folds the encoder, and takes ownership of the folded parts.</summary>
    /// <param name="model">The network.</param>
    /// <param name="precision">What to compute in.</param>
    /// <param name="encoder">The encoder; one of your own that has no folded form is used as it is, and must live as long.</param>
    /// <param name="fold">Folds skip connections (null for none), stages, deepest first, and the last sub-decoder to a type.</param>
    public FoldedInference(
        SegmentationModel model,
        InferencePrecision precision,
        IEncoder encoder,
        Func<ScalarType, (IReadOnlyList<IFolded?> Skips, IReadOnlyList<IFoldedStage> Stages, IFolded Region)> fold)
        : base(model, precision)
    {
        _type = precision == InferencePrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        _backbone = encoder;
        _input = model.Input;
        _encoder = (encoder as IFoldableEncoder)?.Fold(_type);
        _inputType = _encoder is null ? model.parameters().First().dtype : ScalarType.Float32;
        (_skips, _stages, _region) = fold(_type);
    }

    public override Tensor Predict(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor image = ImageInput.Prepare(
            input, _backbone.InputChannels, Stride, _input, _inputType, Device, nameof(InferenceModel));
        if (!RunsAlone(image))
        {
            return Segment(image).MoveToOuterDisposeScope();
        }

        var maps = new List<Tensor>();
        for (long i = 0; i < image.size(0); i++)
        {
            maps.Add(Segment(image.narrow(0, i, 1)));
        }

        return cat(maps).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Whether the images of a batch run one after another. On a processor the maps of one large image stay in its caches, and those of
    /// several do not. bfloat16 halves the maps and gains from batches instead.
    /// </summary>
    private bool RunsAlone(Tensor images) =>
        images.size(0) > 1 && images.device_type == DeviceType.CPU && _type == ScalarType.Float32
            && images.size(2) * images.size(3) >= LargeImage;

    /// <summary>The region's logits of images that are prepared; all else that is made on the way is disposed.</summary>
    private Tensor Segment(Tensor image)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<Tensor> levels = _encoder is null ? Theirs(scope, image) : _encoder.Run(ChannelsLast.Of(image.to(_type)));
        Tensor features = levels[^1];
        for (int i = 0; i < _stages.Count; i++)
        {
            Tensor level = levels[_stages.Count - 1 - i];
            features = _stages[i].Run(features, _skips[i]?.Run(level) ?? level);
        }

        return _region.Run(features).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        _encoder?.Dispose();
        foreach (IDisposable? part in (IEnumerable<IDisposable?>)[.. _skips, .. _stages, _region])
        {
            part?.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The levels of an encoder of your own, in the order and type that the decoder takes.</summary>
    private Tensor[] Theirs(DisposeScope scope, Tensor image)
    {
        IReadOnlyList<Tensor> levels = EncoderLevels.Encode(_backbone, scope, image);
        return [.. levels.Select(level => ChannelsLast.Of(level.to(_type)))];
    }
}

using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>
/// Shows what a trained network looks at: runs it once on an image of any size and brings its attention and the maps of all
/// its stages back to that size, as pictures and as numbers.
/// </summary>
/// <remarks>
/// The image is padded to the network's stride by repeating its edge, as a <see cref="Predictor"/> does, and every map is
/// cropped back. Statistics over the whole picture, such as those of the channel attention, include the padding. Puts the
/// model into evaluation mode and does not own it; a model must not be trained at the same time. Any number of threads may
/// share an explorer. A report of n labels holds about 30·n maps of the image's size.
/// </remarks>
public sealed class AttentionExplorer
{
    private readonly SegmentationModel _model;
    private readonly AttentionExplorerOptions _options;

    /// <summary>Creates an explorer on a model that stays the caller's.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How to look; the defaults when null.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public AttentionExplorer(SegmentationModel model, AttentionExplorerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new AttentionExplorerOptions();
        PictureChecks.Throw(nameof(AttentionExplorer), options.Validate());
        _model = model;
        _options = options;
        model.eval();
    }

    /// <summary>The model that is looked into.</summary>
    public SegmentationModel Model => _model;

    /// <summary>Looks at an image file, or at the files of a case.</summary>
    /// <param name="path">The image; of several files a case any one.</param>
    /// <returns>What the network made of it.</returns>
    /// <exception cref="ImageReadException">The file is no image that the reader reads, or is damaged or too large.</exception>
    /// <exception cref="TensorShapeException">The model takes neither one nor three channels.</exception>
    public AttentionReport Explore(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        IReadOnlyList<string> files = InputReader.CaseFiles(path, _model.Input, _options.Reader);
        AttentionReport report = Explore(InputReader.Read(files, _model.Input, _options.Reader));
        report.Sources = files;
        return report;
    }

    /// <summary>Looks at a decoded image.</summary>
    /// <param name="image">The image, 8 or 16 bit; its intensities are scaled as the model's options say.</param>
    /// <returns>What the network made of it.</returns>
    /// <exception cref="TensorShapeException">The model takes neither one nor three channels.</exception>
    public AttentionReport Explore(PixelImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Explore(_model.Input.Prepare(image));
    }

    /// <summary>Looks at an image whose values are scaled already.</summary>
    /// <param name="image">C×H×W as the model was trained, usually 0..1; C is the model's input channels, or 1 where its encoder takes
    /// 3.</param>
    /// <returns>What the network made of it.</returns>
    /// <exception cref="TensorShapeException">The channels are not the model's.</exception>
    public AttentionReport Explore(FloatImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        (int Height, int Width)? trained = _model.Input.Size is { } own ? (own.Height, own.Width) : null;
        Placement? place = (_options.InputSize ?? trained) is { } size
            ? Placement.Of(image.Height, image.Width, size, _model.Input.Fit)
            : null;
        FloatImage input = place?.Place(image) ?? image;
        using DisposeScope scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var recorder = new AttentionRecorder();
        Tensor weight = _model.parameters().First();
        Tensor padded = StridePadding.Pad(input.ToTensor().unsqueeze(0), _model.Stride).to(weight.dtype, _model.Device);
        using SegmentationOutput output = _model.ForwardWithAttention(padded, recorder);
        var frame = new Frame((int)padded.size(2), (int)padded.size(3), input.Height, input.Width, image.Height, image.Width, place);
        StageAttention[] stages = [.. output.Stages.Select((maps, index) => Stage(index, maps, recorder, frame))];
        return new AttentionReport(
            image, stages, [.. recorder.Of<SplitAttentionRecord>().Select(Split)], (frame.PaddedHeight, frame.PaddedWidth))
        {
            LabelNames = LabelNames(),
            Threshold = _model.Threshold ?? 0.5,
        };
    }

    private string[] LabelNames() =>
    [
        .. Enumerable.Range(0, _model.Labels).Select(label => label < _model.LabelNames.Count
            ? _model.LabelNames[label]
            : _model.Labels == 1 ? "prediction" : $"label {label + 1}"),
    ];

    private StageAttention Stage(int index, TaskMaps maps, AttentionRecorder recorder, Frame frame)
    {
        SubDecoderRecord? before = _model.SubDecoderPath(index) is { } subDecoder
            ? recorder.Of<SubDecoderRecord>().SingleOrDefault(record => record.Path == subDecoder)
            : null;
        TaskMapImages output = Images(maps.Region, maps.Distance, maps.Boundary, frame);
        return new StageAttention(
            index + 1,
            output,
            before is null ? output : Images(before.Region, before.Distance, before.Boundary, frame),
            [.. Scales(index, recorder, frame)]);
    }

    /// <summary>The attention of a stage, scale by scale; what is recorded directly at the stage is its only scale.</summary>
    private IEnumerable<ScaleAttention> Scales(int index, AttentionRecorder recorder, Frame frame)
    {
        if (_model.AttentionPath(index) is not { } stage)
        {
            yield break;
        }

        var paths = recorder.Records.Select(record => record.Path).Distinct().ToHashSet(StringComparer.Ordinal);
        for (int scale = 0; ; scale++)
        {
            string path = $"{stage}.scale{scale}";
            path = scale == 0 && !paths.Contains(path) ? stage : path;
            ChannelAttentionRecord? channels = recorder.Of<ChannelAttentionRecord>().SingleOrDefault(record => record.Path == path);
            SpatialAttentionRecord? spatial = recorder.Of<SpatialAttentionRecord>().SingleOrDefault(record => record.Path == path);
            if (channels is null && spatial is null)
            {
                yield break;
            }

            yield return new ScaleAttention(
                scale,
                channels is null ? null : Channels(channels),
                spatial is null ? null : Spatial(spatial, frame));
        }
    }

    private static TaskMapImages Images(Tensor region, Tensor? distance, Tensor? boundary, Frame frame) => new(
        Probability(region, frame),
        distance is null ? null : Probability(distance, frame),
        boundary is null ? null : Probability(boundary, frame));

    private static FloatImage Probability(Tensor logits, Frame frame)
    {
        using DisposeScope scope = NewDisposeScope();
        return frame.Restore(FloatImage.FromTensor(logits.sigmoid()[0]));
    }

    private static ChannelAttentionWeights Channels(ChannelAttentionRecord record) => new(
        record.Size,
        record.Frequencies,
        Array(record.Average),
        record.Maximum is { } maximum ? Array(maximum) : null,
        record.Minimum is { } minimum ? Array(minimum) : null,
        Array(record.Weights).Values.ToArray());

    private static SpatialAttentionMaps Spatial(SpatialAttentionRecord record, Frame frame)
    {
        using Tensor one = record.Foreground[0];
        FloatImage stored = FloatImage.FromTensor(one);
        return new SpatialAttentionMaps(frame.Restore(stored), stored, record.Alpha, record.Beta);
    }

    private static SplitAttentionWeights Split(SplitAttentionRecord record) => new(record.Path, Array(record.Weights));

    /// <summary>The first image's numbers, without the batch.</summary>
    private static NpyArray Array(Tensor batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor one = batch[0].detach().cpu().to(ScalarType.Float32).contiguous();
        return new NpyArray([.. one.shape.Select(size => (int)size)], one.data<float>().ToArray());
    }

    /// <summary>The sizes that a map goes through on its way back to the image.</summary>
    private sealed record Frame(
        int PaddedHeight, int PaddedWidth, int InputHeight, int InputWidth, int Height, int Width, Placement? Place)
    {
        public FloatImage Restore(FloatImage map)
        {
            FloatImage padded = ImageResizer.Bilinear(map, PaddedHeight, PaddedWidth);
            FloatImage cropped = padded;
            if (PaddedHeight != InputHeight || PaddedWidth != InputWidth)
            {
                cropped = new FloatImage(map.Channels, InputHeight, InputWidth);
                for (int c = 0; c < map.Channels; c++)
                {
                    for (int y = 0; y < InputHeight; y++)
                    {
                        padded.Row(c, y)[..InputWidth].CopyTo(cropped.Row(c, y));
                    }
                }
            }

            return Place?.Restore(cropped, Height, Width) ?? ImageResizer.Bilinear(cropped, Height, Width);
        }
    }
}

using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Onnx.Hosting;

namespace MadgNet.AspNetCore;

/// <summary>An image with what was found in it, and what the caller wants to know of it.</summary>
internal sealed class Segmented
{
    private Segmented(ServedImage image, Prediction prediction, NetworkInput input, SegmentQuery query, IReadOnlyList<string> names)
    {
        (Image, Prediction, Query, Names, Input) = (image, prediction, query, names, input);
        Labels = query.Label is { } one ? [one] : [.. Enumerable.Range(0, prediction.Labels)];
    }

    public ServedImage Image { get; }

    public Prediction Prediction { get; }

    public SegmentQuery Query { get; }

    /// <summary>The names of all labels.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The numbers of the labels that are wanted.</summary>
    public IReadOnlyList<int> Labels { get; }

    public NetworkInput Input { get; }

    /// <summary>For every label the threshold that its mask has.</summary>
    public required IReadOnlyList<double> Thresholds { get; init; }

    /// <summary>What a caller should know about the answer.</summary>
    public IEnumerable<string> Warnings
    {
        get
        {
            if (Image.Pixels.Pages > 1)
            {
                yield return $"The file holds {Image.Pixels.Pages} pages; the first one was segmented.";
            }

            if (Image.Pixels.BitDepth == 16 && Input.NeedsWindow)
            {
                yield return "The image has 16 bits and the network knows no window of intensities: it saw the whole range.";
            }
        }
    }

    /// <summary>Predicts an image as a caller asked for it.</summary>
    public static Segmented Of(ServedImage image, IImagePredictor predictor, SegmentQuery query, CancellationToken cancellationToken)
    {
        Prediction found = predictor.Predict(image.Pixels, query.Map, cancellationToken);
        IReadOnlyList<string> names = LabelNames.Of(predictor.Network);
        IReadOnlyList<double> thresholds = query.Threshold is { } threshold
            ? [.. Enumerable.Repeat(threshold, found.Labels)]
            : predictor.Thresholds;
        PixelSpacing spacing = image.Spacing ?? found.Spacing;
        Prediction asked = new(found.Probability, thresholds, names) { PostProcessing = found.PostProcessing, Spacing = spacing };
        return new Segmented(image, asked, new NetworkInput(predictor.Network.Input), query, names) { Thresholds = thresholds };
    }

    /// <summary>What pictures need to know of a network's input.</summary>
    internal sealed class NetworkInput(ModelInput input)
    {
        /// <summary>Whether a 16-bit image is shown to the network over its whole range.</summary>
        public bool NeedsWindow => input.Windows.Count == 0 && input.Scaling == IntensityScaling.FullRange;

        /// <summary>The first channel as the network sees it, before normalisation.</summary>
        public FloatImage Prepare(PixelImage image) => input.Prepare(image);
    }
}

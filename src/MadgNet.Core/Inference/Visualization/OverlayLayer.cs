using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>One mask of an <see cref="Overlay"/>: which pixels it holds, and how it is drawn.</summary>
public sealed class OverlayLayer
{
    private readonly bool[] _inside;

    /// <summary>Creates a layer.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="inside">height·width truth values, row after row; kept, not copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    /// <exception cref="ArgumentException">There are not height·width values.</exception>
    public OverlayLayer(int width, int height, bool[] inside)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentNullException.ThrowIfNull(inside);
        if (inside.Length != (long)width * height)
        {
            throw new ArgumentException(
                $"received {inside.Length} values; expected {(long)width * height} for {width}×{height} pixels. Pass one for every pixel.",
                nameof(inside));
        }

        Width = width;
        Height = height;
        _inside = inside;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Which pixels belong to the mask, row after row.</summary>
    public ReadOnlySpan<bool> Inside => _inside;

    /// <summary>What a legend calls the layer. Default: nothing.</summary>
    public string Name { get; init; } = "";

    /// <summary>The colour; null for the palette's, by the layer's place. Default null.</summary>
    public RgbColor? Color { get; init; }

    /// <summary>
    /// The contour's thickness in pixels of the result, 0 for none; null for <see cref="OverlayOptions.ContourThickness"/>. Default null.
    /// </summary>
    public double? ContourThickness { get; init; }

    /// <summary>The opacity of the area, 0 for none to 1; null for <see cref="OverlayOptions.FillOpacity"/>. Default null.</summary>
    public double? FillOpacity { get; init; }

    /// <summary>A layer of a mask image: inside is what has at least half of the largest sample, 128 of 255.</summary>
    /// <param name="mask">One channel, 8 or 16 bit.</param>
    /// <param name="name">What a legend calls the layer.</param>
    /// <param name="color">The colour; null for the palette's.</param>
    /// <returns>The layer.</returns>
    /// <exception cref="ArgumentException">The mask has several channels.</exception>
    public static OverlayLayer FromMask(PixelImage mask, string name = "", RgbColor? color = null)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(name);
        if (mask.Channels != 1)
        {
            throw new ArgumentException(
                $"received a mask of {mask.Channels} channels; expected 1. Convert it with ToGray, or make a layer for each label.",
                nameof(mask));
        }

        var inside = new bool[mask.Width * mask.Height];
        for (int i = 0; i < inside.Length; i++)
        {
            inside[i] = mask.BitDepth == 8 ? mask.Bytes[i] >= 128 : mask.Words[i] >= 32768;
        }

        return new OverlayLayer(mask.Width, mask.Height, inside) { Name = name, Color = color };
    }

    /// <summary>A layer of a map of probabilities or a mask of 0 and 1: inside is what reaches the threshold. NaN does not.</summary>
    /// <param name="map">The map.</param>
    /// <param name="plane">Which plane, 0 … Channels − 1.</param>
    /// <param name="threshold">The value from which on a pixel is inside.</param>
    /// <param name="name">What a legend calls the layer.</param>
    /// <param name="color">The colour; null for the palette's.</param>
    /// <returns>The layer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such plane.</exception>
    public static OverlayLayer FromMap(FloatImage map, int plane = 0, double threshold = 0.5, string name = "", RgbColor? color = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(name);
        ReadOnlySpan<float> values = map.Plane(plane);
        var inside = new bool[values.Length];
        for (int i = 0; i < inside.Length; i++)
        {
            inside[i] = values[i] >= threshold;
        }

        return new OverlayLayer(map.Width, map.Height, inside) { Name = name, Color = color };
    }

    /// <summary>A layer for every label of a prediction: the pixels of its mask.</summary>
    /// <param name="prediction">The prediction.</param>
    /// <param name="names">The labels' names; null for the prediction's own. Missing ones are called <c>label 1</c> …, or <c>prediction</c>
    /// where there is one label.</param>
    /// <returns>The layers, the first label's first.</returns>
    public static IReadOnlyList<OverlayLayer> FromPrediction(Prediction prediction, IReadOnlyList<string>? names = null)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        names ??= prediction.LabelNames;
        return
        [
            .. Enumerable.Range(0, prediction.Labels).Select(label => FromMask(
                prediction.Mask(label),
                label < names.Count ? names[label] : prediction.Labels == 1 ? "prediction" : $"label {label + 1}")),
        ];
    }
}

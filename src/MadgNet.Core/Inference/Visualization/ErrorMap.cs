using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>
/// Where a predicted mask and the truth agree and where they do not: every pixel is a true or false positive or negative.
/// Holds the classes and their counts, and draws them. Needs neither libtorch nor any native library.
/// </summary>
public sealed class ErrorMap
{
    /// <summary>The index of true negatives in <see cref="Classes"/>.</summary>
    public const byte TrueNegative = 0;

    /// <summary>The index of true positives in <see cref="Classes"/>.</summary>
    public const byte TruePositive = 1;

    /// <summary>The index of false positives in <see cref="Classes"/>.</summary>
    public const byte FalsePositive = 2;

    /// <summary>The index of false negatives in <see cref="Classes"/>.</summary>
    public const byte FalseNegative = 3;

    private readonly long[] _counts = new long[4];

    /// <summary>Compares a predicted mask with the truth.</summary>
    /// <param name="prediction">The prediction, for example of <see cref="OverlayLayer.FromPrediction"/>.</param>
    /// <param name="truth">The truth, of the same size.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public ErrorMap(OverlayLayer prediction, OverlayLayer truth)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(truth);
        PictureChecks.SameSize("a prediction", prediction.Width, prediction.Height, "a truth", truth.Width, truth.Height, nameof(truth));
        var classes = new byte[prediction.Inside.Length];
        for (int i = 0; i < classes.Length; i++)
        {
            classes[i] = (prediction.Inside[i], truth.Inside[i]) switch
            {
                (true, true) => TruePositive,
                (true, false) => FalsePositive,
                (false, true) => FalseNegative,
                _ => TrueNegative,
            };
            _counts[classes[i]]++;
        }

        Classes = new PixelImage(prediction.Width, prediction.Height, 1, classes);
    }

    /// <summary>
    /// The class of every pixel: 0 true negative, 1 true positive, 2 false positive, 3 false negative. One 8-bit channel.
    /// </summary>
    public PixelImage Classes { get; }

    /// <summary>Pixels that were found and are there.</summary>
    public long TruePositives => _counts[TruePositive];

    /// <summary>Pixels that were found but are not there.</summary>
    public long FalsePositives => _counts[FalsePositive];

    /// <summary>Pixels that are there but were missed.</summary>
    public long FalseNegatives => _counts[FalseNegative];

    /// <summary>Pixels that are not there and were not found.</summary>
    public long TrueNegatives => _counts[TrueNegative];

    /// <summary>Compares one label of a prediction with the truth.</summary>
    /// <param name="prediction">The prediction.</param>
    /// <param name="truth">The true mask, 0..1, of the same size; 0.5 and more is inside.</param>
    /// <param name="label">The label, which is also the truth's plane where it has several.</param>
    /// <returns>The comparison.</returns>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    public static ErrorMap Compare(Prediction prediction, FloatImage truth, int label = 0)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(truth);
        return new ErrorMap(
            OverlayLayer.FromMask(prediction.Mask(label)),
            OverlayLayer.FromMap(truth, truth.Channels == 1 ? 0 : label));
    }

    /// <summary>Draws the classes.</summary>
    /// <param name="image">What is seen below them, one or three planes of 0..1 of the same size; null for black.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <returns>An 8-bit RGB image of the map's size times the magnification.</returns>
    /// <exception cref="ArgumentException">The image has another size, or neither one nor three planes.</exception>
    /// <exception cref="InvalidOptionsException">The options are out of range; lists all problems.</exception>
    public PixelImage Draw(FloatImage? image = null, ErrorMapOptions? options = null)
    {
        options ??= new ErrorMapOptions();
        PictureChecks.Throw(nameof(ErrorMap), options.Validate());
        if (image is not null)
        {
            PictureChecks.SameSize("an image", image.Width, image.Height, "an error map", Classes.Width, Classes.Height, nameof(image));
        }

        int scale = options.Magnification;
        Raster raster = image is null
            ? new Raster(checked(Classes.Width * scale), checked(Classes.Height * scale), RgbColor.Black)
            : Raster.From(image, scale, options.Gamma);
        double opacity = image is null ? 1 : options.Opacity;
        RgbColor?[] colors = [options.TrueNegative, options.TruePositive, options.FalsePositive, options.FalseNegative];
        for (int y = 0; y < raster.Height; y++)
        {
            for (int x = 0; x < raster.Width; x++)
            {
                if (colors[Classes.Bytes[(y / scale * Classes.Width) + (x / scale)]] is { } color)
                {
                    raster.Blend((y * raster.Width) + x, color, opacity);
                }
            }
        }

        return raster.ToImage();
    }

    /// <summary>What the colours stand for, with the number of pixels of each.</summary>
    /// <param name="options">How the map is drawn; the defaults when null.</param>
    /// <returns>True positives, false positives and false negatives, and true negatives where they have a colour.</returns>
    public IReadOnlyList<LegendEntry> Legend(ErrorMapOptions? options = null)
    {
        options ??= new ErrorMapOptions();
        var entries = new List<LegendEntry>
        {
            new(options.TruePositive, FormattableString.Invariant($"found {TruePositives}")),
            new(options.FalsePositive, FormattableString.Invariant($"too much {FalsePositives}")),
            new(options.FalseNegative, FormattableString.Invariant($"missed {FalseNegatives}")),
        };
        if (options.TrueNegative is { } color)
        {
            entries.Add(new LegendEntry(color, FormattableString.Invariant($"background {TrueNegatives}")));
        }

        return entries;
    }
}

using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>
/// Draws masks over an image: contours of any thickness, areas of any opacity, a colour a label. Needs neither libtorch nor
/// any native library.
/// </summary>
/// <remarks>
/// A contour is centred on the border between inside and outside and antialiased; where a mask is cut off by the edge of
/// the image there is none. Where areas overlap, their colours are mixed and the image shines through less; where contours
/// coincide, their colours alternate in dashes, so that no label hides another.
/// </remarks>
public static class Overlay
{
    /// <summary>Draws labels over an image in the default way.</summary>
    /// <param name="image">1×H×W (grey) or 3×H×W (red, green, blue), 0..1.</param>
    /// <param name="layers">The labels, the first at the bottom; none draws the image alone.</param>
    /// <returns>The picture, 8-bit RGB.</returns>
    /// <exception cref="ArgumentException">Image and layers do not fit each other.</exception>
    public static PixelImage Draw(FloatImage image, IReadOnlyList<OverlayLayer> layers) => Draw(image, layers, null);

    /// <summary>Draws layers over an image.</summary>
    /// <param name="image">One or three planes, values 0..1; what lies outside is clipped.</param>
    /// <param name="layers">The masks, each of the image's size; none gives the image alone.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <returns>An 8-bit RGB image of the image's size times the magnification.</returns>
    /// <exception cref="ArgumentException">A layer has another size than the image, or the image neither one nor three planes.</exception>
    /// <exception cref="InvalidOptionsException">The options, or a layer's own thickness or opacity, are out of range; lists all
    /// problems.</exception>
    public static PixelImage Draw(FloatImage image, IReadOnlyList<OverlayLayer> layers, OverlayOptions? options)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(layers);
        options ??= new OverlayOptions();
        Check(image, layers, options);
        Raster raster = Raster.From(image, options.Magnification, options.Gamma);
        Fill(raster, image.Width, layers, options);
        Outline(raster, image.Width, image.Height, layers, options);
        return raster.ToImage();
    }

    /// <summary>Draws layers over an image file's pixels, of which the full range of the bit depth is shown.</summary>
    /// <param name="image">The image, 8 or 16 bit. Give <see cref="PixelImage.ToFloat"/> a window first where its range is to be
    /// stretched.</param>
    /// <param name="layers">The masks, each of the image's size; none gives the image alone.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <returns>An 8-bit RGB image of the image's size times the magnification.</returns>
    /// <exception cref="ArgumentException">A layer has another size than the image.</exception>
    /// <exception cref="InvalidOptionsException">The options, or a layer's own thickness or opacity, are out of range; lists all
    /// problems.</exception>
    public static PixelImage Draw(PixelImage image, IReadOnlyList<OverlayLayer> layers, OverlayOptions? options)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Draw(image.ToFloat(ImageChannels.Rgb), layers, options);
    }

    /// <summary>Draws the masks of a prediction over its image.</summary>
    /// <param name="image">The image, 8 or 16 bit.</param>
    /// <param name="prediction">What was predicted for it.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <returns>An 8-bit RGB image of the image's size times the magnification.</returns>
    /// <exception cref="ArgumentException">The prediction has another size than the image.</exception>
    /// <exception cref="InvalidOptionsException">The options are out of range; lists all problems.</exception>
    public static PixelImage Draw(PixelImage image, Prediction prediction, OverlayOptions? options) =>
        Draw(image, OverlayLayer.FromPrediction(prediction), options);

    /// <summary>The entries of a legend for these layers: those that have a name.</summary>
    /// <param name="layers">The layers, in the order in which they are drawn.</param>
    /// <param name="palette">The palette that they are drawn with; <see cref="LabelPalette.Default"/> when null.</param>
    /// <returns>One entry a named layer.</returns>
    public static IReadOnlyList<LegendEntry> Legend(IReadOnlyList<OverlayLayer> layers, LabelPalette? palette = null)
    {
        ArgumentNullException.ThrowIfNull(layers);
        return
        [
            .. layers
                .Select((layer, i) => new LegendEntry(layer.Color ?? (palette ?? LabelPalette.Default)[i], layer.Name))
                .Where(entry => entry.Text.Length > 0),
        ];
    }

    private static void Check(FloatImage image, IReadOnlyList<OverlayLayer> layers, OverlayOptions options)
    {
        List<Problem> problems = [.. options.Validate()];
        for (int i = 0; i < layers.Count; i++)
        {
            OverlayLayer layer = layers[i]
                ?? throw new ArgumentException($"received null as layer {i}; expected a mask. Leave it out instead.", nameof(layers));
            PictureChecks.Range(problems, $"layer {i}'s ContourThickness", layer.ContourThickness ?? 0, 0, 64);
            PictureChecks.Range(problems, $"layer {i}'s FillOpacity", layer.FillOpacity ?? 0, 0, 1);
        }

        PictureChecks.Throw(nameof(Overlay), problems);
        foreach (OverlayLayer layer in layers)
        {
            PictureChecks.SameSize("an image", image.Width, image.Height, "a layer", layer.Width, layer.Height, nameof(layers));
        }
    }

    private static void Fill(Raster raster, int width, IReadOnlyList<OverlayLayer> layers, OverlayOptions options)
    {
        double[] opacities = [.. layers.Select(layer => layer.FillOpacity ?? options.FillOpacity)];
        if (opacities.All(opacity => opacity == 0))
        {
            return;
        }

        RgbColor[] colors = Colors(layers, options);
        for (int y = 0; y < raster.Height; y++)
        {
            int row = y / options.Magnification * width;
            for (int x = 0; x < raster.Width; x++)
            {
                int source = row + (x / options.Magnification);
                double total = 0;
                double through = 1;
                (double red, double green, double blue) = (0, 0, 0);
                for (int i = 0; i < layers.Count; i++)
                {
                    if (layers[i].Inside[source])
                    {
                        double opacity = opacities[i];
                        total += opacity;
                        through *= 1 - opacity;
                        red += opacity * colors[i].Red;
                        green += opacity * colors[i].Green;
                        blue += opacity * colors[i].Blue;
                    }
                }

                if (total > 0)
                {
                    var mixed = new RgbColor((byte)((red / total) + 0.5), (byte)((green / total) + 0.5), (byte)((blue / total) + 0.5));
                    raster.Blend((y * raster.Width) + x, mixed, 1 - through);
                }
            }
        }
    }

    private static void Outline(Raster raster, int width, int height, IReadOnlyList<OverlayLayer> layers, OverlayOptions options)
    {
        RgbColor[] colors = Colors(layers, options);
        var coverages = new List<(float[] Coverage, RgbColor Color)>();
        double thickest = 0;
        for (int i = 0; i < layers.Count; i++)
        {
            double thickness = layers[i].ContourThickness ?? options.ContourThickness;
            if (thickness > 0)
            {
                coverages.Add((Coverage(layers[i], width, height, options.Magnification, thickness), colors[i]));
                thickest = Math.Max(thickest, thickness);
            }
        }

        int dash = (int)Math.Ceiling(Math.Max(4, 3 * thickest));
        Span<int> here = coverages.Count <= 64 ? stackalloc int[coverages.Count] : new int[coverages.Count];
        for (int y = 0; y < raster.Height; y++)
        {
            for (int x = 0; x < raster.Width; x++)
            {
                int index = (y * raster.Width) + x;
                int count = 0;
                float strongest = 0;
                for (int i = 0; i < coverages.Count; i++)
                {
                    float coverage = coverages[i].Coverage[index];
                    if (coverage > 0)
                    {
                        here[count++] = i;
                        strongest = Math.Max(strongest, coverage);
                    }
                }

                if (count > 0)
                {
                    // The fringe of one contour does not break up the middle of another.
                    int kept = 0;
                    for (int i = 0; i < count; i++)
                    {
                        if (coverages[here[i]].Coverage[index] >= strongest / 2)
                        {
                            here[kept++] = here[i];
                        }
                    }

                    (float[] coverage, RgbColor color) = coverages[here[(x + y) / dash % kept]];
                    raster.Blend(index, color, coverage[index]);
                }
            }
        }
    }

    /// <summary>How much of every pixel of the result a contour covers, from the distance to the border of the mask.</summary>
    private static float[] Coverage(OverlayLayer layer, int width, int height, int magnification, double thickness)
    {
        int wide = width * magnification;
        int high = height * magnification;
        var inside = new bool[wide * high];
        for (int y = 0; y < high; y++)
        {
            for (int x = 0; x < wide; x++)
            {
                inside[(y * wide) + x] = layer.Inside[(y / magnification * width) + (x / magnification)];
            }
        }

        var toInside = new float[inside.Length];
        DistanceTransform.Euclidean(inside, high, wide, toInside);
        for (int i = 0; i < inside.Length; i++)
        {
            inside[i] = !inside[i];
        }

        var toOutside = new float[inside.Length];
        DistanceTransform.Euclidean(inside, high, wide, toOutside);
        float half = (float)(thickness / 2);
        for (int i = 0; i < toInside.Length; i++)
        {
            // Distances run between the centres of pixels; the border lies half a pixel before the nearest one across it.
            float distance = Math.Max(toInside[i], toOutside[i]) - 0.5f;
            toInside[i] = Math.Clamp(half - distance + 0.5f, 0, 1);
        }

        return toInside;
    }

    private static RgbColor[] Colors(IReadOnlyList<OverlayLayer> layers, OverlayOptions options) =>
        [.. layers.Select((layer, i) => layer.Color ?? options.Palette[i])];
}

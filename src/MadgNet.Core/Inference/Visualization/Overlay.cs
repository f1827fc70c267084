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
    private const int BandRows = 32;

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
        Check(image.Width, image.Height, image.Channels, layers, options);
        Raster raster = Raster.From(Shown(image, options.Channels), options.Magnification, options.Gamma);
        Draw(raster, image.Width, layers, options);
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
        ArgumentNullException.ThrowIfNull(layers);
        options ??= new OverlayOptions();
        Check(image.Width, image.Height, image.Channels, layers, options);
        Raster raster = options.Magnification == 1
            ? Raster.FromPixels(image, options.Channels, options.Gamma)
            : Raster.From(Shown(image.ToFloat(ImageChannels.AsStored), options.Channels), options.Magnification, options.Gamma);
        Draw(raster, image.Width, layers, options);
        return raster.ToImage();
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

    private static FloatImage Shown(FloatImage image, IReadOnlyList<int>? channels)
    {
        if (channels is null)
        {
            return image;
        }

        var shown = new FloatImage(channels.Count, image.Height, image.Width);
        for (int i = 0; i < channels.Count; i++)
        {
            image.Plane(channels[i]).CopyTo(shown.Plane(i));
        }

        return shown;
    }

    private static void Check(int width, int height, int channels, IReadOnlyList<OverlayLayer> layers, OverlayOptions options)
    {
        List<Problem> problems = [.. options.Validate()];
        if (problems.Count == 0 && options.Channels is { } chosen && chosen.Any(channel => channel >= channels))
        {
            problems.Add(new Problem(
                nameof(OverlayOptions.Channels),
                $"{string.Join(", ", chosen)} for an image of {channels} channels",
                $"numbers from 0 to {channels - 1}",
                "Choose channels that the image has"));
        }

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
            PictureChecks.SameSize("an image", width, height, "a layer", layer.Width, layer.Height, nameof(layers));
        }
    }

    /// <summary>Draws a band of rows after the other, several at a time: what is needed beside the picture is small.</summary>
    private static void Draw(Raster raster, int width, IReadOnlyList<OverlayLayer> layers, OverlayOptions options)
    {
        if (layers.Count == 0)
        {
            return;
        }

        RgbColor[] colors = Colors(layers, options);
        double[] thicknesses = [.. layers.Select(layer => layer.ContourThickness ?? options.ContourThickness)];
        (ContourBand Contour, RgbColor Color)[] contours = [.. Enumerable.Range(0, layers.Count).Where(i => thicknesses[i] > 0)
            .Select(i => (new ContourBand(layers[i], options.Magnification, thicknesses[i]), colors[i]))];
        int dash = (int)Math.Ceiling(Math.Max(4, 3 * thicknesses.Max()));
        int bands = (raster.Height + BandRows - 1) / BandRows;
        Parallel.For(
            0,
            bands,
            () => new OverlayBuffers(BandRows, raster.Width, [.. contours.Select(entry => entry.Contour)]),
            (band, _, buffers) =>
            {
                int top = band * BandRows;
                int rows = Math.Min(BandRows, raster.Height - top);
                Fill(raster, top, rows, width, layers, colors, options);
                Outline(raster, top, rows, contours, buffers, dash);
                return buffers;
            },
            _ => { });
    }

    private static void Fill(
        Raster raster, int top, int rows, int width, IReadOnlyList<OverlayLayer> layers, RgbColor[] colors, OverlayOptions options)
    {
        double[] opacities = [.. layers.Select(layer => layer.FillOpacity ?? options.FillOpacity)];
        if (opacities.All(opacity => opacity == 0))
        {
            return;
        }

        for (int y = top; y < top + rows; y++)
        {
            int row = y / options.Magnification * width;
            if (layers.All(layer => !layer.Inside.Slice(row, width).Contains(true)))
            {
                continue;
            }

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

    private static void Outline(
        Raster raster, int top, int rows, (ContourBand Contour, RgbColor Color)[] contours, OverlayBuffers buffers, int dash)
    {
        var present = new List<(float[] Coverage, RgbColor Color)>();
        int length = rows * raster.Width;
        Span<bool> touched = buffers.Touched.AsSpan(0, length);
        for (int i = 0; i < contours.Length; i++)
        {
            if (contours[i].Contour.Cover(top, rows, buffers.Coverages[i].AsSpan(0, length), touched, buffers.Near))
            {
                present.Add((buffers.Coverages[i], contours[i].Color));
            }
        }

        if (present.Count == 0)
        {
            return;
        }

        Span<int> here = present.Count <= 64 ? stackalloc int[present.Count] : new int[present.Count];
        for (int index = touched.IndexOf(true); index >= 0;)
        {
            int stop = touched[index..].IndexOf(false);
            for (int end = stop < 0 ? length : index + stop; index < end; index++)
            {
                Blend(raster, top, index, present, here, dash);
            }

            int next = touched[index..].IndexOf(true);
            index = next < 0 ? -1 : index + next;
        }

        touched.Clear();
    }

    /// <summary>Draws the contours that meet in a pixel of a band, at least one.</summary>
    private static void Blend(
        Raster raster, int top, int index, List<(float[] Coverage, RgbColor Color)> present, Span<int> here, int dash)
    {
        int count = 0;
        float strongest = 0;
        for (int i = 0; i < present.Count; i++)
        {
            float coverage = present[i].Coverage[index];
            if (coverage > 0)
            {
                here[count++] = i;
                strongest = Math.Max(strongest, coverage);
            }
        }

        // The fringe of one contour does not break up the middle of another.
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            if (present[here[i]].Coverage[index] >= strongest / 2)
            {
                here[kept++] = here[i];
            }
        }

        (int y, int x) = Math.DivRem(index, raster.Width);
        (float[] covered, RgbColor color) = present[here[(x + top + y) / dash % kept]];
        raster.Blend((top * raster.Width) + index, color, covered[index]);
    }

    private static RgbColor[] Colors(IReadOnlyList<OverlayLayer> layers, OverlayOptions options) =>
        [.. layers.Select((layer, i) => layer.Color ?? options.Palette[i])];
}

using System.Globalization;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>
/// Draws a map of numbers, such as the probability of a label, in the colours of a <see cref="ColorMap"/>: alone or over
/// the image, with or without a bar that shows the scale. Needs neither libtorch nor any native library.
/// </summary>
public static class HeatMap
{
    /// <summary>Draws a map alone.</summary>
    /// <param name="map">Values of any range; NaN is grey.</param>
    /// <param name="plane">Which plane, 0 … Channels − 1: the label of a prediction.</param>
    /// <param name="options">How to draw; the defaults when null. The opacity is not used.</param>
    /// <returns>An 8-bit RGB image of the map's size times the magnification, wider by the bar where there is one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such plane.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public static PixelImage Draw(FloatImage map, int plane = 0, HeatMapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        options ??= new HeatMapOptions();
        PictureChecks.Throw(nameof(HeatMap), options.Validate());
        (double low, double high) = Range(map.Plane(plane), options);
        return WithBar(options.Colors.Apply(Enlarged(map, plane, options), 0, low, high), low, high, options);
    }

    /// <summary>Lays the colours of a map's first plane over an image in the default way.</summary>
    /// <param name="image">1×H×W (grey) or 3×H×W (red, green, blue), 0..1.</param>
    /// <param name="map">n×H×W, of the image's size.</param>
    /// <returns>The picture, 8-bit RGB.</returns>
    /// <exception cref="ArgumentException">Image and map do not fit each other.</exception>
    public static PixelImage DrawOver(FloatImage image, FloatImage map) => DrawOver(image, map, 0, null);

    /// <summary>Draws a map over an image.</summary>
    /// <param name="image">One or three planes, values 0..1, of the map's size.</param>
    /// <param name="map">Values of any range; where it is NaN the image stays as it is.</param>
    /// <param name="plane">Which plane, 0 … Channels − 1: the label of a prediction.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <returns>An 8-bit RGB image of the map's size times the magnification, wider by the bar where there is one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such plane.</exception>
    /// <exception cref="ArgumentException">Image and map differ in size, or the image has neither one nor three planes.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public static PixelImage DrawOver(FloatImage image, FloatImage map, int plane, HeatMapOptions? options)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(map);
        options ??= new HeatMapOptions();
        PictureChecks.Throw(nameof(HeatMap), options.Validate());
        PictureChecks.SameSize("an image", image.Width, image.Height, "a map", map.Width, map.Height, nameof(map));
        (double low, double high) = Range(map.Plane(plane), options);
        Raster raster = Raster.From(image, options.Magnification, options.Gamma);
        FloatImage enlarged = Enlarged(map, plane, options);
        ReadOnlySpan<float> values = enlarged.Data;
        ReadOnlySpan<byte> colors = options.Colors.Apply(enlarged, 0, low, high).Bytes;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsNaN(values[i]))
            {
                raster.Blend(i, new RgbColor(colors[i * 3], colors[(i * 3) + 1], colors[(i * 3) + 2]), options.Opacity);
            }
        }

        return WithBar(raster.ToImage(), low, high, options);
    }

    /// <summary>Draws a map over an image file's pixels.</summary>
    /// <param name="image">The image, 8 or 16 bit, of the map's size.</param>
    /// <param name="map">Values of any range; where it is NaN the image stays as it is.</param>
    /// <param name="plane">Which plane, 0 … Channels − 1: the label of a prediction.</param>
    /// <param name="options">How to draw; the defaults when null.</param>
    /// <returns>An 8-bit RGB image of the map's size times the magnification, wider by the bar where there is one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such plane.</exception>
    /// <exception cref="ArgumentException">Image and map differ in size.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public static PixelImage DrawOver(PixelImage image, FloatImage map, int plane, HeatMapOptions? options)
    {
        ArgumentNullException.ThrowIfNull(image);
        return DrawOver(image.ToFloat(ImageChannels.Rgb), map, plane, options);
    }

    /// <summary>A number as a scale shows it: three significant digits, no exponent where it can be helped.</summary>
    internal static string Number(double value)
    {
        double size = Math.Abs(value);
        if (size is > 0 and < 0.001 or >= 100_000)
        {
            return value.ToString("0.0e0", CultureInfo.InvariantCulture);
        }

        return value.ToString(size >= 100 ? "0" : size >= 10 ? "0.#" : size >= 1 ? "0.##" : "0.###", CultureInfo.InvariantCulture);
    }

    private static FloatImage Enlarged(FloatImage map, int plane, HeatMapOptions options)
    {
        var one = new FloatImage(1, map.Height, map.Width, map.Plane(plane).ToArray());
        return ImageResizer.Bilinear(one, checked(map.Height * options.Magnification), checked(map.Width * options.Magnification));
    }

    private static (double Low, double High) Range(ReadOnlySpan<float> values, HeatMapOptions options)
    {
        double least = double.PositiveInfinity;
        double most = double.NegativeInfinity;
        foreach (float value in values)
        {
            if (float.IsFinite(value))
            {
                least = Math.Min(least, value);
                most = Math.Max(most, value);
            }
        }

        if (least > most)
        {
            (least, most) = (0, 0);
        }

        double low = options.Low ?? (options.High is { } given ? Math.Min(least, given) : least);
        return (low, options.High ?? Math.Max(most, low));
    }

    private static PixelImage WithBar(PixelImage picture, double low, double high, HeatMapOptions options)
    {
        if (!options.ColorBar)
        {
            return picture;
        }

        double text = Math.Clamp(picture.Height / 14.0, 10, 22);
        int gap = (int)Math.Ceiling(text * 0.6);
        int bar = (int)Math.Ceiling(text);
        (double Value, string Label)[] ticks = high > low
            ? [(low, Number(low)), ((low + high) / 2, Number((low + high) / 2)), (high, Number(high))]
            : [(low, Number(low))];
        double labels = ticks.Max(tick => StrokeFont.Measure(tick.Label, text));
        double title = StrokeFont.Measure(options.BarTitle, text);
        int top = options.BarTitle.Length > 0 ? (int)(text * 2) : (int)(text * 0.5);
        int width = picture.Width + (int)Math.Ceiling(Math.Max(gap + bar + (0.5 * text) + labels, gap + title)) + gap;
        int height = Math.Max(picture.Height, top + (int)(text * 3));
        var raster = new Raster(width, height, FigureSheetOptions.DefaultBackground);
        raster.Draw(picture, 0, 0);
        int left = picture.Width + gap;
        int bottom = height - (int)(text * 0.5) - 1;
        for (int y = top; y <= bottom; y++)
        {
            raster.Fill(left, y, bar, 1, options.Colors.At(high > low ? (double)(bottom - y) / (bottom - top) : 0));
        }

        RgbColor ink = FigureSheetOptions.DefaultTextColor;
        raster.Text(options.BarTitle, left, text, text, ink);
        foreach ((double value, string label) in ticks)
        {
            double place = high > low ? (value - low) / (high - low) : 0;
            raster.Text(label, left + bar + (0.5 * text), bottom - (place * (bottom - top)) + (0.36 * text), text, ink);
        }

        return raster.ToImage();
    }
}

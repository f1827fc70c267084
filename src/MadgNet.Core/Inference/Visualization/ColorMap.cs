using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>
/// Turns numbers into colours so that equal differences look equally large: perceptually uniform maps, which show no
/// edges where the values have none and survive a grey print and colour blindness.
/// </summary>
public sealed class ColorMap
{
    private const int Steps = 256;

    private readonly RgbColor[] _colors;

    private ColorMap(string name, RgbColor[] colors)
    {
        Name = name;
        _colors = colors;
    }

    /// <summary>From dark violet over green to yellow. For probabilities; Smith, van der Walt and Firing (CC0).</summary>
    public static ColorMap Viridis { get; } = new("viridis", FromTable(ColorTables.Viridis));

    /// <summary>
    /// From black over purple to pale yellow. Black at zero: for blending, and for maps that are mostly empty; Smith, van der Walt and
    /// Firing (CC0).
    /// </summary>
    public static ColorMap Magma { get; } = new("magma", FromTable(ColorTables.Magma));

    /// <summary>From black to white.</summary>
    public static ColorMap Gray { get; } = new(
        "gray", [.. Enumerable.Range(0, Steps).Select(i => new RgbColor((byte)i, (byte)i, (byte)i))]);

    /// <summary>
    /// From blue over near-white to orange, for numbers with a sign: give it a range whose middle is zero. Lightness and
    /// colour change evenly in CIELAB on both sides.
    /// </summary>
    public static ColorMap BlueOrange { get; } = new(
        "blue-orange", Diverging(RgbColor.Parse("#0B4F8A"), RgbColor.Parse("#F5F5F5"), RgbColor.Parse("#B24A00")));

    /// <summary>The map's name, in lower case.</summary>
    public string Name { get; }

    /// <summary>The colour of a value.</summary>
    /// <param name="value">0 (first colour) to 1 (last colour); what lies outside is clipped, NaN is grey (128).</param>
    /// <returns>The nearest of 256 colours.</returns>
    public RgbColor At(double value) =>
        double.IsNaN(value)
            ? new RgbColor(128, 128, 128)
            : _colors[(int)((Math.Clamp(value, 0, 1) * (Steps - 1)) + 0.5)];

    /// <summary>Colours one plane of an image; <see cref="HeatMap"/> also blends it over a picture and draws the scale.</summary>
    /// <param name="map">Values of any range.</param>
    /// <param name="plane">Which plane, 0 … Channels − 1.</param>
    /// <param name="low">The value of the first colour.</param>
    /// <param name="high">The value of the last colour. Where it equals <paramref name="low"/>, every value up to it has the first
    /// colour.</param>
    /// <returns>An RGB image of the same size; NaN is grey.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such plane.</exception>
    /// <exception cref="ArgumentException">The range is not finite or runs backwards.</exception>
    public PixelImage Apply(FloatImage map, int plane = 0, double low = 0, double high = 1)
    {
        ArgumentNullException.ThrowIfNull(map);
        if (!double.IsFinite(low) || !double.IsFinite(high) || high < low)
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"received the range {low} to {high}; expected finite numbers, the lower one first. Exchange or correct them."),
                nameof(low));
        }

        ReadOnlySpan<float> values = map.Plane(plane);
        var samples = new byte[checked(values.Length * 3)];
        for (int i = 0; i < values.Length; i++)
        {
            double value = high > low ? (values[i] - low) / (high - low) : values[i] > high ? 1 : values[i] - values[i];
            RgbColor color = At(value);
            samples[i * 3] = color.Red;
            samples[(i * 3) + 1] = color.Green;
            samples[(i * 3) + 2] = color.Blue;
        }

        return new PixelImage(map.Width, map.Height, 3, samples);
    }

    /// <summary>The map's name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;

    private static RgbColor[] FromTable(string table)
    {
        byte[] bytes = Convert.FromBase64String(table);
        return [.. bytes.Chunk(3).Select(color => new RgbColor(color[0], color[1], color[2]))];
    }

    private static RgbColor[] Diverging(RgbColor low, RgbColor middle, RgbColor high)
    {
        CieLab first = CieLab.From(low);
        CieLab center = CieLab.From(middle);
        CieLab last = CieLab.From(high);
        var colors = new RgbColor[Steps];
        for (int i = 0; i < Steps; i++)
        {
            double place = (2.0 * i / (Steps - 1)) - 1;
            CieLab end = place < 0 ? first : last;
            colors[i] = center.Towards(end, Math.Abs(place)).ToRgb();
        }

        return colors;
    }
}

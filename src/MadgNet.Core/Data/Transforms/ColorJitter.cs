using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data.Transforms;

/// <summary>
/// Changes brightness, contrast, saturation and hue by random amounts, in this order, each as torchvision defines it;
/// results are clipped to 0..1. Saturation and hue leave grey images alone.
/// </summary>
public sealed class ColorJitter : SegmentationTransform
{
    private readonly double _brightness;
    private readonly double _contrast;
    private readonly double _saturation;
    private readonly double _hue;

    /// <summary>Largest change of the brightness factor about 1, 0 … 1; default 0.</summary>
    public double Brightness
    {
        get => _brightness;
        init => _brightness = Unit(value, nameof(Brightness));
    }

    /// <summary>Largest change of the contrast factor about 1, 0 … 1; default 0.</summary>
    public double Contrast
    {
        get => _contrast;
        init => _contrast = Unit(value, nameof(Contrast));
    }

    /// <summary>Largest change of the saturation factor about 1, 0 … 1; default 0.</summary>
    public double Saturation
    {
        get => _saturation;
        init => _saturation = Unit(value, nameof(Saturation));
    }

    /// <summary>Largest turn of the hue as a share of the colour circle, 0 … 0.5; default 0.</summary>
    public double Hue
    {
        get => _hue;
        init
        {
            Check.Range(value, value is >= 0 and <= 0.5, "0 … 0.5", "Use 0.05 for a slight change", nameof(Hue));
            _hue = value;
        }
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Brightness), Brightness),
        (nameof(Contrast), Contrast),
        (nameof(Saturation), Saturation),
        (nameof(Hue), Hue),
    ];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random)
    {
        float brightness = Factor(random, Brightness);
        float contrast = Factor(random, Contrast);
        float saturation = Factor(random, Saturation);
        float hue = (float)(((random.NextDouble() * 2) - 1) * Hue);
        FloatImage image = sample.Image.Clone();
        Blend(image.Data, 0, brightness);
        if (Contrast > 0)
        {
            Blend(image.Data, Mean(image.Channels == 3 ? image.WithChannels(ImageChannels.Gray) : image), contrast);
        }

        if (image.Channels == 3 && (Saturation > 0 || Hue > 0))
        {
            TurnColors(image, saturation, hue);
        }

        return sample.With(image);
    }

    private static double Unit(double value, string name)
    {
        Check.Range(value, value is >= 0 and <= 1, "0 … 1", "Use 0.2 for a moderate change", name);
        return value;
    }

    private static float Factor(Random random, double change) => (float)(1 + (((random.NextDouble() * 2) - 1) * change));

    private static float Mean(FloatImage image)
    {
        double sum = 0;
        foreach (float value in image.Data)
        {
            sum += value;
        }

        return (float)(sum / image.Data.Length);
    }

    /// <summary>The value's distance from a base, multiplied by a factor.</summary>
    private static void Blend(Span<float> data, float origin, float factor)
    {
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = Math.Clamp(origin + ((data[i] - origin) * factor), 0, 1);
        }
    }

    private static void TurnColors(FloatImage image, float saturation, float hue)
    {
        Span<float> red = image.Plane(0);
        Span<float> green = image.Plane(1);
        Span<float> blue = image.Plane(2);
        for (int i = 0; i < red.Length; i++)
        {
            float gray = (0.299f * red[i]) + (0.587f * green[i]) + (0.114f * blue[i]);
            float r = Math.Clamp(gray + ((red[i] - gray) * saturation), 0, 1);
            float g = Math.Clamp(gray + ((green[i] - gray) * saturation), 0, 1);
            float b = Math.Clamp(gray + ((blue[i] - gray) * saturation), 0, 1);
            (red[i], green[i], blue[i]) = hue == 0 ? (r, g, b) : TurnHue(r, g, b, hue);
        }
    }

    private static (float Red, float Green, float Blue) TurnHue(float r, float g, float b, float turn)
    {
        float high = MathF.Max(r, MathF.Max(g, b));
        float low = MathF.Min(r, MathF.Min(g, b));
        float span = high - low;
        if (span == 0)
        {
            return (r, g, b);
        }

        float sixth = high == r ? (g - b) / span : high == g ? ((b - r) / span) + 2 : ((r - g) / span) + 4;
        float hue = (sixth / 6) + turn;
        hue = (hue - MathF.Floor(hue)) * 6;
        return (Component(5), Component(3), Component(1));

        float Component(int shift)
        {
            float k = (shift + hue) % 6;
            return high - (span * Math.Clamp(MathF.Min(k, 4 - k), 0, 1));
        }
    }
}

namespace MadgNet.Core.Inference.Visualization;

/// <summary>A colour in CIELAB (CIE 15:2004) with the white D65, where distances are roughly what the eye sees.</summary>
internal readonly record struct CieLab(double Lightness, double A, double B)
{
    private const double WhiteX = 0.95047;
    private const double WhiteZ = 1.08883;

    /// <summary>From sRGB (IEC 61966-2-1).</summary>
    public static CieLab From(RgbColor color)
    {
        double red = Linear(color.Red);
        double green = Linear(color.Green);
        double blue = Linear(color.Blue);
        double x = Curve(((0.4124564 * red) + (0.3575761 * green) + (0.1804375 * blue)) / WhiteX);
        double y = Curve((0.2126729 * red) + (0.7151522 * green) + (0.0721750 * blue));
        double z = Curve(((0.0193339 * red) + (0.1191920 * green) + (0.9503041 * blue)) / WhiteZ);
        return new CieLab((116 * y) - 16, 500 * (x - y), 200 * (y - z));
    }

    /// <summary>To sRGB; what the space cannot show is clipped.</summary>
    public RgbColor ToRgb()
    {
        double middle = (Lightness + 16) / 116;
        double x = WhiteX * Inverse(middle + (A / 500));
        double y = Inverse(middle);
        double z = WhiteZ * Inverse(middle - (B / 200));
        return new RgbColor(
            Encoded((3.2404542 * x) - (1.5371385 * y) - (0.4985314 * z)),
            Encoded((-0.9692660 * x) + (1.8760108 * y) + (0.0415560 * z)),
            Encoded((0.0556434 * x) - (0.2040259 * y) + (1.0572252 * z)));
    }

    /// <summary>The colour on the straight way to another one; 0 is this one and 1 the other.</summary>
    public CieLab Towards(CieLab other, double share) => new(
        Lightness + (share * (other.Lightness - Lightness)),
        A + (share * (other.A - A)),
        B + (share * (other.B - B)));

    /// <summary>The Euclidean distance, ΔE*ab of 1976.</summary>
    public double DistanceTo(CieLab other) =>
        Math.Sqrt(Math.Pow(Lightness - other.Lightness, 2) + Math.Pow(A - other.A, 2) + Math.Pow(B - other.B, 2));

    private static double Linear(byte sample)
    {
        double value = sample / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }

    private static byte Encoded(double value)
    {
        double encoded = value <= 0.0031308 ? 12.92 * value : (1.055 * Math.Pow(value, 1 / 2.4)) - 0.055;
        return (byte)((Math.Clamp(encoded, 0, 1) * 255) + 0.5);
    }

    private static double Curve(double value) => value > 216.0 / 24389 ? Math.Cbrt(value) : ((24389.0 / 27 * value) + 16) / 116;

    private static double Inverse(double value) => value > 6.0 / 29 ? value * value * value : ((116 * value) - 16) * 27 / 24389;
}

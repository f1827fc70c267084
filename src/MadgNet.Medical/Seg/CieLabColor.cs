namespace MadgNet.Medical.Seg;

/// <summary>Colours as DICOM recommends them to viewers: CIELab under D50, each part spread over 0..65535 (PS3.3, C.10.7.1.1).</summary>
internal static class CieLabColor
{
    public static double[] Of((byte Red, byte Green, byte Blue) color)
    {
        (double red, double green, double blue) = (Linear(color.Red), Linear(color.Green), Linear(color.Blue));

        // sRGB to XYZ, adapted to D50 by Bradford's method.
        double x = (0.4360747 * red) + (0.3850649 * green) + (0.1430804 * blue);
        double y = (0.2225045 * red) + (0.7168786 * green) + (0.0606169 * blue);
        double z = (0.0139322 * red) + (0.0971045 * green) + (0.7141733 * blue);
        (double fx, double fy, double fz) = (Root(x / 0.96422), Root(y), Root(z / 0.82521));
        double lightness = (116 * fy) - 16;
        return
        [
            Math.Round(Math.Clamp(lightness, 0, 100) * 65535 / 100),
            Math.Round((Math.Clamp(500 * (fx - fy), -128, 127) + 128) * 65535 / 255),
            Math.Round((Math.Clamp(200 * (fy - fz), -128, 127) + 128) * 65535 / 255),
        ];
    }

    private static double Linear(byte value)
    {
        double part = value / 255.0;
        return part <= 0.04045 ? part / 12.92 : Math.Pow((part + 0.055) / 1.055, 2.4);
    }

    private static double Root(double value) => value > 216.0 / 24389 ? Math.Cbrt(value) : ((24389.0 / 27 * value) + 16) / 116;
}

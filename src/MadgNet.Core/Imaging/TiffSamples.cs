namespace MadgNet.Core.Imaging;

/// <summary>What the samples of a TIFF stand for: widening, inversion, palettes, inks.</summary>
internal static class TiffSamples
{
    /// <summary>What each stored value of at most 8 bits becomes; null where it stays what it is.</summary>
    public static Func<long, byte>? Bytes(TiffFormat format)
    {
        int most = (1 << format.Bits) - 1;
        bool widened = format.Colors != TiffFormat.Meaning.Palette && most < byte.MaxValue;
        if (!widened && !format.Inverted)
        {
            return null;
        }

        var table = new byte[most + 1];
        for (int value = 0; value <= most; value++)
        {
            int full = widened ? ((value * byte.MaxValue) + (most / 2)) / most : value;
            table[value] = (byte)(format.Inverted ? byte.MaxValue - full : full);
        }

        return value => table[value];
    }

    /// <summary>What each stored value of more than 8 bits becomes; null where it stays what it is.</summary>
    public static Func<long, ushort>? Words(TiffFormat format)
    {
        int most = (1 << format.Bits) - 1;
        bool widened = format.Colors != TiffFormat.Meaning.Palette && most < ushort.MaxValue;
        if (!widened && !format.Inverted && !format.Signed)
        {
            return null;
        }

        int flip = format.Signed ? 0x8000 : 0;
        bool inverted = format.Inverted;
        return value =>
        {
            int full = widened ? (int)(((value * ushort.MaxValue) + (most / 2)) / most) : (int)value ^ flip;
            return (ushort)(inverted ? ushort.MaxValue - full : full);
        };
    }

    public static byte[] LookUp(ReadOnlySpan<byte> indices, byte[] palette)
    {
        var colors = new byte[indices.Length * 3L];
        for (int i = 0; i < indices.Length; i++)
        {
            palette.AsSpan(indices[i] * 3, 3).CopyTo(colors.AsSpan(i * 3));
        }

        return colors;
    }

    public static byte[] LookUp(ReadOnlySpan<ushort> indices, byte[] palette)
    {
        var colors = new byte[indices.Length * 3L];
        for (int i = 0; i < indices.Length; i++)
        {
            palette.AsSpan(indices[i] * 3, 3).CopyTo(colors.AsSpan(i * 3));
        }

        return colors;
    }

    /// <summary>Inks as LibTiff turns them into colours: (1 − ink)·(1 − black), rounded down.</summary>
    public static byte[] FromCmyk(ReadOnlySpan<byte> inks)
    {
        var colors = new byte[inks.Length / 4 * 3];
        for (int i = 0, j = 0; i < inks.Length; i += 4, j += 3)
        {
            int light = byte.MaxValue - inks[i + 3];
            for (int c = 0; c < 3; c++)
            {
                colors[j + c] = (byte)(light * (byte.MaxValue - inks[i + c]) / byte.MaxValue);
            }
        }

        return colors;
    }

    public static ushort[] FromCmyk(ReadOnlySpan<ushort> inks)
    {
        var colors = new ushort[inks.Length / 4 * 3];
        for (int i = 0, j = 0; i < inks.Length; i += 4, j += 3)
        {
            long light = ushort.MaxValue - inks[i + 3];
            for (int c = 0; c < 3; c++)
            {
                colors[j + c] = (ushort)(light * (ushort.MaxValue - inks[i + c]) / ushort.MaxValue);
            }
        }

        return colors;
    }

    /// <summary>Takes the alpha out of colours that were multiplied by it; colours below an alpha of 0 stay what they are.</summary>
    public static byte[] Divide(byte[] pixels)
    {
        for (int i = 0; i < pixels.Length; i += 4)
        {
            int alpha = pixels[i + 3];
            for (int c = 0; c < 3 && alpha > 0; c++)
            {
                pixels[i + c] = (byte)Math.Min(byte.MaxValue, ((pixels[i + c] * byte.MaxValue) + (alpha / 2)) / alpha);
            }
        }

        return pixels;
    }

    public static ushort[] Divide(ushort[] pixels)
    {
        for (int i = 0; i < pixels.Length; i += 4)
        {
            long alpha = pixels[i + 3];
            for (int c = 0; c < 3 && alpha > 0; c++)
            {
                pixels[i + c] = (ushort)Math.Min(ushort.MaxValue, ((pixels[i + c] * (long)ushort.MaxValue) + (alpha / 2)) / alpha);
            }
        }

        return pixels;
    }
}

using MadgNet.Core.Imaging;

namespace MadgNet.Medical.Imaging;

/// <summary>Real numbers as 16-bit samples with a scale.</summary>
internal static class WideValues
{
    /// <summary>Spreads the range of the values over the samples 1 to 65535; what is no number, or padding, is sample 0.</summary>
    /// <param name="values">The values, row after row.</param>
    /// <param name="rows">Height.</param>
    /// <param name="columns">Width.</param>
    /// <param name="padded">Which pixels lie outside of the image; null for none.</param>
    /// <param name="mirrored">The range that the values are mirrored in; null where bright is bright already.</param>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="range">The range that is spread; null for that of the values themselves.</param>
    public static PixelImage Spread(
        double[] values,
        int rows,
        int columns,
        bool[]? padded,
        (double Low, double High)? mirrored,
        string name,
        (double Low, double High)? range = null)
    {
        bool Counts(int i) => double.IsFinite(values[i]) && padded?[i] != true;
        double Value(int i) => mirrored is { } mirror ? mirror.Low + mirror.High - values[i] : values[i];
        (double low, double high) = range ?? (double.PositiveInfinity, double.NegativeInfinity);
        bool any = range is not null;
        for (int i = 0; range is null && i < values.Length; i++)
        {
            if (Counts(i))
            {
                (low, high, any) = (Math.Min(low, Value(i)), Math.Max(high, Value(i)), true);
            }
        }

        if (!any)
        {
            return new PixelImage(width: columns, height: rows, 1, new ushort[values.Length]) { Padding = 0 };
        }

        if (Math.Abs(low) > int.MaxValue / 2 || Math.Abs(high) > int.MaxValue / 2)
        {
            throw new MedicalFileException(
                MedicalFileFault.Unsupported,
                name,
                FormattableString.Invariant($"values from {low} to {high}"),
                "values within ±1,073,741,823",
                "Scale the values first");
        }

        int offset = (int)Math.Floor(low) - 1;
        double scale = Math.Max((high - offset) / ushort.MaxValue, (low - offset) / (ushort.MaxValue - 1.0) * 1e-9);
        var words = new ushort[values.Length];
        bool empty = false;
        for (int i = 0; i < words.Length; i++)
        {
            if (Counts(i))
            {
                words[i] = (ushort)Math.Clamp(Math.Round((Value(i) - offset) / scale), 1, ushort.MaxValue);
            }
            else
            {
                empty = true;
            }
        }

        return new PixelImage(width: columns, height: rows, 1, words, offset) { Scale = scale, Padding = empty ? 0 : null };
    }
}

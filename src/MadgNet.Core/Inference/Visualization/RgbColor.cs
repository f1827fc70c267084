using System.Globalization;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>A colour of the sRGB space, 8 bits a channel.</summary>
/// <param name="Red">0 to 255.</param>
/// <param name="Green">0 to 255.</param>
/// <param name="Blue">0 to 255.</param>
public readonly record struct RgbColor(byte Red, byte Green, byte Blue)
{
    /// <summary>Black, 0, 0, 0.</summary>
    public static RgbColor Black => default;

    /// <summary>White, 255, 255, 255.</summary>
    public static RgbColor White => new(255, 255, 255);

    /// <summary>Reads a colour as it is written in web pages.</summary>
    /// <param name="text">Six hexadecimal digits, with or without <c>#</c> before them: <c>#D55E00</c>.</param>
    /// <returns>The colour.</returns>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static RgbColor Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ReadOnlySpan<char> digits = text.AsSpan(text.StartsWith('#') ? 1 : 0);
        if (digits.Length != 6 || !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value))
        {
            throw new FormatException(
                $"Received the colour '{text}'; expected six hexadecimal digits such as #D55E00. Write red, green and blue with two "
                    + $"digits each.");
        }

        return new RgbColor((byte)(value >> 16), (byte)(value >> 8), (byte)value);
    }

    /// <summary>The colour as <see cref="Parse"/> reads it.</summary>
    /// <returns><c>#</c> and six hexadecimal digits.</returns>
    public override string ToString() => $"#{Red:X2}{Green:X2}{Blue:X2}";
}

using System.Globalization;

namespace MadgNet.Medical.Dicom;

/// <summary>Numbers as the decimal strings of the standard (DS), which have at most 16 characters.</summary>
internal static class DecimalString
{
    private const int Longest = 16;

    /// <summary>The number with as many digits as fit.</summary>
    /// <exception cref="ArgumentException">The number is not finite.</exception>
    public static string Of(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentException($"received {value}; expected a finite number. Leave the attribute without value.", nameof(value));
        }

        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        for (int digits = Longest; shortest.Length > Longest && digits > 0; digits--)
        {
            shortest = value.ToString($"G{digits}", CultureInfo.InvariantCulture);
        }

        return shortest;
    }
}

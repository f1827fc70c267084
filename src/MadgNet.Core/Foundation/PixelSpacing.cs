using System.Globalization;

namespace MadgNet.Core.Foundation;

/// <summary>
/// The distance between the centres of neighbouring pixels, in any unit of length (usually millimetres). Distances that
/// are measured with a spacing have its unit.
/// </summary>
public readonly record struct PixelSpacing
{
    /// <summary>Creates a spacing.</summary>
    /// <param name="row">Distance between neighbouring rows: the height of a pixel. Finite and above 0.</param>
    /// <param name="column">Distance between neighbouring columns: the width of a pixel. Finite and above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A distance is not a finite number above 0.</exception>
    public PixelSpacing(double row, double column)
    {
        Row = Checked(row, nameof(row));
        Column = Checked(column, nameof(column));
    }

    /// <summary>One unit a pixel in both directions: distances are in pixels.</summary>
    public static PixelSpacing Pixels { get; } = new(1, 1);

    /// <summary>Distance between neighbouring rows.</summary>
    public double Row { get; }

    /// <summary>Distance between neighbouring columns.</summary>
    public double Column { get; }

    private static double Checked(double value, string name) => double.IsFinite(value) && value > 0
        ? value
        : throw new ArgumentOutOfRangeException(name, string.Create(
            CultureInfo.InvariantCulture,
            $"Pixel spacing: received {value}; expected a finite number above 0. Pass the spacing that the image's header states, or "
                + $"PixelSpacing.Pixels."));
}

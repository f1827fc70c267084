using System.Text.Json.Serialization;

namespace MadgNet.Core.Inputs;

/// <summary>
/// A fixed window of intensities in the file's own units, as CT viewers give it: its lower bound becomes 0, its upper bound 1, and what
/// lies outside is clipped. Hounsfield units where the reader keeps them.
/// </summary>
/// <param name="Center">The middle of the window, for example −600 for lung.</param>
/// <param name="Width">The width of the window, positive, for example 1500 for lung.</param>
public sealed record InputWindow(double Center, double Width)
{
    /// <summary>The value that becomes 0.</summary>
    [JsonIgnore]
    public double Low => Center - (Width / 2);

    /// <summary>The value that becomes 1.</summary>
    [JsonIgnore]
    public double High => Center + (Width / 2);

    /// <summary>Centre and width.</summary>
    /// <returns>For example <c>-600 ± 750</c>.</returns>
    public override string ToString() => FormattableString.Invariant($"{Center} ± {Width / 2}");
}

using System.Globalization;

namespace MadgNet.Core.Runtime;

/// <summary>What libtorch computes with on one device, and how far its results are right.</summary>
/// <param name="OneDnn">What became of oneDNN.</param>
/// <param name="Nnpack">Whether NNPACK is in use; it is switched off where it cannot work.</param>
/// <param name="Reason">Why oneDNN is off or repaired, or why NNPACK is off; empty where libtorch is used as it is.</param>
/// <param name="Verified">Whether the operations were checked, and all of them are right as they are computed now.</param>
public sealed record ArithmeticReport(OneDnnState OneDnn, bool Nnpack, string Reason, bool Verified)
{
    /// <summary>
    /// How many operations were checked, each forward and backward in one element type and memory order; 0 before the check.
    /// </summary>
    public int Operations { get; init; }

    /// <summary>
    /// The largest error in float32, relative to the largest value of a result; 0 before the check. About 1e-6 where all is right.
    /// </summary>
    public double Worst { get; init; }

    /// <summary>The same for the 16-bit types; 0 before the check. Up to 1e-2 where all is right.</summary>
    public double Worst16Bit { get; init; }

    /// <summary>What was wrong before oneDNN was switched off for it; empty where nothing was.</summary>
    public IReadOnlyList<ArithmeticFinding> Wrong { get; init; } = [];

    /// <summary>Everything in one line, for a log.</summary>
    /// <returns>For example <c>oneDNN repaired (…), NNPACK off, 38 operations right within 7.2E-07</c>.</returns>
    public override string ToString()
    {
        string reason = Reason.Length == 0 ? string.Empty : $" ({Reason})";
        string check = Verified
            ? string.Create(CultureInfo.InvariantCulture, $"{Operations} operations right within {Worst:G2}")
            : "not checked yet";
        return $"oneDNN {OneDnn.ToString().ToLowerInvariant()}, NNPACK {(Nnpack ? "on" : "off")}, {check}{reason}";
    }
}

using System.Globalization;

namespace MadgNet.Core.Runtime;

/// <summary>One result of libtorch that is wrong.</summary>
/// <param name="Operation">The operation with its shape, element type and memory order, and which of its results.</param>
/// <param name="Error">The largest difference from the result in double precision, relative to the largest value of that; infinite for
/// NaN.</param>
/// <param name="Tolerance">What the difference may be.</param>
public sealed record ArithmeticFinding(string Operation, double Error, double Tolerance)
{
    /// <summary>The finding as one phrase.</summary>
    /// <returns>For example <c>3×3 convolution of …: off by 0.31, at most 2e-05 allowed</c>.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Operation}: off by {Error:G3}, at most {Tolerance:G3} allowed");
}

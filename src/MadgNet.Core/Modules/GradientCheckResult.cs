namespace MadgNet.Core.Modules;

/// <summary>How the gradients of a block differ from finite differences: the result of <see cref="GradientCheck"/>.</summary>
/// <param name="WorstError">The largest difference, relative to the largest gradient of its tensor (or to 1 where that is smaller).</param>
/// <param name="Where">The tensor where it is: <c>input 0</c> …, or a parameter's name.</param>
/// <param name="Index">The element where it is, counted row by row.</param>
/// <param name="Analytic">The gradient that the backward pass gives there.</param>
/// <param name="Numeric">The gradient by finite differences.</param>
/// <param name="Compared">How many elements were compared.</param>
public sealed record GradientCheckResult(double WorstError, string Where, long Index, double Analytic, double Numeric, int Compared)
{
    /// <summary>Whether every gradient agrees.</summary>
    /// <param name="tolerance">The largest difference that is allowed. 1e-6 is reached by smooth blocks in double precision.</param>
    /// <returns>True where <see cref="WorstError"/> is at most the tolerance; false also where it is not a number.</returns>
    public bool Agrees(double tolerance = 1e-6) => WorstError <= tolerance;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"worst of {Compared} gradients: {Where}[{Index}], backward pass {Analytic:G9}, finite differences {Numeric:G9}, relative error {WorstError:G3}");
}

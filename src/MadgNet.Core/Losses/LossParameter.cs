namespace MadgNet.Core.Losses;

/// <summary>Checks of the losses' parameters, in one wording.</summary>
internal static class LossParameter
{
    internal static double AboveZero(double value, string name) =>
        InRange(value, double.IsFinite(value) && value > 0, name, "a finite number above 0");

    internal static double InRange(double value, bool isLegal, string name, string expected) => isLegal
        ? value
        : throw new ArgumentOutOfRangeException(
            name, FormattableString.Invariant($"{name}: received {value}; expected {expected}. Leave it out for the default."));
}

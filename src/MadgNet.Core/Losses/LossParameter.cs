namespace MadgNet.Core.Losses;

/// <summary>Checks of the losses' parameters, in one wording.</summary>
internal static class LossParameter
{
    internal static double AboveZero(double value, string name) =>
        InRange(value, double.IsFinite(value) && value > 0, name, "a finite number above 0");

    /// <summary>
    /// A choice in the description of a loss, which is there only where it is taken: trainings that were begun before the choice
    /// existed go on.
    /// </summary>
    internal static IEnumerable<(string Name, object? Value)> WhereSet(string name, bool isSet) => isSet ? [(name, true)] : [];

    internal static double InRange(double value, bool isLegal, string name, string expected) => isLegal
        ? value
        : throw new ArgumentOutOfRangeException(
            name, FormattableString.Invariant($"{name}: received {value}; expected {expected}. Leave it out for the default."));
}

namespace MadgNet.Studies;

/// <summary>
/// How long every network of a study is trained: one of the three. The same number of steps is the fairest where variants differ in
/// their data; the same number of seconds where they differ in their cost.
/// </summary>
/// <remarks>
/// Seconds are turned into steps by a few steps that are timed first: the learning rate then falls over the whole run, and a run that was
/// killed goes on with the same number of steps. Results of such a budget depend on the machine.
/// </remarks>
public sealed record StudyBudget
{
    /// <summary>How often the training images are gone through, 1 or more; null for another budget.</summary>
    public int? Epochs { get; init; }

    /// <summary>How many optimizer steps are taken, 1 or more; null for another budget.</summary>
    public long? Steps { get; init; }

    /// <summary>How many seconds the steps take, above 0; null for another budget.</summary>
    public double? Seconds { get; init; }

    /// <summary>Everything that is wrong with the budget; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        int given = (Epochs is null ? 0 : 1) + (Steps is null ? 0 : 1) + (Seconds is null ? 0 : 1);
        if (given != 1)
        {
            problems.Add(new Problem(
                "budget",
                given == 0 ? "none of epochs, steps and seconds" : $"{given} of epochs, steps and seconds",
                "one of them",
                "Name one: with two it would not be clear which one ends a training"));
        }

        Checks.AtLeast(problems, "budget.epochs", Epochs ?? 1, 1);
        Checks.AtLeast(problems, "budget.steps", Steps ?? 1, 1);
        Checks.Within(problems, "budget.seconds", Seconds ?? 1, 0, double.MaxValue, includeLeast: false, includeMost: true);
        return problems;
    }

    /// <summary>The budget in words, for example <c>40 steps</c>.</summary>
    /// <returns>Number and unit.</returns>
    public override string ToString() => FormattableString.Invariant(
        Steps is { } steps ? $"{steps} steps" : Epochs is { } epochs ? $"{epochs} epochs" : (FormattableString)$"{Seconds} seconds");
}

namespace MadgNet.Studies.Cells;

/// <summary>How a training went.</summary>
/// <param name="Steps">The optimizer steps up to each point.</param>
/// <param name="Loss">The mean loss of the steps since the point before.</param>
/// <param name="ValidationSteps">The optimizer steps up to each validation.</param>
/// <param name="ValidationDice">Its mean Dice.</param>
public sealed record CellCurve(
    IReadOnlyList<long> Steps,
    IReadOnlyList<double> Loss,
    IReadOnlyList<long> ValidationSteps,
    IReadOnlyList<double> ValidationDice);

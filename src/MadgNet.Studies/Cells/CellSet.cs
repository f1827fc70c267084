namespace MadgNet.Studies.Cells;

/// <summary>What a cell reached on one test set.</summary>
/// <param name="Name">The set's name.</param>
/// <param name="Seen">Whether the cell was trained on other images of the set.</param>
/// <param name="Cases">The cases' names.</param>
/// <param name="Values">For every metric one value a case, in the order of <paramref name="Cases"/>; NaN where it is undefined.</param>
public sealed record CellSet(
    string Name, bool Seen, IReadOnlyList<string> Cases, IReadOnlyDictionary<string, IReadOnlyList<double>> Values);

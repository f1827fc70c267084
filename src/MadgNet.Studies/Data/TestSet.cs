using MadgNet.Core.Data;

namespace MadgNet.Studies.Data;

/// <summary>Images that a cell is tested on.</summary>
/// <param name="Name">The set's name.</param>
/// <param name="Seen">Whether the cell is trained on other images of the set.</param>
/// <param name="Images">The images.</param>
internal sealed record TestSet(string Name, bool Seen, IDataset Images);

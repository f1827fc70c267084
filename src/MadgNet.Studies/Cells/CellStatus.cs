namespace MadgNet.Studies.Cells;

/// <summary>How a cell of a study ended.</summary>
public enum CellStatus
{
    /// <summary>It was trained and tested.</summary>
    Done,

    /// <summary>Something went wrong, which is a result too.</summary>
    Failed,
}

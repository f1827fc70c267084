using MadgNet.Core.Metrics;

namespace MadgNet.Studies.Cells;

/// <summary>The result of one cell of a study: what one variant from one seed came to.</summary>
public sealed record StudyCell
{
    /// <summary>The study's name.</summary>
    public required string Study { get; init; }

    /// <summary>Variant and seed.</summary>
    public required StudyCellKey Key { get; init; }

    /// <summary>A hash of everything that the result follows from but the seed: recipe, protocol, budget and metrics.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>A hash of the images' names and files.</summary>
    public required string Data { get; init; }

    /// <summary>How it ended.</summary>
    public required CellStatus Status { get; init; }

    /// <summary>What went wrong; null where nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>The number of values in the network's parameters; 0 where it failed.</summary>
    public long Parameters { get; init; }

    /// <summary>
    /// Billions of floating-point operations for one image at the training's size: two for each multiplication of convolutions and linear
    /// layers; 0 where it failed.
    /// </summary>
    public double Gigaflops { get; init; }

    /// <summary>The images that it was trained on; 0 where it failed.</summary>
    public int TrainingImages { get; init; }

    /// <summary>The optimizer steps that it took.</summary>
    public long Steps { get; init; }

    /// <summary>The side of its images in pixels.</summary>
    public int Size { get; init; }

    /// <summary>How its training went; null where it failed.</summary>
    public CellCurve? Curve { get; init; }

    /// <summary>What it reached, set by set.</summary>
    public IReadOnlyList<CellSet> Sets { get; init; } = [];

    /// <summary>What its attention blocks had learned.</summary>
    public IReadOnlyList<CellAttention> Attention { get; init; } = [];

    /// <summary>What it cost; null where it failed.</summary>
    public CellCost? Cost { get; init; }

    /// <summary>Reads a cell that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The cell.</returns>
    /// <exception cref="StudyException">The file cannot be read, or is no cell; lists all that is wrong with it.</exception>
    public static StudyCell Load(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        try
        {
            return CellJson.Read(RegularFile.ReadAllText(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StudyException(
                path, [new Problem(path, exception.Message.TrimEnd('.'), "a cell of a study", "Check path and permissions")], exception);
        }
    }

    /// <summary>Writes the cell in the schema <c>madgnet-study-cell</c>, version 1; the file appears whole or not at all.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream => stream.Write(CellJson.Write(this)));
}

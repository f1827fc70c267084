using System.Globalization;
using MadgNet.Studies.Cells;

namespace MadgNet.Studies.Running;

/// <summary>Where the parts of a study's results lie: <c>study.json</c>, <c>cells/VARIANT/seed-N/cell.json</c>, and runs beside
/// cells.</summary>
internal sealed class StudyFolder(string root)
{
    public const string StudyName = "study.json";
    private const string CellsName = "cells";
    private const string CellName = "cell.json";
    private const string RunName = "run";
    private const string LockName = "running.lock";

    public string Root => root;

    public string StudyPath => Path.Combine(root, StudyName);

    public string CellFolder(StudyCellKey key) => Path.Combine(
        root, CellsName, key.Variant, string.Create(CultureInfo.InvariantCulture, $"seed-{key.Seed}"));

    public string CellPath(StudyCellKey key) => Path.Combine(CellFolder(key), CellName);

    public string RunFolder(StudyCellKey key) => Path.Combine(CellFolder(key), RunName);

    public string LockPath(StudyCellKey key) => Path.Combine(CellFolder(key), LockName);

    /// <summary>The study that the folder holds; null where there is none yet.</summary>
    /// <exception cref="StudyException">The file is no study.</exception>
    public Study? FindStudy() => File.Exists(StudyPath) ? Study.Load(StudyPath) : null;

    /// <summary>The result of a cell; null where there is none yet.</summary>
    /// <exception cref="StudyException">The file is no cell.</exception>
    public StudyCell? Find(StudyCellKey key) => File.Exists(CellPath(key)) ? StudyCell.Load(CellPath(key)) : null;
}

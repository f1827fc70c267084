using System.Globalization;
using MadgNet.Core.Training.Reporting;
using MadgNet.Studies.Cells;

namespace MadgNet.Studies.Running;

/// <summary>The history that a training left in its folder, also of the steps before a kill.</summary>
internal sealed class RunHistory
{
    private const int Points = 20;

    private readonly (long Step, double Loss, double Seconds)[] _steps;
    private readonly (long Step, double Dice)[] _validations;

    private RunHistory((long Step, double Loss, double Seconds)[] steps, (long Step, double Dice)[] validations)
    {
        _steps = steps;
        _validations = validations;
    }

    public static RunHistory Read(string folder) => new(
        [.. Rows(folder, HistoryWriter.StepsName).Select(row => (
            Whole(row["step"]), Number(row["loss"]), Number(row["data_seconds"]) + Number(row["compute_seconds"])))],
        [.. Rows(folder, HistoryWriter.ValidationsName)
            .Where(row => row["weights"] == "raw")
            .Select(row => (Whole(row["step"]), Number(row["dice"])))]);

    /// <summary>The curve, with at most <see cref="Points"/> points of the loss.</summary>
    public CellCurve Curve()
    {
        int width = Math.Max(1, (_steps.Length + Points - 1) / Points);
        (long Step, double Loss, double Seconds)[][] chunks = [.. _steps.Chunk(width)];
        return new CellCurve(
            [.. chunks.Select(chunk => chunk[^1].Step)],
            [.. chunks.Select(chunk => chunk.Average(step => step.Loss))],
            [.. _validations.Select(validation => validation.Step)],
            [.. _validations.Select(validation => validation.Dice)]);
    }

    /// <summary>The median time of a step; NaN without any.</summary>
    public double SecondsPerStep()
    {
        double[] seconds = [.. _steps.Select(step => step.Seconds).Order()];
        return seconds.Length == 0 ? double.NaN : seconds[seconds.Length / 2];
    }

    private static IEnumerable<Dictionary<string, string>> Rows(string folder, string name)
    {
        string path = Path.Combine(folder, name + ".csv");
        if (!File.Exists(path))
        {
            return [];
        }

        string[] lines = RegularFile.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] columns = lines[0].Split(',');
        return lines.Skip(1).Select(line => columns.Zip(line.Split(','))
            .ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal));
    }

    private static long Whole(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN;
}

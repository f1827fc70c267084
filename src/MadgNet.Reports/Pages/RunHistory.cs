using System.Globalization;
using MadgNet.Core.Training.Reporting;

namespace MadgNet.Reports.Pages;

/// <summary>The epochs of a run as its folder keeps them: columns of numbers by their names.</summary>
internal sealed class RunHistory
{
    private readonly Dictionary<string, double[]> _columns;

    private RunHistory(Dictionary<string, double[]> columns, int count)
    {
        _columns = columns;
        Count = count;
    }

    public int Count { get; }

    public IEnumerable<string> Columns => _columns.Keys;

    /// <summary>A column; NaN where a value was not measured, all NaN where there is no such column.</summary>
    public double[] this[string name] => _columns.TryGetValue(name, out double[]? values)
        ? values
        : [.. Enumerable.Repeat(double.NaN, Count)];

    /// <summary>Reads the epochs of a run folder; none where it keeps no history.</summary>
    /// <exception cref="ReportException">The file is no history.</exception>
    public static RunHistory Load(string folder)
    {
        string path = Path.Combine(folder, HistoryWriter.EpochsName + ".csv");
        if (!File.Exists(path))
        {
            return new RunHistory([], 0);
        }

        string[] lines = RegularFile.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] names = lines.Length == 0 ? [] : lines[0].Split(',');
        if (names.Length == 0 || names[0] != "epoch")
        {
            throw Damaged(path, 1, "a header that does not begin with 'epoch'");
        }

        var columns = names.Select(_ => new List<double>()).ToArray();
        for (int line = 1; line < lines.Length; line++)
        {
            string[] cells = lines[line].Split(',');
            if (cells.Length != names.Length)
            {
                throw Damaged(path, line + 1, $"{cells.Length} values");
            }

            for (int column = 0; column < cells.Length; column++)
            {
                columns[column].Add(double.TryParse(cells[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                    ? value
                    : double.NaN);
            }
        }

        var named = new Dictionary<string, double[]>();
        for (int column = 0; column < names.Length; column++)
        {
            named[names[column]] = [.. columns[column]];
        }

        return new RunHistory(named, lines.Length - 1);
    }

    private static ReportException Damaged(string path, int line, string received) => new(new Problem(
        $"{path}, line {line}", received, "the epochs of a run, as a HistoryWriter writes them", "Restore the file, or remove it for a report without curves"));
}

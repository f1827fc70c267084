using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training.Reporting;

/// <summary>One table of a run's history, as CSV and as JSON lines. Its first column is the number that a resumed run is cut at.</summary>
internal sealed class HistoryTable : IDisposable
{
    private readonly string[] _columns;
    private readonly int _keys;
    private readonly LineFile? _csv;
    private readonly LineFile? _json;

    /// <summary>Creates the table.</summary>
    /// <param name="folder">The folder of its files.</param>
    /// <param name="name">The files' name, without extension.</param>
    /// <param name="columns">The columns, the first of them a whole number that grows.</param>
    /// <param name="keys">How many of the first columns tell one record from every other.</param>
    /// <param name="done">The largest number of the first column that a resumed run keeps; null for a fresh run.</param>
    /// <param name="options">Which files are written.</param>
    /// <param name="logger">Receives what cannot be written.</param>
    public HistoryTable(
        string folder, string name, IEnumerable<string> columns, int keys, long? done, HistoryOptions options, ILogger logger)
    {
        _columns = [.. columns];
        _keys = keys;
        int commas = _columns.Length - 1;
        string opening = $"{{\"{_columns[0]}\":";
        _csv = options.Csv
            ? new LineFile(Path.Combine(folder, $"{name}.csv"), string.Join(',', _columns), done is null ? null : KeepsCsv, logger)
            : null;
        _json = options.JsonLines
            ? new LineFile(Path.Combine(folder, $"{name}.jsonl"), null, done is null ? null : KeepsJson, logger)
            : null;

        bool KeepsCsv(string line) => line.Count(character => character == ',') == commas && Keeps(line.AsSpan(0, line.IndexOf(',')));

        bool KeepsJson(string line) =>
            line.StartsWith(opening, StringComparison.Ordinal) && line.EndsWith('}') && line.IndexOf(',') > opening.Length
            && Keeps(line.AsSpan(opening.Length, line.IndexOf(',') - opening.Length));

        bool Keeps(ReadOnlySpan<char> number) =>
            long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= done;
    }

    /// <summary>Appends a record.</summary>
    /// <param name="values">One value a column: numbers, words or null.</param>
    public void Append(params IReadOnlyList<object?> values)
    {
        string[] cells = [.. values.Select(Text)];
        _csv?.Append(string.Join(',', cells), string.Concat(cells.Take(_keys).Select(cell => cell + ",")));
        if (_json is not null)
        {
            string[] pairs = [.. values.Select((value, i) => $"\"{_columns[i]}\":{Json(value, cells[i])}")];
            _json.Append($"{{{string.Join(',', pairs)}}}", $"{{{string.Concat(pairs.Take(_keys).Select(pair => pair + ","))}");
        }
    }

    /// <summary>Forces everything onto the disk.</summary>
    public void Flush()
    {
        _csv?.Flush();
        _json?.Flush();
    }

    public void Dispose()
    {
        _csv?.Dispose();
        _json?.Dispose();
    }

    private static string Text(object? value) => value switch
    {
        null => string.Empty,
        bool flag => flag ? "1" : "0",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        TimeSpan time => time.TotalSeconds.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    // JSON has no numbers that are none: they become null.
    private static string Json(object? value, string text) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        double number when !double.IsFinite(number) => "null",
        string word => $"\"{JsonEncodedText.Encode(word)}\"",
        _ => text,
    };
}

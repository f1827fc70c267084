using System.Text;

namespace MadgNet.Core.Data;

/// <summary>
/// Reads and writes tables of text: comma, semicolon or tab (whichever the header holds most of, or what a first line <c>sep=;</c>
/// says), quotes as in RFC 4180, any line ends; lines before the header that begin with <c>#</c> are comments.
/// </summary>
internal static class DelimitedText
{
    private static readonly char[] Delimiters = [',', ';', '\t'];

    /// <summary>The rows of a table by column name, with their line numbers; empty lines are left out.</summary>
    /// <param name="path">The file.</param>
    /// <param name="repeated">
    /// What the names of columns begin with that may occur twice; the second one is called <c>name (2)</c>. Every other name
    /// stands once.
    /// </param>
    public static List<(int Line, Dictionary<string, string> Cells)> Read(string path, string? repeated = null) =>
        Parse(TextFile.Read(path, "a table with a header line"), path, repeated);

    public static List<(int Line, Dictionary<string, string> Cells)> Parse(string text, string name, string? repeated = null)
    {
        text = text.ReplaceLineEndings("\n");
        int skipped = 0;
        int start = 0;
        string first;
        char? told = null;
        while (true)
        {
            int end = text.IndexOf('\n', start);
            first = text[start..(end < 0 ? text.Length : end)];
            string trimmed = first.Trim();
            bool separator = trimmed.Length == 5 && trimmed.StartsWith("sep=", StringComparison.OrdinalIgnoreCase)
                && Array.IndexOf(Delimiters, trimmed[4]) >= 0;
            told = separator ? trimmed[4] : told;
            if (end < 0 || !(separator || trimmed.StartsWith('#') || trimmed.Length == 0))
            {
                break;
            }

            (start, skipped) = (end + 1, skipped + 1);
        }

        char delimiter = told ?? Delimiters.MaxBy(candidate => first.Count(letter => letter == candidate));
        text = text[start..];
        List<(int Line, List<string> Cells)> rows = Rows(text, delimiter, name, skipped + 1);
        if (rows.Count == 0)
        {
            throw new DatasetException(new Problem(
                name, "an empty file", "a table with a header line", "Restore the file from its source"));
        }

        List<string> header = Header(rows[0].Cells, name, repeated);
        var result = new List<(int, Dictionary<string, string>)>();
        foreach ((int line, List<string> cells) in rows.Skip(1))
        {
            // A delimiter at the end of a line makes an empty cell that means nothing.
            while (cells.Count > header.Count && cells[^1].Trim().Length == 0)
            {
                cells.RemoveAt(cells.Count - 1);
            }

            if (cells.Count != header.Count)
            {
                throw new DatasetException(new Problem(
                    $"{name}, line {line}",
                    $"{cells.Count} cells",
                    $"{header.Count}, as in the header",
                    "Put cells that hold the delimiter in double quotes"));
            }

            var row = new Dictionary<string, string>();
            for (int column = 0; column < header.Count; column++)
            {
                row[header[column]] = cells[column].Trim();
            }

            result.Add((line, row));
        }

        return result;
    }

    private static List<string> Header(List<string> cells, string name, string? repeated)
    {
        var header = new List<string>();
        foreach (string cell in cells.Select(cell => cell.Trim().ToLowerInvariant()))
        {
            int before = header.Count(other => other == cell || other.StartsWith(cell + " (", StringComparison.Ordinal));
            if (before > 0 && cell.Length > 0 && (repeated is null || !cell.StartsWith(repeated, StringComparison.Ordinal)))
            {
                throw new DatasetException(new Problem(
                    name, $"{before + 1} columns named '{cell}'", "one column of that name", "Rename or remove the others"));
            }

            header.Add(before == 0 ? cell : $"{cell} ({before + 1})");
        }

        return header;
    }

    public static string Quote(string cell) =>
        cell.AsSpan().IndexOfAny(",;\t\"\r\n") < 0 && cell.Trim() == cell
            ? cell
            : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static List<(int Line, List<string> Cells)> Rows(string text, char delimiter, string name, int firstLine)
    {
        var rows = new List<(int Line, List<string> Cells)>();
        var cells = new List<string>();
        var cell = new StringBuilder();
        bool quoted = false;
        int line = firstLine;
        int start = firstLine;
        for (int i = 0; i < text.Length; i++)
        {
            char letter = text[i];
            line += letter == '\n' ? 1 : 0;
            if (quoted)
            {
                if (letter != '"')
                {
                    cell.Append(letter);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append('"');
                    i++;
                }
                else
                {
                    quoted = false;
                }
            }
            else if (letter == '"' && cell.Length == 0)
            {
                quoted = true;
            }
            else if (letter == delimiter)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else if (letter == '\n')
            {
                EndRow();
            }
            else
            {
                cell.Append(letter);
            }
        }

        if (quoted)
        {
            throw new DatasetException(new Problem(
                $"{name}, line {start}", "a quoted cell without its end", "a closing double quote", "Close the quote"));
        }

        EndRow();
        return rows;

        void EndRow()
        {
            cells.Add(cell.ToString());
            cell.Clear();
            if (cells.Count > 1 || cells[0].Trim().Length > 0)
            {
                rows.Add((start, cells));
            }

            cells = [];
            start = line;
        }
    }
}

using System.Text;

namespace MadgNet.Core.Data;

/// <summary>Reads and writes tables of text: comma, semicolon or tab (whichever the first line holds), quotes as in RFC 4180.</summary>
internal static class DelimitedText
{
    private static readonly char[] Delimiters = [',', ';', '\t'];

    /// <summary>The rows of a table by column name, with their line numbers; empty lines are left out.</summary>
    public static List<(int Line, Dictionary<string, string> Cells)> Read(string path)
    {
        string text;
        try
        {
            text = RegularFile.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(
                [new Problem(
                    path,
                    error is FileNotFoundException or DirectoryNotFoundException ? "no such file" : error.Message,
                    "a table with a header line",
                    "Check the path")],
                error);
        }

        return Parse(text, path);
    }

    public static List<(int Line, Dictionary<string, string> Cells)> Parse(string text, string name)
    {
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        string first = end < 0 ? text : text[..end];
        char delimiter = Delimiters.MaxBy(candidate => first.Count(letter => letter == candidate));
        List<(int Line, List<string> Cells)> rows = Rows(text, delimiter, name);
        if (rows.Count == 0)
        {
            throw new DatasetException(new Problem(
                name, "an empty file", "a table with a header line", "Restore the file from its source"));
        }

        List<string> header = [.. rows[0].Cells.Select(cell => cell.Trim().ToLowerInvariant())];
        var result = new List<(int, Dictionary<string, string>)>();
        foreach ((int line, List<string> cells) in rows.Skip(1))
        {
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

    public static string Quote(string cell) =>
        cell.AsSpan().IndexOfAny(",;\t\"\r\n") < 0 && cell.Trim() == cell
            ? cell
            : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static List<(int Line, List<string> Cells)> Rows(string text, char delimiter, string name)
    {
        var rows = new List<(int Line, List<string> Cells)>();
        var cells = new List<string>();
        var cell = new StringBuilder();
        bool quoted = false;
        int line = 1;
        int start = 1;
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
            else if (letter != '\r')
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

using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MadgNet.Cli.Output;

/// <summary>
/// A table on a terminal: columns are left out, from the right, before a word would be broken. Two columns of which the second holds
/// what no window takes, such as a path, become lines that the terminal itself breaks, so that they can be copied.
/// </summary>
internal static class FittedTable
{
    private const int Padding = 2;

    public static void Write(Table table, IAnsiConsole console)
    {
        int width = console.Profile.Width;
        var left = new List<string>();
        while (table.Columns.Count > 2 && Needed(table, console, natural: true) > width)
        {
            int last = table.Columns.Count - 1;
            left.Insert(0, TextOf(table.Columns[last].Header, console));
            table = Without(table, last);
        }

        if (Needed(table, console, natural: false) > width)
        {
            Lines(table, console);
        }
        else
        {
            table.Columns[0].NoWrap = true;
            console.Write(table.Border(TableBorder.Rounded));
        }

        if (left.Count > 0)
        {
            console.MarkupLineInterpolated($"[grey]Left out here: {string.Join(", ", left)}. A wider window shows them.[/]");
        }
    }

    /// <summary>The width that a table takes where nothing wraps, or where lines break between words alone.</summary>
    private static int Needed(Table table, IAnsiConsole console, bool natural)
    {
        int columns = table.Columns.Count;
        int sum = columns + 1;
        for (int i = 0; i < columns; i++)
        {
            int column = i;
            int widest = table.Rows.Select(row => row[column]).Append(table.Columns[column].Header)
                .Select(cell => TextOf(cell, console))
                .Max(text => natural || column == 0 ? text.Length : text.Split(' ').Max(word => word.Length));
            sum += widest + Padding;
        }

        return sum;
    }

    private static Table Without(Table table, int column)
    {
        var smaller = new Table();
        foreach (TableColumn each in table.Columns.Take(column))
        {
            smaller.AddColumn(each);
        }

        foreach (TableRow row in table.Rows)
        {
            smaller.AddRow(row.Take(column));
        }

        return smaller;
    }

    private static void Lines(Table table, IAnsiConsole console)
    {
        int longest = table.Rows.Select(row => TextOf(row[0], console).Length).DefaultIfEmpty(0).Max();
        longest = Math.Min(longest, console.Profile.Width / 3);
        foreach (TableRow row in table.Rows)
        {
            console.Profile.Out.Writer.WriteLine(string.Join("  ", row.Select((cell, i) =>
                i == 0 ? TextOf(cell, console).PadRight(longest) : TextOf(cell, console))));
        }
    }

    private static string TextOf(IRenderable cell, IAnsiConsole console)
    {
        var text = new StringBuilder();
        foreach (Segment segment in cell.Render(RenderOptions.Create(console), 10_000))
        {
            text.Append(segment.IsLineBreak || segment.IsControlCode ? string.Empty : segment.Text);
        }

        return text.ToString().TrimEnd();
    }
}

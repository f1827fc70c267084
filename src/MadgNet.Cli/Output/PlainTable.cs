using Spectre.Console;
using Spectre.Console.Rendering;

namespace MadgNet.Cli.Output;

/// <summary>A table as lines of columns, without frames and without spaces at the ends of lines: for files and pipes.</summary>
internal static class PlainTable
{
    public static void Write(Table table, IAnsiConsole console)
    {
        using var text = new StringWriter();
        IAnsiConsole plain = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        plain.Profile.Width = console.Profile.Width;
        plain.Write((IRenderable)table.Border(TableBorder.None));
        foreach (string line in text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            console.WriteLine(line.TrimEnd());
        }
    }
}

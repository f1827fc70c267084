using Spectre.Console;

namespace MadgNet.Cli.Output;

/// <summary>A line of parts of which the later ones are left out where a window is narrow.</summary>
internal static class Fit
{
    /// <summary>As many of the parts as fit beside each other; the first one always.</summary>
    public static string Line(IAnsiConsole console, params IReadOnlyList<string> parts)
    {
        string line = parts[0];
        foreach (string part in parts.Skip(1).Where(part => part.Length > 0))
        {
            if (line.Length + 2 + part.Length < console.Profile.Width)
            {
                line += "  " + part;
            }
        }

        return line;
    }

    /// <summary>Hours, minutes and seconds.</summary>
    public static string Time(TimeSpan time) => $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}";
}

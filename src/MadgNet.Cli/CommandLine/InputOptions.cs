using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MadgNet.Core.Inputs;

namespace MadgNet.Cli.CommandLine;

/// <summary>Where channels come from, what their values mean, and how images are brought to a size.</summary>
internal sealed class InputOptions
{
    private const string Pages = "pages:";

    private readonly Option<string?> _channels = new("--channels-from")
    {
        Description =
            "Channels from several files a case, by the ends of their names (_t1,_t2,_ct), or from the pages of a TIFF or planes of an "
                + ".npy file (pages:4). Kept with the weights.",
        HelpName = "_A,_B|pages:N",
    };

    private readonly Option<string?> _windows = new("--window")
    {
        Description =
            "Windows of intensity in the files' own units, as CENTER:WIDTH: one for all channels, or one for each, parted by commas, and "
                + "'none' for a channel without (-600:1500 for lung in Hounsfield units). Kept with the weights.",
        HelpName = "C:W",
    };

    private readonly Option<bool> _letterbox = new("--letterbox")
    {
        Description = "Keep the aspect ratio of images where they are resized, and surround them by zeros. Kept with the weights.",
    };

    /// <summary>The options of reading files alone.</summary>
    public IReadOnlyList<Option> Reading => [_channels, _windows];

    /// <summary>All options.</summary>
    public IReadOnlyList<Option> All => [_channels, _windows, _letterbox];

    /// <summary>An input with what the options say.</summary>
    /// <exception cref="UsageException">A value is none.</exception>
    public ModelInput Apply(ParseResult arguments, ModelInput input)
    {
        if (arguments.GetValue(_channels) is { } channels)
        {
            input = channels.StartsWith(Pages, StringComparison.Ordinal)
                ? input with { FromPages = true, Files = [], Channels = Number(channels) }
                : Of(input, Parted(channels));
        }

        if (arguments.GetValue(_windows) is { } windows)
        {
            input = input with { Windows = [.. Parted(windows).Select(Window)] };
        }

        IReadOnlyList<Problem> problems = [.. input.Validate().Where(problem =>
            problem.Subject is nameof(input.Files) or nameof(input.Windows) or nameof(input.Channels) or nameof(input.FromPages))];
        return problems.Count > 0
            ? throw new UsageException(problems[0] with
            {
                Subject = problems[0].Subject == nameof(input.Windows) ? "--window" : "--channels-from",
            })
            : input;
    }

    /// <summary>Whether <c>--letterbox</c> was given.</summary>
    public bool IsLetterbox(ParseResult arguments) => arguments.GetResult(_letterbox) is not null && arguments.GetValue(_letterbox);

    private static ModelInput Of(ModelInput input, string[] files) =>
        input with { FromPages = false, Files = files, Channels = files.Length };

    private static string[] Parted(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static int Number(string text) =>
        int.TryParse(text[Pages.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int channels) && channels > 0
            ? channels
            : throw new UsageException(new Problem("--channels-from", $"'{text}'", "pages:N with a number of channels", "Write pages:4"));

    private static InputWindow? Window(string text)
    {
        if (text == "none")
        {
            return null;
        }

        string[] parts = text.Split(':');
        return parts.Length == 2
            && double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double center)
            && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double width)
                ? new InputWindow(center, width)
                : throw new UsageException(new Problem(
                    "--window", $"'{text}'", "CENTER:WIDTH with two numbers, or none", "Write for example -600:1500"));
    }
}

using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;

namespace MadgNet.Cli.CommandLine;

/// <summary>The help of a command: what it does, examples, and its options in groups, the common ones first.</summary>
/// <param name="all">Whether rare options are shown.</param>
internal sealed class GroupedHelp(bool all) : SynchronousCommandLineAction
{
    private const int WidestLabel = 34;
    private const int Narrow = 70;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        TextWriter writer = parseResult.InvocationConfiguration.Output;
        Command command = parseResult.CommandResult.Command;
        var lines = new HelpLines(writer, Width());
        lines.Text(command.Description ?? string.Empty);
        writer.WriteLine();
        if (command is CliCommand { Examples.Count: > 0 } cli)
        {
            writer.WriteLine("Examples:");
            foreach (string example in cli.Examples)
            {
                writer.WriteLine($"  {example}");
            }

            writer.WriteLine();
        }
        else if (command is RootCommand)
        {
            writer.WriteLine("Examples:");
            writer.WriteLine("  madgnet doctor data/train");
            writer.WriteLine("  madgnet train data/train --output runs/first");
            writer.WriteLine("  madgnet predict --weights runs/first --input pictures --output masks");
            writer.WriteLine();
        }

        writer.WriteLine("Usage:");
        writer.WriteLine($"  {Usage(command)}");
        writer.WriteLine();
        Rows(
            lines,
            "Commands",
            [.. command.Subcommands.Where(below => !below.Hidden).Select(below => (below.Name, below.Description ?? ""))]);
        Rows(lines, "Arguments", [.. command.Arguments.Where(each => !each.Hidden).Select(each => (each.Name, each.Description ?? ""))]);
        Option[] options = [.. Visible(command)];
        foreach (string group in HelpGroups.InOrder)
        {
            Rows(lines, group, [.. options
                .Where(option => HelpGroups.Of(option) == group && (all || !HelpGroups.IsRare(option)))
                .OrderBy(HelpGroups.PlaceOf)
                .Select(option => (Label(option), Description(option)))]);
        }

        int rare = options.Count(HelpGroups.IsRare);
        if (!all && rare > 0)
        {
            lines.Text($"{rare} more options are for rare cases: madgnet {Path(command)}--help-all shows them.");
        }

        if (command is RootCommand)
        {
            lines.Text("'madgnet COMMAND --help' or 'madgnet help COMMAND' shows the options of a command.");
        }

        writer.WriteLine("Exit codes: 0 done, 1 findings or failed, 2 usage, 130 cancelled.");
        return ExitCode.Done;
    }

    private static IEnumerable<Option> Visible(Command command)
    {
        foreach (Option option in command.Options.Where(option => !option.Hidden))
        {
            yield return option;
        }

        for (Command? above = Parent(command); above is not null; above = Parent(above))
        {
            foreach (Option option in above.Options.Where(option => option.Recursive && !option.Hidden))
            {
                yield return option;
            }
        }
    }

    private static Command? Parent(Symbol command) => command.Parents.OfType<Command>().FirstOrDefault();

    private static string Path(Command command)
    {
        string path = string.Empty;
        for (Command? each = command; each is not null and not RootCommand; each = Parent(each))
        {
            path = $"{each.Name} {path}";
        }

        return path;
    }

    private static string Usage(Command command) => string.Join(' ', new[]
    {
        $"madgnet {Path(command)}".TrimEnd(),
        command.Subcommands.Count > 0 ? "COMMAND" : string.Empty,
        string.Join(' ', command.Arguments.Where(each => !each.Hidden).Select(each =>
            (each.Arity.MinimumNumberOfValues == 0 ? $"[{each.Name}]" : each.Name) + (each.Arity.MaximumNumberOfValues > 1 ? "…" : ""))),
        string.Join(' ', command.Options.Where(option => option.Required).Select(option => $"{option.Name} {HelpGroups.ValueOf(option)}")),
        "[options]",
    }.Where(part => part.Length > 0));

    private static string Label(Option option)
    {
        string[] names = [.. option.Aliases.Where(alias => alias.StartsWith('-')).OrderBy(alias => alias.Length), option.Name];
        string value = HelpGroups.ValueOf(option);
        return string.Join(", ", names.Distinct()) + (value.Length > 0 ? $" {value}" : string.Empty);
    }

    private static string Description(Option option)
    {
        string text = option.Description ?? string.Empty;
        string choices = string.Join(", ", HelpGroups.ChoicesOf(option));
        if (choices.Length > 0 && !HelpGroups.ValueOf(option).StartsWith('<'))
        {
            text += $" One of {choices}.";
        }

        if (option.Required)
        {
            text += " [required]";
        }

        string? usual = option.HasDefaultValue && option.ValueType != typeof(bool)
            ? Convert.ToString(option.GetDefaultValue(), CultureInfo.InvariantCulture)
            : null;
        return string.IsNullOrEmpty(usual) || option.GetDefaultValue() is Array ? text : $"{text} [default: {usual}]";
    }

    private static int Width()
    {
        if (Console.IsOutputRedirected)
        {
            return int.MaxValue;
        }

        try
        {
            return Math.Max(20, Console.WindowWidth);
        }
        catch (IOException)
        {
            return int.MaxValue;
        }
    }

    private static void Rows(HelpLines lines, string title, (string Label, string Text)[] rows)
    {
        if (rows.Length == 0)
        {
            return;
        }

        lines.Writer.WriteLine($"{title}:");
        int longest = rows.Where(row => row.Label.Length <= WidestLabel).Select(row => row.Label.Length).DefaultIfEmpty(0).Max();
        foreach ((string label, string text) in rows)
        {
            lines.Row(label, text, lines.Width < Narrow ? 0 : longest + 4);
        }

        lines.Writer.WriteLine();
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MadgNet.Cli.CommandLine;

/// <summary>
/// Numbers of the command line are read one way on every machine: a point parts the decimals, and nothing groups digits. Otherwise
/// <c>--learning-rate 0,001</c> would be 1.
/// </summary>
internal static class StrictNumbers
{
    private const NumberStyles Real = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Has every option of a command, and of those below it, read its numbers so. Options with a parser keep theirs.</summary>
    public static void ApplyTo(Command command)
    {
        foreach (Option option in command.Options)
        {
            Apply(option);
        }

        foreach (Command below in command.Subcommands)
        {
            ApplyTo(below);
        }
    }

    private static void Apply(Option option)
    {
        string name = option.Name;
        switch (option)
        {
            case Option<int> { CustomParser: null } each:
                each.CustomParser = result => (int)(Whole(result, name, int.MaxValue) ?? 0);
                break;
            case Option<int?> { CustomParser: null } each:
                each.CustomParser = result => (int?)Whole(result, name, int.MaxValue);
                break;
            case Option<long> { CustomParser: null } each:
                each.CustomParser = result => Whole(result, name, long.MaxValue) ?? 0;
                break;
            case Option<long?> { CustomParser: null } each:
                each.CustomParser = result => Whole(result, name, long.MaxValue);
                break;
            case Option<double> { CustomParser: null } each:
                each.CustomParser = result => Number(result, name) ?? 0;
                break;
            case Option<double?> { CustomParser: null } each:
                each.CustomParser = result => Number(result, name);
                break;
        }
    }

    private static long? Whole(ArgumentResult result, string name, long largest)
    {
        string text = result.Tokens[0].Value;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            && Math.Abs((decimal)value) <= largest)
        {
            return value;
        }

        result.AddError($"{name}: received '{text}'; expected a whole number that is not too large. Write digits alone, such as 100.");
        return null;
    }

    private static double? Number(ArgumentResult result, string name)
    {
        string text = result.Tokens[0].Value;
        if (double.TryParse(text, Real, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value))
        {
            return value;
        }

        string pointed = text.Replace(',', '.');
        string remedy = double.TryParse(pointed, Real, CultureInfo.InvariantCulture, out double meant) && double.IsFinite(meant)
            ? $"Write {pointed}: a point parts the decimals"
            : "Write for example 0.001 or 1e-3";
        result.AddError($"{name}: received '{text}'; expected a number. {remedy}.");
        return null;
    }
}

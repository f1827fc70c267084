using System.Globalization;

namespace MadgNet.Studies;

/// <summary>The checks that several parts of a study share, each with the message rule.</summary>
internal static class Checks
{
    public static void AtLeast(List<Problem> problems, string subject, long value, long least)
    {
        if (value < least)
        {
            problems.Add(new Problem(subject, Text(value), $"{Text(least)} or more", $"Set it to {Text(least)} or more"));
        }
    }

    public static void Within(
        List<Problem> problems, string subject, double value, double least, double most, bool includeLeast, bool includeMost)
    {
        bool legal = (includeLeast ? value >= least : value > least) && (includeMost ? value <= most : value < most);
        if (!legal)
        {
            string expected = most == double.MaxValue
                ? $"a finite number {(includeLeast ? "from" : "above")} {Text(least)}"
                : $"{(includeLeast ? "from" : "above")} {Text(least)} {(includeMost ? "to" : "to below")} {Text(most)}";
            problems.Add(new Problem(subject, Text(value), expected, "Choose a number in that range"));
        }
    }

    public static void Channels(List<Problem> problems, string subject, IReadOnlyList<int>? channels)
    {
        if (channels is not null
            && (channels.Count == 0 || channels.Any(channel => channel < 0) || channels.Distinct().Count() != channels.Count))
        {
            problems.Add(new Problem(
                subject,
                $"[{string.Join(", ", channels)}]",
                "one or more different numbers from 0",
                "Name each channel once, or leave the list out for all"));
        }
    }

    public static bool IsName(string? name) =>
        !string.IsNullOrEmpty(name) && name[0] != '-'
            && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');

    public static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}

using System.Text.RegularExpressions;
using MadgNet.Cli.CommandLine;
using MadgNet.Core.Metrics;

namespace MadgNet.Cli.Commands;

/// <summary>Which cases belong to one patient, by their names.</summary>
internal sealed class CaseGroups
{
    /// <summary>Far more than a name needs: an expression that reaches it would never end.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly Regex? _pattern;

    private CaseGroups(Regex? pattern) => _pattern = pattern;

    /// <summary>How intervals are drawn: by patients where they are told apart.</summary>
    public BootstrapOptions Bootstrap => new() { ByGroup = _pattern is not null };

    /// <exception cref="UsageException">The text is no regular expression with a group.</exception>
    public static CaseGroups Of(string? pattern)
    {
        if (pattern is null)
        {
            return new CaseGroups(null);
        }

        try
        {
            var made = new Regex(pattern, RegexOptions.CultureInvariant, Limit);
            return made.GetGroupNumbers().Length > 1 ? new CaseGroups(made) : throw Illegal(pattern, "an expression without a group");
        }
        catch (ArgumentException exception)
        {
            throw Illegal(pattern, exception.Message.TrimEnd('.'));
        }
    }

    public EvaluationCase Apply(EvaluationCase measured) => _pattern is null ? measured : With(measured);

    private static UsageException Illegal(string pattern, string reason) => new(new Problem(
        "--group", $"'{pattern}' ({reason})", "a regular expression with a group in parentheses", "Write for example '^([^_]+)_' for names like p01_slice3"));

    private EvaluationCase With(EvaluationCase measured)
    {
        Match match;
        try
        {
            match = _pattern!.Match(measured.Name);
        }
        catch (RegexMatchTimeoutException)
        {
            throw Illegal(_pattern!.ToString(), $"it does not end on '{measured.Name}'");
        }

        return match.Success && match.Groups[1].Value.Length > 0
            ? new EvaluationCase(measured.Name, measured.Probability, measured.Truth, measured.Ignored)
            {
                Group = match.Groups[1].Value,
                Spacing = measured.Spacing,
            }
            : throw Illegal(_pattern!.ToString(), $"it finds no patient in '{measured.Name}'");
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace MadgNet.Cli.CommandLine;

/// <summary>
/// The option <c>--shard</c>: <c>3/16</c> names a part of the work; <c>auto</c>, or the option alone, goes by the variables of what
/// started the process; <c>auto/16</c> also says how many there are.
/// </summary>
internal static class ShardOption
{
    private const string Automatic = "auto";

    /// <summary>Creates the option.</summary>
    /// <param name="description">What is parted, as a sentence.</param>
    public static Option<string?> Create(string description) => new("--shard")
    {
        Description = $"{description} I/N is one of N parts, from 1; auto goes by Slurm's, Kubernetes' or MPI's variables, and auto/N "
            + $"says how many there are.",
        HelpName = "I/N",
        Arity = ArgumentArity.ZeroOrOne,
        Validators =
        {
            result =>
            {
                if (result.Tokens is [var token] && !Shard.TryParse(token.Value, out _) && !IsAutomatic(token.Value, out _))
                {
                    result.AddError($"--shard: received '{token.Value}'; expected I/N with I from 1 to N, auto or auto/N. Use for example 3/16.");
                }
            },
        },
    };

    /// <summary>The shard that a command line asks for; null where it asks for none.</summary>
    /// <exception cref="UsageException">It is to go by the environment, which names none.</exception>
    public static Shard? Read(ParseResult arguments, Option<string?> option)
    {
        if (arguments.GetResult(option) is not OptionResult { Implicit: false } result)
        {
            return null;
        }

        string text = result.Tokens is [var token] ? token.Value : Automatic;
        if (Shard.TryParse(text, out Shard shard))
        {
            return shard;
        }

        try
        {
            return ShardVariables.Read(IsAutomatic(text, out int? count) ? count : null);
        }
        catch (InvalidOptionsException exception)
        {
            throw new UsageException(exception.Problems[0] with { Subject = "--shard" });
        }
    }

    private static bool IsAutomatic(string text, out int? count)
    {
        count = null;
        if (text == Automatic)
        {
            return true;
        }

        if (text.StartsWith(Automatic + "/", StringComparison.Ordinal)
            && int.TryParse(text[(Automatic.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number > 0)
        {
            count = number;
            return true;
        }

        return false;
    }
}

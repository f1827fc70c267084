using System.CommandLine;
using System.CommandLine.Completions;

namespace MadgNet.Cli.CommandLine;

/// <summary>Where options stand in the help, which of them are rare, and how their values are shown.</summary>
internal static class HelpGroups
{
    /// <summary>The group of options that no other one has.</summary>
    public const string Other = "Options";

    private const int LongestChoices = 60;

    private static readonly (string Group, string Names)[] Groups =
    [
        ("Data", "--images --masks --input --predictions --validation --against --data --labels --label-names --label-values "
            + "--prediction-label-values --mask-reading --ignore-values --skip-unpaired --intensity --channels-from --window --letterbox "
            + "--fill-boxes --recursive --max-pixels --group --spacing --no-duplicates --seen --unseen --training-images --test-images"),
        ("Network", "--weights --model --backbone --pretrained --encoder-weights --strip-prefix --attention --spatial --sub-decoder --size "
            + "--threshold --tile --tta --min-area --keep-largest --fill-holes --profile --allow-external-data --time-limit "
            + "--output-values --device --threads"),
        ("Training", "--config --epochs --batch --learning-rate --augmentation --precision --seed --patience --calibrate --resume "
            + "--overwrite --distributed --mpi-library --steps --seconds --seeds --variants --start --changes --quick --retry"),
        ("Output", "--output --dry-run --report --format --probabilities --overlay --overlay-channels --seg-type --with-patient --shard "
            + "--tensorboard --csv --latex --all --all-outputs --logits --bytes --keep-runs --json --quiet --verbose --help --help-all "
            + "--version"),
    ];

    private static readonly HashSet<string> RareNames = [.. (
        "--prediction-label-values --mask-reading --ignore-values --channels-from --window --letterbox --fill-boxes --max-pixels --group "
            + "--spacing --encoder-weights --strip-prefix --attention --spatial --sub-decoder --allow-external-data --time-limit "
            + "--output-values --threads --distributed --mpi-library --overlay-channels --seg-type --with-patient --shard --tensorboard "
            + "--min-area --keep-largest --fill-holes --latex --changes --seen --unseen --training-images --test-images --start "
            + "--logits --bytes").Split(' ')];

    /// <summary>The groups in their order.</summary>
    public static IEnumerable<string> InOrder => Groups.Select(group => group.Group).Append(Other);

    /// <summary>The group of an option.</summary>
    public static string Of(Option option) =>
        Groups.FirstOrDefault(group => group.Names.Split(' ').Contains(option.Name)) is { Group: { } name } ? name : Other;

    /// <summary>The place of an option in its group: the common ones first.</summary>
    public static int PlaceOf(Option option) =>
        Groups.Select(group => Array.IndexOf(group.Names.Split(' '), option.Name)).Max() is >= 0 and int place ? place : int.MaxValue;

    /// <summary>Whether an option is shown by <c>--help-all</c> alone.</summary>
    public static bool IsRare(Option option) => RareNames.Contains(option.Name);

    /// <summary>The values that an option takes; empty where they are not listed.</summary>
    public static IReadOnlyList<string> ChoicesOf(Option option) => option.ValueType == typeof(bool)
        ? []
        : [.. option.CompletionSources.SelectMany(source => source(CompletionContext.Empty)).Select(item => item.Label).Distinct()];

    /// <summary>What stands behind the option's name: its choices where they fit a line, else a word for the value.</summary>
    public static string ValueOf(Option option)
    {
        if (option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0)
        {
            return string.Empty;
        }

        string choices = string.Join('|', ChoicesOf(option));
        return choices.Length is > 0 and <= LongestChoices ? $"<{choices}>" : option.HelpName ?? "VALUE";
    }
}

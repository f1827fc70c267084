using System.CommandLine;
using System.Globalization;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;

namespace MadgNet.Cli.CommandLine;

/// <summary>How mask files are to be read: what their pixels mean, and which values count for nothing.</summary>
internal sealed class MaskOptions
{
    private readonly Option<string> _reading = new("--mask-reading")
    {
        Description =
            "What is foreground in masks: gray (two values), soft (from half of the range on), nonzero (every value but 0), or alpha (the "
                + "transparency).",
        DefaultValueFactory = _ => "gray",
        HelpName = "READING",
    };

    private readonly Option<string?> _ignored = new("--ignore-values")
    {
        Description = "Values of masks whose pixels count for nothing, neither in the loss nor in metrics, parted by commas.",
        HelpName = "255",
    };

    /// <summary>Adds the options to a command.</summary>
    public MaskOptions(Command command)
    {
        _reading.AcceptOnlyFromAmong("gray", "soft", "nonzero", "alpha");
        command.Add(_reading);
        command.Add(_ignored);
    }

    /// <summary>Whether one of the options was given.</summary>
    public bool IsGiven(ParseResult arguments) =>
        CommonOptions.IsGiven(arguments, _reading) || CommonOptions.IsGiven(arguments, _ignored);

    /// <summary>Options of a dataset with what was said of its masks.</summary>
    /// <exception cref="UsageException">A value is none.</exception>
    public FolderDatasetOptions Apply(ParseResult arguments, FolderDatasetOptions options)
    {
        MaskReading reading = arguments.GetRequiredValue(_reading) switch
        {
            "soft" => MaskReading.Soft,
            "nonzero" => MaskReading.NonZero,
            "alpha" => MaskReading.Alpha,
            _ => MaskReading.Gray,
        };
        if (reading != MaskReading.Gray && options.Labels.Any(label => label.Values.Count > 0))
        {
            throw new UsageException(new Problem(
                "--mask-reading",
                $"{reading.ToString().ToLowerInvariant()} beside --label-values",
                "one of the two",
                "Leave --mask-reading out: the values say what is foreground"));
        }

        return options with
        {
            Labels = [.. options.Labels.Select(label => label with { Reading = reading })],
            Ignored = [.. Values(arguments.GetValue(_ignored))],
        };
    }

    /// <summary>Refuses masks that do not say what they would be read as, and tells what else is odd about them, before training.</summary>
    /// <exception cref="DatasetException">Masks hold values that nothing declares, or cannot be read.</exception>
    public static void Check(FolderDataset dataset, CommandOutput output, CancellationToken cancellation)
    {
        const int listed = 1;
        IReadOnlyList<Finding> findings = dataset.ExamineMasks(cancellationToken: cancellation);
        Problem[] errors = [.. findings.Where(finding => finding.Severity == FindingSeverity.Error).Select(finding => finding.Problem)];
        if (errors.Length > 0)
        {
            throw new DatasetException([.. errors.Take(listed), .. errors.Length > listed
                ? [new Problem(
                    "masks", $"{errors.Length - listed} more of such files", "masks that can be used", "Run 'madgnet doctor' for all of them")]
                : Array.Empty<Problem>()]);
        }

        foreach (Finding finding in findings.Take(listed))
        {
            output.Warn(finding.Problem.ToString());
        }

        if (findings.Count > listed)
        {
            output.Warn($"{findings.Count - listed} more findings in masks. Run 'madgnet doctor' for all of them.");
        }
    }

    private static IEnumerable<int> Values(string? text) => (text ?? "")
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(part => ushort.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out ushort value)
            ? (int)value
            : throw new UsageException(new Problem(
                "--ignore-values", $"'{part}'", "values from 0 to 65535, parted by commas", "Write for example 255")));
}

using System.CommandLine;
using System.Globalization;
using MadgNet.Core.Metrics;

namespace MadgNet.Cli.CommandLine;

/// <summary>How numbers are computed beside the profile: the choices that other packages make differently.</summary>
internal sealed class MeasuringOptions
{
    private const string Scored = "scored";
    private const string LeftOut = "left-out";
    private const string LeftOutWhereAgreed = "left-out-where-agreed";

    private readonly Option<bool> _stretch = new("--stretch")
    {
        Description = "Stretch every map to its own minimum and maximum first, as PySODMetrics does; with the standard profile.",
    };

    private readonly Option<string> _emptyTruths = new("--empty-truths")
    {
        Description =
            $"What means do with labels that an image does not have: {Scored}, {LeftOut} (as MONAI), or {LeftOutWhereAgreed} (as "
                + "torchmetrics: where the prediction is empty as well).",
        DefaultValueFactory = _ => Scored,
        HelpName = "RULE",
    };

    private readonly Option<string?> _tolerance = new("--surface-tolerance")
    {
        Description =
            "Tolerance of the normalized surface distance, in the unit of the pixel size: one number, or one for each label parted by "
                + "commas. [default: 2]",
        HelpName = "MM",
    };

    private readonly Option<string?> _percentiles = new("--hausdorff-percentiles")
    {
        Description = "Percentiles of the Hausdorff distance beside 95 and the largest distance, parted by commas.",
        HelpName = "90,99",
    };

    private readonly Option<bool> _thresholds = new("--over-thresholds")
    {
        Description = "Add Dice and intersection over union averaged over 256 thresholds; with the standard profile.",
    };

    /// <summary>Adds the options to a command.</summary>
    public MeasuringOptions(Command command)
    {
        _emptyTruths.AcceptOnlyFromAmong(Scored, LeftOut, LeftOutWhereAgreed);
        command.Add(_stretch);
        command.Add(_emptyTruths);
        command.Add(_tolerance);
        command.Add(_percentiles);
        command.Add(_thresholds);
    }

    /// <summary>Options of an evaluation with what was chosen.</summary>
    /// <exception cref="UsageException">A value is none, or does not fit the profile or the labels.</exception>
    public EvaluatorOptions Apply(ParseResult arguments, EvaluatorOptions options)
    {
        MetricOptions metrics = options.Metrics;
        foreach (Option<bool> option in new[] { _stretch, _thresholds })
        {
            if (arguments.GetValue(option) && metrics.Profile != MetricProfile.Standard)
            {
                throw new UsageException(new Problem(
                    option.Name, "--profile official", "the standard profile", $"Leave {option.Name} or --profile out"));
            }
        }

        double[]? tolerances = Numbers(arguments, _tolerance, double.PositiveInfinity, "finite numbers of at least 0", "2");
        int labels = options.LabelNames?.Count ?? 1;
        if (tolerances is { Length: > 1 } && tolerances.Length != labels)
        {
            throw new UsageException(new Problem(
                _tolerance.Name, $"{tolerances.Length} numbers", $"1 number, or {labels} for the labels", "Give each label one"));
        }

        return options with
        {
            EmptyTruths = arguments.GetRequiredValue(_emptyTruths) switch
            {
                LeftOut => EmptyTruths.LeftOut,
                LeftOutWhereAgreed => EmptyTruths.LeftOutWhereAgreed,
                _ => EmptyTruths.Scored,
            },
            SurfaceTolerances = tolerances is { Length: > 1 } ? tolerances : null,
            Metrics = metrics with
            {
                StretchMaps = arguments.GetValue(_stretch),
                SurfaceTolerance = tolerances is [var one] ? one : metrics.SurfaceTolerance,
                HausdorffPercentiles = Numbers(arguments, _percentiles, 100, "numbers from 0 to 100", "90,99") ?? [],
                Groups = arguments.GetValue(_thresholds) ? metrics.Groups | MetricGroups.Thresholds : metrics.Groups,
            },
        };
    }

    private static double[]? Numbers(ParseResult arguments, Option<string?> option, double most, string expected, string example) =>
        arguments.GetValue(option) is not { } text
            ? null
            : [.. text.Split(',').Select(part =>
                double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                    && double.IsFinite(number) && number >= 0 && number <= most
                        ? number
                        : throw new UsageException(new Problem(
                            option.Name, $"'{text}'", $"{expected}, parted by commas", $"Write for example {example}")))];
}

using System.CommandLine;
using MadgNet.Onnx;

namespace MadgNet.Cli.CommandLine;

/// <summary>The options that are about ONNX files alone.</summary>
internal sealed class OnnxChoices
{
    /// <summary>Set to <c>on</c>, it allows ONNX Runtime's own telemetry: a choice for a machine, not for a command.</summary>
    public const string TelemetryVariable = "MADGNET_ONNX_TELEMETRY";

    private readonly Option<bool> _external = new("--allow-external-data")
    {
        Description =
            "Let an ONNX file keep tensors in other files, in its folder or below it, and hold sparse tensors: for files you trust."
    };
    private readonly Option<double?> _limit = CommonOptions.AtLeast(
        new Option<double?>("--time-limit")
        {
            Description = "The longest that an ONNX file may take to load, and on one batch or tile. [default: 120 to load, 600 to run]",
            HelpName = "SECONDS"
        },
        0.001);
    private readonly Option<string?> _values = new("--output-values")
    {
        Description = "What an ONNX file's numbers are where it does not say it: probability or logit.",
        HelpName = "KIND"
    };

    public OnnxChoices() => _values.AcceptOnlyFromAmong("probability", "logit");

    public IEnumerable<Option> Options => [_external, _limit, _values];

    /// <summary>How a command line has ONNX files run.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="threads">What <c>--threads</c> says.</param>
    public OnnxRuntimeOptions Of(ParseResult arguments, int? threads)
    {
        var usual = new OnnxRuntimeOptions();
        TimeSpan? limit = arguments.GetValue(_limit) is { } seconds
            ? TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(7).TotalSeconds))
            : null;
        return new OnnxRuntimeOptions
        {
            Threads = threads ?? 0,
            AllowExternalData = arguments.GetValue(_external),
            LoadLimit = limit ?? usual.LoadLimit,
            RunLimit = limit ?? usual.RunLimit,
            AllowTelemetry = Environment.GetEnvironmentVariable(TelemetryVariable) == "on",
            OutputValues = arguments.GetValue(_values) switch
            {
                "probability" => OnnxOutputValues.Probability,
                "logit" => OnnxOutputValues.Logit,
                _ => null,
            },
        };
    }
}

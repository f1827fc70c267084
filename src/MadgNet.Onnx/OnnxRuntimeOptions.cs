using MadgNet.Core.Inputs;
using Microsoft.ML.OnnxRuntime;

namespace MadgNet.Onnx;

/// <summary>
/// How an <see cref="OnnxPredictor"/> runs its network, and what it cannot read in a file that another program has exported.
/// </summary>
public sealed record OnnxRuntimeOptions
{
    /// <summary>
    /// The threads that one run of the network is spread over; 0, the default, for one a physical core. Where many threads share
    /// a predictor, 1 keeps them from competing for cores.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>
    /// Whether threads that wait for work keep a core busy for the shortest reaction. Default true, ONNX Runtime's own; false
    /// leaves the cores to others between two operations.
    /// </summary>
    public bool Spinning { get; init; } = true;

    /// <summary>
    /// The longest that making a session of a file may take, above zero; null for any time. Default 2 minutes. The runtime computes
    /// constants meanwhile, which a file can make endless. Loading that is given up goes on, in a thread of its own, until it ends by
    /// itself or with the process.
    /// </summary>
    public TimeSpan? LoadLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The longest that one run of the network may take, above zero, on one batch or tile; null for any time. Default 10 minutes.
    /// </summary>
    public TimeSpan? RunLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether a file may keep tensors in other files, in its own folder or below it, and may hold sparse tensors. Default false: such a
    /// file can have the runtime read whatever this process may, and a hard link or a link in the folder leads anywhere. Set it for files
    /// that you trust.
    /// </summary>
    public bool AllowExternalData { get; init; }

    /// <summary>
    /// Whether ONNX Runtime's own telemetry may run: it numbers the machine and keeps events below the user's folder. Default false: it is
    /// switched off for the whole process (<c>ORT_DISABLE_TELEMETRY=1</c>) before the runtime is loaded, which is when the first file is
    /// opened; nothing changes it later.
    /// </summary>
    public bool AllowTelemetry { get; init; }

    /// <summary>
    /// Changes the session's options before it is created: execution providers (<c>AppendExecutionProvider_CUDA()</c> …), memory,
    /// optimisation, profiling. Called once, last; null for nothing. The options stay the predictor's.
    /// </summary>
    public Action<SessionOptions>? Configure { get; init; }

    /// <summary>The input to give the image to; null for the only one.</summary>
    public string? InputName { get; init; }

    /// <summary>The output that holds the prediction; null for the one that the file's metadata names, or its only one.</summary>
    public string? OutputName { get; init; }

    /// <summary>What the output's numbers are, for a file whose metadata does not say it.</summary>
    public OnnxOutputValues? OutputValues { get; init; }

    /// <summary>
    /// What height and width have to be multiples of, for a file with a free size whose metadata does not say it; 1 or more. Null: 32.
    /// </summary>
    public int? Stride { get; init; }

    /// <summary>
    /// How intensities are scaled before the network, for a file whose metadata does not say it. Default
    /// <see cref="IntensityScaling.FullRange"/>.
    /// </summary>
    public IntensityScaling IntensityScaling { get; init; } = IntensityScaling.FullRange;

    /// <summary>A name for each label, for a file whose metadata does not say it, or empty. Default empty.</summary>
    public IReadOnlyList<string> LabelNames { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (Threads < 0)
        {
            problems.Add(new Problem(nameof(Threads), $"{Threads}", "0 or more", "Use 0 for one thread a physical core"));
        }

        if (Stride is < 1)
        {
            problems.Add(new Problem(
                nameof(Stride), $"{Stride}", "1 or more, or null", "Use the stride of the network's deepest features"));
        }

        if (OutputValues is { } values)
        {
            problems.AddRange(Problem.Undefined(nameof(OutputValues), values));
        }

        problems.AddRange(Problem.Undefined(nameof(IntensityScaling), IntensityScaling));

        foreach ((string name, TimeSpan? limit) in new[] { (nameof(LoadLimit), LoadLimit), (nameof(RunLimit), RunLimit) })
        {
            if (limit is { } time && (time <= TimeSpan.Zero || time.TotalMilliseconds > int.MaxValue))
            {
                problems.Add(new Problem(name, $"{time}", "above zero and at most 24 days, or null", "Use minutes, or null for any time"));
            }
        }

        if (LabelNames is null)
        {
            problems.Add(new Problem(nameof(LabelNames), "null", "a list", "Leave the default"));
        }

        return problems;
    }
}

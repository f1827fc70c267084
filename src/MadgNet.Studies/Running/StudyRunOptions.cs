using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MadgNet.Studies.Running;

/// <summary>How a <see cref="StudyRunner"/> runs a study.</summary>
public sealed record StudyRunOptions
{
    /// <summary>The folder of the sets: <c>SET/images</c> and <c>SET/masks</c> for each.</summary>
    public string Data { get; init; } = "";

    /// <summary>The folder of the results; created when absent. A study that was stopped goes on in its folder.</summary>
    public string OutputFolder { get; init; } = "";

    /// <summary>The part of the cells that this process runs. Default: all.</summary>
    public Shard Shard { get; init; } = Shard.Whole;

    /// <summary>Whether cells that failed are run again. Default false.</summary>
    public bool RetryFailed { get; init; }

    /// <summary>
    /// Whether a cell's run folder (weights, history) is kept when the cell is done. Default false: its result is kept alone.
    /// </summary>
    public bool KeepRuns { get; init; }

    /// <summary>The time after which a training writes a checkpoint, which is what a kill can cost at most. Default one minute.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Where the names of networks and their parts are looked up. Default <see cref="ModelRegistry.BuiltIn"/>.</summary>
    public ModelRegistry Registry { get; init; } = ModelRegistry.BuiltIn;

    /// <summary>
    /// Encoders that have learned before, by the names that studies start from (<see cref="Study.Start"/>), for example <c>resnet18</c>
    /// with
    /// those of MadgNet.Pretrained.ResNet18. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, PretrainedEncoder> Pretrained { get; init; } = new Dictionary<string, PretrainedEncoder>();

    /// <summary>Receives what the library says; default nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Called at the points at which a run may be interrupted; for tests.</summary>
    internal Action<string>? Probe { get; init; }

    /// <summary>Everything that is wrong with the options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (CheckpointEvery <= TimeSpan.Zero)
        {
            problems.Add(new Problem(nameof(CheckpointEvery), $"{CheckpointEvery}", "a time above zero", "Use one minute"));
        }

        if (Data is null || OutputFolder is null || Logger is null || Registry is null || Pretrained is null)
        {
            problems.Add(new Problem(
                "options",
                "null for Data, OutputFolder, Logger, Registry or Pretrained",
                "a value",
                "Name the folders, or leave the default"));
        }

        return problems;
    }
}

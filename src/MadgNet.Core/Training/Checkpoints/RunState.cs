using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MadgNet.Core.Training.Checkpoints;

/// <summary>
/// Everything that a run is made of besides tensors, between two optimizer steps. What is not in here, or follows from it
/// and the seeds, does not exist for a run that goes on.
/// </summary>
internal sealed class RunState
{
    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The current epoch, from 0; the number of epochs once all have ended.</summary>
    public int Epoch { get; set; }

    /// <summary>The number of the epoch's batch that comes next.</summary>
    public int Batch { get; set; }

    /// <summary>Steps taken or skipped in the current epoch.</summary>
    public int StepInEpoch { get; set; }

    /// <summary>The learning rate of the latest step.</summary>
    public double Rate { get; set; }

    /// <summary>Optimizer steps taken or skipped.</summary>
    public long Step { get; set; }

    /// <summary>Steps that were skipped because loss or gradients were not finite, without those of the loss scaler.</summary>
    public int SkippedSteps { get; set; }

    /// <summary>The step after which was validated last; −1 before the first time.</summary>
    public long ValidatedStep { get; set; } = -1;

    /// <summary>How often was validated.</summary>
    public int Validations { get; set; }

    /// <summary>Validations since the last improvement.</summary>
    public int ValidationsWithoutGain { get; set; }

    /// <summary>What the current epoch has come to so far.</summary>
    public EpochMeter Meter { get; set; } = new();

    /// <summary>The epochs that have ended.</summary>
    public List<EpochRecord> History { get; set; } = [];

    /// <summary>The latest score of the weights.</summary>
    public ValidationScore? LatestScore { get; set; }

    /// <summary>The latest score of the current epoch.</summary>
    public ValidationScore? EpochScore { get; set; }

    /// <summary>The latest score of the averaged weights in the current epoch.</summary>
    public ValidationScore? EpochAverageScore { get; set; }

    /// <summary>The best score of the weights.</summary>
    public BestScore? Best { get; set; }

    /// <summary>Whether the file with the best weights was written.</summary>
    public bool BestIsSaved { get; set; }

    /// <summary>Whether the file with the best averaged weights was written.</summary>
    public bool BestAverageIsSaved { get; set; }

    /// <summary>The best score of the averaged weights.</summary>
    public BestScore? BestAverage { get; set; }

    /// <summary>The threshold that was calibrated for the weights at the validated step.</summary>
    public double? Threshold { get; set; }

    /// <summary>The threshold that was calibrated for the averaged weights at the validated step.</summary>
    public double? AverageThreshold { get; set; }

    /// <summary>The schedule's own state.</summary>
    public string Schedule { get; set; } = "";

    /// <summary>The state of the loss scaler; null without one.</summary>
    public string? Scaler { get; set; }

    /// <summary>The kinds of warnings that were given.</summary>
    public List<TrainingWarningKind> Warned { get; set; } = [];

    /// <summary>The mean logarithm of the gradients' norm, by which an explosion is told.</summary>
    public double NormLevel { get; set; }

    /// <summary>How many norms are in it.</summary>
    public long NormCount { get; set; }

    /// <summary>The time that the run has taken so far, without the time in which nothing ran.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>Why the run has ended; null while it goes on.</summary>
    public TrainingEndReason? End { get; set; }

    /// <summary>Reads a state, and refuses one that no run has had.</summary>
    /// <exception cref="JsonException">It is no state, lacks a part or holds a number out of its range.</exception>
    public static RunState FromJson(string json)
    {
        RunState state = JsonSerializer.Deserialize<RunState>(json, Json) ?? throw new JsonException("the state of the run is null");
        return state.Fault() is { } fault ? throw new JsonException(fault) : state;
    }

    /// <summary>Takes the current epoch into the history, and stands before the next one.</summary>
    /// <param name="duration">How long it took.</param>
    /// <returns>What it came to.</returns>
    public EpochRecord EndEpoch(TimeSpan duration)
    {
        Meter.Duration = duration;
        var record = new EpochRecord(Epoch + 1, Meter.MeanLoss, Rate, EpochScore, duration)
        {
            Steps = Meter.Steps,
            StageLosses = Meter.Steps == 0 ? [] : Meter.MeanStages,
            ImagesPerSecond = Meter.ImagesPerSecond,
            DataTime = Meter.DataTime,
            ComputeTime = Meter.ComputeTime,
            GradientNorm = Meter.MeanNorm,
            PeakMemoryBytes = PeakMemory(),
            EmaValidation = EpochAverageScore,
        };
        History.Add(record);
        Epoch++;
        Batch = 0;
        StepInEpoch = 0;
        Meter = new EpochMeter();
        EpochScore = null;
        EpochAverageScore = null;
        return record;
    }

    private static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>What is wrong with the state; null where nothing is.</summary>
    private string? Fault()
    {
        if (Meter is not { Stages: not null } || History is null || Schedule is null || Warned is null)
        {
            return "a part of the run's state is null";
        }

        if (History.Exists(record => record is null or { StageLosses: null }))
        {
            return "an epoch of the run's history is null";
        }

        (string Name, double Value, double Least)[] numbers =
        [
            (nameof(Epoch), Epoch, 0), (nameof(Batch), Batch, 0), (nameof(StepInEpoch), StepInEpoch, 0), (nameof(Rate), Rate, 0),
            (nameof(Step), Step, 0), (nameof(SkippedSteps), SkippedSteps, 0), (nameof(ValidatedStep), ValidatedStep, -1),
            (nameof(Validations), Validations, 0), (nameof(ValidationsWithoutGain), ValidationsWithoutGain, 0),
            (nameof(NormCount), NormCount, 0), (nameof(Elapsed), Elapsed.Ticks, 0), (nameof(Threshold), Threshold ?? 0, 0),
            (nameof(AverageThreshold), AverageThreshold ?? 0, 0), ("Meter.Steps", Meter.Steps, 0), ("Meter.Images", Meter.Images, 0),
            ("Meter.Norms", Meter.Norms, 0), ("Meter.Duration", Meter.Duration.Ticks, 0),
        ];
        foreach ((string name, double value, double least) in numbers)
        {
            if (!(value >= least) || double.IsInfinity(value))
            {
                return FormattableString.Invariant($"{name} of the run's state is {value}, below {least} or no number");
            }
        }

        return Threshold > 1 || AverageThreshold > 1 ? "a threshold of the run's state is above 1"
            : Meter.Stages.Length % 3 != 0 ? $"the run's state has {Meter.Stages.Length} sums of losses, no three a stage"
            : null;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

using MadgNet.Core.Runtime;

namespace MadgNet.Core.Training.Reporting;

/// <summary>One stretch of a run, from its start or a resume to its end, on one machine.</summary>
public sealed record ManifestSession
{
    /// <summary>When it began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When it ended; null while it runs, and where the process was killed.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>How it ended; null while it runs, and where the process was killed.</summary>
    public TrainingEndReason? Reason { get; init; }

    /// <summary>What made it fail; null where nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>The optimizer steps that had been taken when it began.</summary>
    public required long StepsBefore { get; init; }

    /// <summary>The optimizer steps that had been taken when it last told: at the end of an epoch, or of the session.</summary>
    public required long StepsAfter { get; init; }

    /// <summary>The whole epochs that had ended when it last told.</summary>
    public required int EpochsAfter { get; init; }

    /// <summary>The name of the machine.</summary>
    public required string Machine { get; init; }

    /// <summary>Its operating system, in words.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The processors that the process could use.</summary>
    public required int Processors { get; init; }

    /// <summary>Versions, platform and threads.</summary>
    public required RuntimeDescription Runtime { get; init; }

    /// <summary>The device that was trained on.</summary>
    public required string Device { get; init; }

    /// <summary>The precision and memory layout in effect, in words.</summary>
    public required string Precision { get; init; }
}

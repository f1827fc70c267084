namespace MadgNet.Core.Training;

/// <summary>Why a training run ended.</summary>
public enum TrainingEndReason
{
    /// <summary>It took all its epochs or steps.</summary>
    Completed,

    /// <summary>The monitored metric has not improved for long enough.</summary>
    StoppedEarly,

    /// <summary>The host cancelled it; everything is saved and it can be resumed.</summary>
    Cancelled,

    /// <summary>It failed.</summary>
    Failed,
}

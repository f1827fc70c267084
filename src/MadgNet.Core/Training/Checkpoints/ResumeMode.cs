namespace MadgNet.Core.Training.Checkpoints;

/// <summary>Whether a run goes on where an earlier one in the same output folder stopped.</summary>
public enum ResumeMode
{
    /// <summary>
    /// A run of its own, from the model's weights as they are. Checkpoints of an earlier run are set aside in the folder
    /// <c>checkpoints.before</c>, where those of the run before it, if any, are replaced.
    /// </summary>
    Never,

    /// <summary>Goes on from the latest checkpoint, or begins where there is none: what a service that may be restarted wants.</summary>
    IfPresent,

    /// <summary>Goes on from the latest checkpoint, and refuses to begin where there is none.</summary>
    Required,
}

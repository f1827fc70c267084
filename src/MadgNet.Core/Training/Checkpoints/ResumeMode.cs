namespace MadgNet.Core.Training.Checkpoints;

/// <summary>Whether a run goes on where an earlier one in the same output folder stopped.</summary>
public enum ResumeMode
{
    /// <summary>
    /// A run of its own, from the model's weights as they are. What an earlier run left is moved into the next free folder
    /// <c>earlier-1</c>, <c>earlier-2</c>, … of the output folder, where no later run touches it (see
    /// <see cref="Reporting.EarlierRun"/>).
    /// </summary>
    Never,

    /// <summary>
    /// Goes on from the latest checkpoint, or begins where there is none: what a service that may be restarted wants. Weights without a
    /// checkpoint are moved away as by <see cref="Never"/>.
    /// </summary>
    IfPresent,

    /// <summary>Goes on from the latest checkpoint, and refuses to begin where there is none.</summary>
    Required,

    /// <summary>
    /// As <see cref="IfPresent"/>; and a run that began with fewer epochs, ended or not, goes on to as many as
    /// <see cref="TrainerOptions.Epochs"/> says. A schedule that depends on the length of the run follows the new length from there on,
    /// so that its rate may rise again. Fewer epochs than before are refused.
    /// </summary>
    Extend,
}

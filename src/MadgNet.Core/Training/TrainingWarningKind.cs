namespace MadgNet.Core.Training;

/// <summary>What a training run watches for.</summary>
public enum TrainingWarningKind
{
    /// <summary>A loss or gradient was not finite and the step was skipped.</summary>
    StepSkipped,

    /// <summary>The loader keeps the network waiting for most of the time.</summary>
    LoaderStalled,

    /// <summary>A weight between foreground and background attention (α, β) has collapsed to zero, the paper's sign of failure.</summary>
    AttentionWeightsCollapsed,

    /// <summary>A channel attention passes nothing, or everything, whatever the image.</summary>
    DeadAttention,

    /// <summary>The gradients' norm has grown far beyond what it was.</summary>
    ExplodingGradients,

    /// <summary>A checkpoint could not be written; training goes on and writing is tried again.</summary>
    CheckpointFailed,

    /// <summary>A damaged checkpoint was passed over for an older one.</summary>
    CheckpointDamaged,

    /// <summary>Images hold values outside of 0..1 although no transform normalises them.</summary>
    ValuesOutOfRange,

    /// <summary>The precision or memory layout that was asked for is not to be had here.</summary>
    PrecisionFallback,
}

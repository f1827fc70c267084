namespace MadgNet.Core.Training.Precision;

/// <summary>
/// The arithmetic of a training run's forward and backward passes. Weights, their gradients, optimizer and losses are float32 in all of
/// them.
/// </summary>
public enum TrainingPrecision
{
    /// <summary>
    /// What is safe and fast on the device: bfloat16 where the processor or GPU computes with it, else float32. Never float16.
    /// </summary>
    Auto,

    /// <summary>float32 throughout.</summary>
    Float32,

    /// <summary>bfloat16 for convolutions and matrix products by autocast. Needs no loss scaling.</summary>
    BFloat16,

    /// <summary>
    /// float16 for convolutions and matrix products by autocast, with a scaled loss. CUDA only; falls back elsewhere.
    /// </summary>
    Float16,
}

using MadgNet.Core.Data;
using MadgNet.Core.Models;

namespace MadgNet.Core.Training;

/// <summary>What a training run trains, on what and how.</summary>
/// <param name="Model">The model; an observer may read its weights during a call, and never changes it.</param>
/// <param name="Options">How it is trained.</param>
/// <param name="Training">The training set.</param>
/// <param name="Validation">The validation set; null for none.</param>
/// <param name="StepsDone">The optimizer steps that an earlier part of the run has taken; 0 for a fresh one.</param>
/// <param name="EpochsDone">The whole epochs that an earlier part of the run has ended; 0 for a fresh one.</param>
/// <param name="Precision">The precision and memory layout in effect, in words: <c>float32, channels_last</c>.</param>
public sealed record TrainingRun(
    SegmentationModel Model,
    TrainerOptions Options,
    BatchLoader Training,
    BatchLoader? Validation,
    long StepsDone,
    int EpochsDone,
    string Precision);

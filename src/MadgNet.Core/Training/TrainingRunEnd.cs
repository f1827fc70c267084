namespace MadgNet.Core.Training;

/// <summary>How a training run ended.</summary>
/// <param name="Reason">Why it ended.</param>
/// <param name="Result">What it came to; null where it was cancelled or failed.</param>
/// <param name="Error">What made it fail; null otherwise.</param>
public sealed record TrainingRunEnd(TrainingEndReason Reason, TrainingResult? Result, Exception? Error);

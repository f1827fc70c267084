namespace MadgNet.Core.Training;

/// <summary>What one epoch came to.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Loss">The mean total loss over its steps.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="Validation">Its validation score; null where it was not validated.</param>
/// <param name="Duration">How long it took, with validation.</param>
public sealed record EpochRecord(int Epoch, double Loss, double LearningRate, ValidationScore? Validation, TimeSpan Duration);

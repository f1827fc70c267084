namespace MadgNet.Core.Training.Optimization;

/// <summary>Where a training run is. Everything counts from 0.</summary>
/// <param name="Step">The optimizer steps taken so far: the number of the step that comes next.</param>
/// <param name="Steps">How many optimizer steps the whole run has; 1 or more.</param>
/// <param name="Epoch">The epoch that the next step belongs to.</param>
/// <param name="Epochs">How many epochs the whole run has; 1 or more.</param>
/// <param name="StepsPerEpoch">How many optimizer steps an epoch has; 1 or more.</param>
public readonly record struct TrainingPosition(long Step, long Steps, int Epoch, int Epochs, int StepsPerEpoch);

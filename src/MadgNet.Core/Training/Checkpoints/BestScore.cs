namespace MadgNet.Core.Training.Checkpoints;

/// <summary>The best validation of a run.</summary>
/// <param name="Value">The monitored metric's mean over the images.</param>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Step">The optimizer steps taken before it.</param>
internal sealed record BestScore(double Value, int Epoch, long Step);

namespace MadgNet.Core.Training.RangeTest;

/// <summary>One step of a <see cref="LearningRateRangeTest"/>.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="LearningRate">The rate that the step was taken with.</param>
/// <param name="Loss">The loss of its batch, before the step; not finite at the end of a test that went too far.</param>
/// <param name="SmoothedLoss">The loss averaged with its neighbours; NaN while the test still runs.</param>
public readonly record struct LearningRatePoint(int Step, double LearningRate, double Loss, double SmoothedLoss);

using MadgNet.Core.Data;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;

namespace MadgNet.Core.Training;

/// <summary>How long a run is.</summary>
/// <param name="Epochs">Its epochs, the last of which may end early.</param>
/// <param name="Steps">Its optimizer steps, if no batch is left out.</param>
/// <param name="StepsPerEpoch">The optimizer steps of an epoch.</param>
internal sealed record RunLength(int Epochs, long Steps, int StepsPerEpoch)
{
    /// <summary>The length that the options ask for.</summary>
    public static RunLength Of(TrainerOptions options, BatchLoader training)
    {
        int perEpoch = (training.BatchCount + options.AccumulationSteps - 1) / options.AccumulationSteps;
        return options.Steps is { } steps
            ? new RunLength((int)Math.Min(int.MaxValue, (steps + perEpoch - 1) / perEpoch), steps, perEpoch)
            : new RunLength(options.Epochs, (long)options.Epochs * perEpoch, perEpoch);
    }

    /// <summary>Where a run stands in it.</summary>
    public TrainingPosition At(RunState state) =>
        new(state.Step, Steps, Math.Min(state.Epoch, Epochs - 1), Epochs, StepsPerEpoch);
}

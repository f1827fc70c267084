using MadgNet.Core.Metrics;
using MadgNet.Core.Training.Checkpoints;

namespace MadgNet.Core.Training;

/// <summary>
/// Which validation of a run is the best: the first of those with the best mean of the monitored metric. Weights and averaged
/// weights have a best each; a validation without gain in either counts towards <see cref="EarlyStopping"/>.
/// </summary>
internal sealed class BestSoFar(Metric monitor, double minimumGain)
{
    public BestSoFar(TrainerOptions options)
        : this(options.Monitor, options.EarlyStopping?.MinimumGain ?? 0)
    {
    }

    /// <summary>Whether a score is better than the best so far. One that is no number never is; the first one else always.</summary>
    public static bool IsBetter(Metric monitor, double score, double? best) => Gain(monitor, score, best) > 0;

    /// <summary>Takes a validation into the state of a run.</summary>
    /// <returns>Whether the weights, and the averaged weights, are the best so far.</returns>
    public (bool Weights, bool Average) Take(RunState state, double score, double? average)
    {
        double? gain = Gain(monitor, score, state.Best?.Value);
        double? averageGain = average is { } value ? Gain(monitor, value, state.BestAverage?.Value) : null;
        bool improves = (gain > 0 && gain > minimumGain) || (averageGain > 0 && averageGain > minimumGain);
        state.ValidationsWithoutGain = improves ? 0 : state.ValidationsWithoutGain + 1;
        if (gain > 0)
        {
            state.Best = new BestScore(score, state.Epoch + 1, state.Step);
        }

        if (averageGain > 0)
        {
            state.BestAverage = new BestScore(average!.Value, state.Epoch + 1, state.Step);
        }

        return (gain > 0, averageGain > 0);
    }

    /// <summary>By how much a score is better than the best so far; infinity for the first, null for one that is no number.</summary>
    private static double? Gain(Metric monitor, double score, double? best)
    {
        if (double.IsNaN(score))
        {
            return null;
        }

        return best is not { } value ? double.PositiveInfinity : monitor.IsLowerBetter ? value - score : score - value;
    }
}

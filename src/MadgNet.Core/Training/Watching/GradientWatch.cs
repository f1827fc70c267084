using MadgNet.Core.Training.Checkpoints;

namespace MadgNet.Core.Training.Watching;

/// <summary>
/// Notices gradients whose norm leaves what it used to be. The usual level is the moving mean of the norm's logarithm, which
/// is part of the run's state.
/// </summary>
internal static class GradientWatch
{
    /// <summary>Norms that make a level; before, nothing is unusual.</summary>
    private const int Settled = 20;

    private const double Factor = 100;
    private const double Memory = 0.98;

    /// <summary>Adds a step's norm to the level.</summary>
    /// <returns>What is wrong; null where nothing is.</returns>
    public static Problem? Add(RunState state, double norm)
    {
        if (!double.IsFinite(norm) || norm <= 0)
        {
            return null;
        }

        double logarithm = Math.Log(norm);
        Problem? problem = state.NormCount < Settled || logarithm - state.NormLevel < Math.Log(Factor) ? null : new Problem(
            "gradients",
            FormattableString.Invariant($"a norm of {norm:G3}, where {Math.Exp(state.NormLevel):G3} was usual"),
            FormattableString.Invariant($"norms below {Factor} times the usual"),
            "Clip the gradients (TrainerOptions.Clipping), lower the learning rate or warm it up");
        double keep = Math.Min(Memory, (double)state.NormCount / (state.NormCount + 1));
        state.NormLevel = (keep * state.NormLevel) + ((1 - keep) * logarithm);
        state.NormCount++;
        return problem;
    }
}

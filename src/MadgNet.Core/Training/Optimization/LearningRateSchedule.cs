namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// How the learning rate goes over a training run. A schedule is immutable and may serve several runs;
/// what a run has to remember is in the <see cref="LearningRateRun"/> that <see cref="Start"/> gives.
/// </summary>
/// <remarks><c>ToString()</c> of the library's schedules names kind and settings, for logs and for the comparison of a checkpoint's settings.</remarks>
public abstract class LearningRateSchedule
{
    /// <summary>Begins a run.</summary>
    /// <returns>The run, which shares nothing with other runs.</returns>
    public abstract LearningRateRun Start();

    internal static double Positive(double value, string parameter, string advice) => value > 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(parameter, value, $"Expected a finite rate above 0. {advice}.");

    internal static double Within(double value, double least, double most, string parameter, string advice) => value >= least && value <= most && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(parameter, value, FormattableString.Invariant($"Expected {least} to {most}. {advice}."));

    internal static ScheduleUnit Defined(ScheduleUnit value, string parameter) => Enum.IsDefined(value)
        ? value
        : throw new ArgumentOutOfRangeException(parameter, value, "Expected Epoch or Step. Choose one of them.");
}

namespace MadgNet.Core.Training.Optimization;

/// <summary>
/// How the learning rate goes over a training run. A schedule is immutable and may serve several runs;
/// what a run has to remember is in the <see cref="LearningRateRun"/> that <see cref="Start"/> gives.
/// </summary>
/// <remarks><c>ToString()</c> of the library's schedules names kind and settings, for logs.</remarks>
public abstract class LearningRateSchedule : IDescribed
{
    /// <summary>Begins a run.</summary>
    /// <returns>The run, which shares nothing with other runs.</returns>
    public abstract LearningRateRun Start();

    /// <summary>
    /// What the schedule is made of, beside its kind: a training is resumed only with the same. One of your own that has settings
    /// overrides this; by default it is described by the plain values of its public properties.
    /// </summary>
    /// <returns>Names and values: numbers, texts, truths, enumerations, other schedules, lists of these.</returns>
    protected virtual IEnumerable<(string Name, object? Value)> Describe() => Description.Properties(this, typeof(LearningRateSchedule));

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() => Describe();

    internal static double Positive(double value, string parameter, string advice) => value > 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(parameter, value, $"Expected a finite rate above 0. {advice}.");

    internal static double Within(double value, double least, double most, string parameter, string advice) =>
        value >= least && value <= most && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(parameter, value, FormattableString.Invariant($"Expected {least} to {most}. {advice}."));
}

namespace MadgNet.Core.Metrics;

/// <summary>
/// A metric of your own. Derive from this class. Pass it to <see cref="MetricOptions.Custom"/>, and its values are in every case,
/// summary and report beside the others. Pass it to <see cref="Training.TrainerOptions.Monitor"/>, and it decides which weights are the
/// best.
/// </summary>
/// <example>
/// <code>
/// sealed class VolumeError() : CustomMetric("VolumeError", isLowerBetter: true)
/// {
///     public override double Compute(in MetricInput maps) =>
///         Math.Abs(maps.Counts.FalsePositives - maps.Counts.FalseNegatives) / (double)maps.Truth.Length;
/// }
/// </code>
/// </example>
public abstract class CustomMetric : Metric
{
    /// <summary>Creates the metric.</summary>
    /// <param name="name">Its name in reports: not empty, on one line, without commas, quotes and bars, and none that a metric of this
    /// library has.</param>
    /// <param name="isLowerBetter">Whether a lower value is better.</param>
    /// <exception cref="ArgumentException">The name is empty, has such a character, or is taken.</exception>
#pragma warning disable RS0022 // Metric itself is for this library alone; hosts derive from here, and it has no protected members.
    protected CustomMetric(string name, bool isLowerBetter = false)
#pragma warning restore RS0022
        : base(Checked(name), isLowerBetter)
    {
    }

    /// <summary>
    /// What else the values depend on, such as <c>tolerance 2</c>; empty when there is nothing. Reports store it and refuse to compare
    /// numbers of different definitions. A training is resumed only with the same definition.
    /// </summary>
    public virtual string Definition => "";

    /// <summary>Computes the metric of one label of one case. Called from several threads at the same time.</summary>
    /// <param name="maps">Prediction and truth.</param>
    /// <returns>A finite number, or NaN where the metric is undefined for these maps: such cases are counted, not averaged.</returns>
    public abstract double Compute(in MetricInput maps);

    private static string Checked(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.AsSpan().ContainsAny("\r\n,|\"") || BuiltIn.Any(metric => metric.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException(
                $"Received the name '{name}'; expected one line without commas, quotes and bars, and no name of a metric of this "
                    + $"library. Choose another name.",
                nameof(name));
        }

        return name;
    }
}

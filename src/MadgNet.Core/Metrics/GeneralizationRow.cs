namespace MadgNet.Core.Metrics;

/// <summary>One set of a <see cref="GeneralizationTable"/>.</summary>
/// <param name="SetName">Name of the set.</param>
/// <param name="IsSeen">Whether the model was trained on data of this kind.</param>
/// <param name="Cases">Number of cases.</param>
/// <param name="Summaries">The table's metrics over the set, in its order.</param>
/// <param name="Drops">
/// How much worse each metric is than the mean of the seen sets, above 0 where it is worse: their mean minus this one, or the
/// other way round for errors and distances.
/// </param>
public sealed record GeneralizationRow(
    string SetName, bool IsSeen, int Cases, IReadOnlyList<MetricSummary> Summaries, IReadOnlyList<double> Drops);

using MadgNet.Studies.Statistics;

namespace MadgNet.Studies.Reporting;

/// <summary>What a variant reached in one metric on seen or unseen sets.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Scope">Seen or unseen sets.</param>
/// <param name="Metric">The metric's name.</param>
/// <param name="Cases">How many cases every seed was tested on.</param>
/// <param name="Score">The mean over the seeds, each the mean over its cases.</param>
public sealed record VariantScore(StudyVariant Variant, StudyScope Scope, string Metric, int Cases, SeedMean Score);

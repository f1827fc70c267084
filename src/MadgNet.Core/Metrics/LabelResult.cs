namespace MadgNet.Core.Metrics;

/// <summary>The metrics of one label of one case.</summary>
public sealed class LabelResult
{
    private readonly IReadOnlyDictionary<Metric, double> _values;

    internal LabelResult(ConfusionCounts counts, ComponentCounts? components, IReadOnlyDictionary<Metric, double> values)
    {
        Counts = counts;
        Components = components;
        _values = values;
    }

    /// <summary>The confusion table at the threshold.</summary>
    public ConfusionCounts Counts { get; }

    /// <summary>The counts of connected components; null where they were not asked for.</summary>
    public ComponentCounts? Components { get; }

    /// <summary>Whether a report with a rule for empty truths leaves this label out of its means.</summary>
    internal static bool IsLeftOut(EmptyTruths rule, ConfusionCounts counts) => rule != EmptyTruths.Scored
        && counts.TruePositives + counts.FalseNegatives == 0
        && (rule == EmptyTruths.LeftOut || counts.FalsePositives == 0);

    /// <summary>The metrics; NaN where one is undefined for this case.</summary>
    public IReadOnlyDictionary<Metric, double> Values => _values;
}

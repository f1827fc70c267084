namespace MadgNet.Core.Metrics;

/// <summary>The metrics of one case.</summary>
public sealed class CaseResult
{
    internal CaseResult(string name, string? group, int height, int width, IReadOnlyList<LabelResult> labels)
    {
        Name = name;
        Group = group;
        Height = height;
        Width = width;
        Labels = labels;
    }

    /// <summary>The case's name.</summary>
    public string Name { get; }

    /// <summary>The group (patient) that the case belongs to; null where it stands alone.</summary>
    public string? Group { get; }

    /// <summary>Rows of the compared maps.</summary>
    public int Height { get; }

    /// <summary>Columns of the compared maps.</summary>
    public int Width { get; }

    /// <summary>The metrics of every label, in the order of the report's label names.</summary>
    public IReadOnlyList<LabelResult> Labels { get; }

    /// <summary>A metric of the case.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="label">The label, from 0; null for the mean over the labels (macro), which is NaN where one of them
    /// is.</param>
    /// <returns>The value; NaN where it is undefined.</returns>
    public double Value(Metric metric, int? label = null) =>
        label is { } index ? Labels[index].Values[metric] : Labels.Average(result => result.Values[metric]);
}

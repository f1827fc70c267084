namespace MadgNet.Core.Data;

/// <summary>One thing that the doctor, or the search for pairs, noticed about a dataset.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Problem">Where it is (file or sample), what was found, what is expected and what to do.</param>
/// <param name="Related">Further files or samples that it concerns: the other images of a group of near-duplicates.</param>
public sealed record Finding(FindingKind Kind, FindingSeverity Severity, Problem Problem, IReadOnlyList<string> Related)
{
    /// <summary>Creates a finding about one file or sample.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="severity">How much it matters.</param>
    /// <param name="problem">Where it is, what was found, what is expected and what to do.</param>
    public Finding(FindingKind kind, FindingSeverity severity, Problem problem)
        : this(kind, severity, problem, [])
    {
    }
}

namespace MadgNet.Core.Data;

/// <summary>How the doctor examines a dataset.</summary>
public sealed record DoctorOptions
{
    /// <summary>Samples that are examined at the same time, at least 1; default the number of processors.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether images that look the same are searched for; default true. Every pair of images is compared.</summary>
    public bool NearDuplicates { get; init; } = true;

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(Workers), Workers, 1);
        return problems;
    }
}

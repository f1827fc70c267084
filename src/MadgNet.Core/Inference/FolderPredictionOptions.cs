namespace MadgNet.Core.Inference;

/// <summary>How the images of a folder are segmented.</summary>
public sealed record FolderPredictionOptions
{
    /// <summary>Whether the folders below are gone through too. Default false.</summary>
    public bool Recursive { get; init; }

    /// <summary>
    /// How many images are read ahead, 1 to 64, while the network is busy; they are what memory is needed for. Default 2.
    /// </summary>
    public int ReadAhead { get; init; } = 2;

    /// <summary>Whether a file that cannot be segmented ends the work with its exception, instead of being listed. Default false.</summary>
    public bool StopAtFirstError { get; init; }

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(ReadAhead), ReadAhead, 1, 64);
        return problems;
    }
}

namespace MadgNet.Core.Training;

/// <summary>A run folder that another run is training into. Nothing was changed in it.</summary>
public sealed class RunFolderLockedException : MadgNetException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="problem">Who holds it, and what to do.</param>
    public RunFolderLockedException(string folder, Problem problem)
        : base(problem?.ToString() ?? throw new ArgumentNullException(nameof(problem)))
    {
        Folder = folder;
        Problem = problem;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Who holds it, and what to do.</summary>
    public Problem Problem { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => [Problem];
}

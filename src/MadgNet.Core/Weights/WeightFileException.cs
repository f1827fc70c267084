namespace MadgNet.Core.Weights;

/// <summary>
/// A weight file cannot be read or written: it is missing, damaged, of an unknown kind, or asks for something that is
/// refused. Nothing of such a file was used and no file was changed.
/// </summary>
public sealed class WeightFileException : MadgNetException
{
    /// <summary>Creates the exception for one file.</summary>
    /// <param name="path">Path of the file, as the caller gave it.</param>
    /// <param name="problem">What was received, what is expected and what to do.</param>
    /// <param name="innerException">The cause, where another exception was one.</param>
    public WeightFileException(string path, Problem problem, Exception? innerException = null)
        : base(problem?.ToString() ?? throw new ArgumentNullException(nameof(problem)), innerException)
    {
        Path = path;
        Problem = problem;
    }

    /// <summary>Path of the file, as the caller gave it.</summary>
    public string Path { get; }

    /// <summary>What was received, what is expected and what to do.</summary>
    public Problem Problem { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => [Problem];
}

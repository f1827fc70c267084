namespace MadgNet.Core.Imaging;

/// <summary>An image file could not be read: it is missing, damaged, of an unknown format or larger than allowed.</summary>
public sealed class ImageReadException : MadgNetException
{
    /// <summary>Creates the exception for one file.</summary>
    /// <param name="name">The file's path, or the name that the caller gave a stream.</param>
    /// <param name="received">What was found in it.</param>
    /// <param name="expected">What would have been accepted.</param>
    /// <param name="remedy">What the caller can do, as an instruction without its closing full stop.</param>
    /// <param name="innerException">The cause, where another exception was one.</param>
    public ImageReadException(string name, string received, string expected, string remedy, Exception? innerException = null)
        : base(new Problem(name, received, expected, remedy).ToString(), innerException)
    {
        Name = name;
        Problem = new Problem(name, received, expected, remedy);
    }

    /// <summary>The file's path, or the name that the caller gave a stream.</summary>
    public string Name { get; }

    /// <summary>The parts of the message, for a report.</summary>
    public Problem Problem { get; }

    /// <summary>
    /// Whether the file is refused for its size alone: it has, or claims, more pixels or bytes than <see cref="ImageReadOptions"/> allow.
    /// </summary>
    public bool IsTooLarge { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<Problem> Problems => [Problem];
}

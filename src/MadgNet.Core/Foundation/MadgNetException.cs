namespace MadgNet.Core.Foundation;

/// <summary>
/// The base of every exception that this library raises on purpose. Its message says what was received, what is
/// expected and what to do; a host that wants one handler for all of them catches this type.
/// </summary>
public class MadgNetException : Exception
{
    /// <summary>Creates an exception with a complete message.</summary>
    /// <param name="message">What was received, what is expected and what to do.</param>
    public MadgNetException(string message)
        : this(message, null)
    {
    }

    /// <summary>Creates an exception with a complete message and its cause.</summary>
    /// <param name="message">What was received, what is expected and what to do.</param>
    /// <param name="innerException">The cause, where another exception was one.</param>
    public MadgNetException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The parts of the message, for a report; empty where it has none.</summary>
    public virtual IReadOnlyList<Problem> Problems => [];
}

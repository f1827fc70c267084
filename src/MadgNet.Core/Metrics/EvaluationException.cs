namespace MadgNet.Core.Metrics;

/// <summary>An evaluation, a comparison or a stored report cannot be used; the message names the case, set or file.</summary>
public sealed class EvaluationException : MadgNetException
{
    /// <summary>Creates the exception with a complete message.</summary>
    /// <param name="message">What was received, what is expected and what to do.</param>
    public EvaluationException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a complete message and its cause.</summary>
    /// <param name="message">What was received, what is expected and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public EvaluationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

namespace MadgNet.Distributed;

/// <summary>MPI cannot be used, or one of its calls failed.</summary>
public sealed class MpiException : ProcessGroupException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="fault">What kind of failure it is.</param>
    /// <param name="problem">What was received, what is expected and what to do.</param>
    /// <param name="innerException">The cause, where another exception was one.</param>
    public MpiException(MpiFault fault, Problem problem, Exception? innerException = null)
        : base([problem], innerException) => Fault = fault;

    /// <summary>What kind of failure it is.</summary>
    public MpiFault Fault { get; }
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MadgNet.Distributed;

/// <summary>How a <see cref="MpiProcessGroup"/> finds MPI, and when it takes a rank for lost.</summary>
public sealed record MpiOptions
{
    /// <summary>The variable that names the library where <see cref="Library"/> does not.</summary>
    public const string LibraryVariable = "MADGNET_MPI_LIBRARY";

    /// <summary>
    /// The MPI library, as a path or as a name that the system's loader knows, for example <c>libmpi.so.40</c> (Open MPI),
    /// <c>libmpich.so.12</c> (MPICH) or <c>msmpi.dll</c>. Null (the default) takes that of the variable
    /// <c>MADGNET_MPI_LIBRARY</c>, else the one that belongs to what started the process, else the first that is found.
    /// </summary>
    public string? Library { get; init; }

    /// <summary>
    /// How long a rank may give no sign of life before the whole job is ended: a machine that hangs, a process that is
    /// stopped. Above one second; null watches over nobody, and needs no TCP connections between the machines. Default 30 seconds.
    /// </summary>
    public TimeSpan? HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a rank may wait for the others in one operation before the whole job is ended: a rank whose program hangs
    /// although its process lives. Longer than the longest time that ranks are apart, as while one reads slow files. Above
    /// zero; null waits for ever. Default 30 minutes.
    /// </summary>
    public TimeSpan? OperationTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long a rank that failed may take to say so and to end by itself, before the whole job is ended. Zero or more.
    /// Default 10 seconds.
    /// </summary>
    public TimeSpan FailureGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Receives what happens, above all why a job is ended; default nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (Library is not null && string.IsNullOrWhiteSpace(Library))
        {
            problems.Add(new Problem(nameof(Library), "an empty name", "a path, a name or null", "Leave it null to look for a library"));
        }

        if (HeartbeatTimeout is { } heartbeat && (heartbeat <= TimeSpan.FromSeconds(1) || heartbeat > TimeSpan.FromDays(1)))
        {
            problems.Add(new Problem(nameof(HeartbeatTimeout), $"{heartbeat}", "above one second, at most a day, or null", "Use 30 seconds"));
        }

        if (OperationTimeout is { } operation && operation <= TimeSpan.Zero)
        {
            problems.Add(new Problem(nameof(OperationTimeout), $"{operation}", "above zero, or null", "Use 30 minutes"));
        }

        if (FailureGrace < TimeSpan.Zero || FailureGrace > TimeSpan.FromDays(1))
        {
            problems.Add(new Problem(nameof(FailureGrace), $"{FailureGrace}", "zero to a day", "Use 10 seconds"));
        }

        if (Logger is null)
        {
            problems.Add(new Problem(nameof(Logger), "null", "a logger", "Leave the default or set one"));
        }

        return problems;
    }
}

namespace MadgNet.Distributed;

/// <summary>Why MPI cannot be used.</summary>
public enum MpiFault
{
    /// <summary>No MPI library was found.</summary>
    LibraryMissing,

    /// <summary>A library was found that is no MPI library of a known kind.</summary>
    LibraryUnknown,

    /// <summary>The processes were started by another MPI than the library's: each of them would be alone.</summary>
    WrongLauncher,

    /// <summary>The library was built without support for threads.</summary>
    ThreadSupport,

    /// <summary>MPI was used in this process before, which can be done once.</summary>
    AlreadyUsed,

    /// <summary>The ranks cannot reach one another, so that none would notice that another has frozen.</summary>
    Unreachable,

    /// <summary>A call of the library failed.</summary>
    Call,
}

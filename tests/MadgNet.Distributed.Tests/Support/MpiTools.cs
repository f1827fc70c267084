using MadgNet.Core.Tests.Support;

namespace MadgNet.Distributed.Tests.Support;

/// <summary>The tools that tests need: where they are missing, a test is skipped visibly, or fails where they are required.</summary>
internal static class MpiTools
{
    /// <summary>Tests that start jobs run one after another: each takes as many cores as it has ranks.</summary>
    public const string Jobs = "jobs";

    public static TimeSpan Hang { get; } = TimeSpan.FromMinutes(4);

    public static TheoryData<string> Names => [.. Mpi.All.Select(mpi => mpi.Name)];

    /// <summary>The MPI of a name.</summary>
    public static Mpi Require(string name)
    {
        var mpi = Mpi.Named(name);
        ExternalTools.Require(mpi.Launcher, "eng/mpi.sh");
        return mpi;
    }
}

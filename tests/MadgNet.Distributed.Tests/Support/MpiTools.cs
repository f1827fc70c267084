namespace MadgNet.Distributed.Tests.Support;

/// <summary>The tools that tests need: where they are missing, a test is skipped visibly, or fails where they are required.</summary>
internal static class MpiTools
{
    private const string RequireVariable = "MADGNET_REQUIRE_TOOLS";

    /// <summary>Tests that start jobs run one after another: each takes as many cores as it has ranks.</summary>
    public const string Jobs = "jobs";

    public static TimeSpan Hang { get; } = TimeSpan.FromMinutes(4);

    public static TheoryData<string> Names => [.. Mpi.All.Select(mpi => mpi.Name)];

    /// <summary>The MPI of a name.</summary>
    public static Mpi Require(string name)
    {
        var mpi = Mpi.Named(name);
        if (!mpi.IsThere)
        {
            string missing = $"needs {mpi.Name}, whose {mpi.Launcher} was not found; eng/mpi.sh installs it";
            Assert.False(Environment.GetEnvironmentVariable(RequireVariable) == "1", missing);
            Assert.Skip(missing);
        }

        return mpi;
    }
}

using MadgNet.Distributed.Tests.Support;

namespace MadgNet.Distributed.Tests;

/// <summary>Joining, working together and leaving, on the machine's own MPIs.</summary>
[Collection(MpiTools.Jobs)]
public sealed class MpiProcessGroupTests
{
    [Theory]
    [MemberData(nameof(MpiTools.Names), MemberType = typeof(MpiTools))]
    public void Ranks_sum_and_send_what_they_should(string name)
    {
        MpiJob job = MpiJob.Run(MpiTools.Require(name), 3, MpiTools.Hang, "collectives");
        Assert.True(job.ExitCode == 0, job.Text);
        Assert.All(Enumerable.Range(0, 3), rank => Assert.Contains($"rank {rank} of 3, {rank} of 3 here", job.Output, StringComparison.Ordinal));
        Assert.Contains(Mpi.Named(name).Library, job.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Open MPI", "MPICH")]
    [InlineData("MPICH", "Open MPI")]
    public void The_launcher_of_another_mpi_is_told(string launcher, string library)
    {
        MpiTools.Require(library);
        MpiJob job = MpiJob.Run(MpiTools.Require(launcher), 2, MpiTools.Hang, "collectives", $"library={Mpi.Named(library).Library}");
        Assert.NotEqual(0, job.ExitCode);
        Assert.Contains("MpiException WrongLauncher", job.Error, StringComparison.Ordinal);
        Assert.Contains("started 2", job.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("completed", job.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libnothing-of-that-name.so.1", "LibraryMissing")]
    [InlineData("libc.so.6", "LibraryUnknown")]
    public void A_library_that_is_none_is_told(string library, string fault)
    {
        MpiJob job = MpiJob.Run(null, 1, MpiTools.Hang, "collectives", $"library={library}");
        Assert.Equal(1, job.ExitCode);
        Assert.Contains($"MpiException {fault}", job.Error, StringComparison.Ordinal);
        Assert.Contains(library, job.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(MpiTools.Names), MemberType = typeof(MpiTools))]
    public void A_process_that_nothing_launched_is_a_group_of_one(string name)
    {
        MpiJob job = MpiJob.Run(null, 1, MpiTools.Hang, "collectives", $"library={MpiTools.Require(name).Library}");
        Assert.True(job.ExitCode == 0, job.Text);
        Assert.Contains("rank 0 of 1", job.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(MpiTools.Names), MemberType = typeof(MpiTools))]
    public void A_rank_that_ends_well_but_without_completing_ends_the_job_badly(string name)
    {
        MpiJob job = MpiJob.Run(MpiTools.Require(name), 2, MpiTools.Hang, "leave");
        Assert.NotEqual(0, job.ExitCode);
        Assert.Contains("without Complete()", job.Error, StringComparison.Ordinal);
        Assert.Empty(job.Left);
    }

    [Theory]
    [MemberData(nameof(MpiTools.Names), MemberType = typeof(MpiTools))]
    public void A_rank_with_other_data_is_told(string name)
    {
        MpiJob job = MpiJob.Run(MpiTools.Require(name), 2, MpiTools.Hang, "mismatch");
        Assert.NotEqual(0, job.ExitCode);
        Assert.Contains("ProcessGroupException", job.Error, StringComparison.Ordinal);
        Assert.Contains("rank 1, Training.", job.Error, StringComparison.Ordinal);
        Assert.Empty(job.Left);
    }

    [Fact]
    public void Options_are_checked()
    {
        var options = new MpiOptions
        {
            Library = " ",
            HeartbeatTimeout = TimeSpan.FromSeconds(0.5),
            OperationTimeout = TimeSpan.Zero,
            FailureGrace = TimeSpan.FromSeconds(-1),
            Logger = null!,
        };
        Assert.Equal(
            ["Library", "HeartbeatTimeout", "OperationTimeout", "FailureGrace", "Logger"],
            options.Validate().Select(problem => problem.Subject));
        Assert.Empty(new MpiOptions { HeartbeatTimeout = null, OperationTimeout = null }.Validate());
    }

    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE", "4", "libmpi.so.40")]
    [InlineData("PMI_SIZE", "2", "libmpich.so.12")]
    [InlineData("SLURM_STEP_NUM_TASKS", "8", "libmpi.so.40")]
    public void The_library_of_the_launcher_is_looked_for_first(string variable, string size, string library)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the names are Linux's");
        MpiLauncher launcher = MpiLauncher.Find(name => name == variable ? size : null)!;
        Assert.Equal(size, $"{launcher.Size}");
        Assert.Equal(library, MpiLauncher.Candidates(launcher)[0]);
    }

    [Fact]
    public void Without_a_launcher_there_is_none() => Assert.Null(MpiLauncher.Find(_ => null));
}

using MadgNet.Core.Weights;
using MadgNet.Distributed.Tests.Support;

namespace MadgNet.Distributed.Tests;

/// <summary>
/// Whatever befalls a rank, the job ends soon, with an exit code that is not 0, without a process that is left, and with checkpoints that
/// the run goes on from.
/// </summary>
[Collection(MpiTools.Jobs)]
public sealed class MpiFailureTests
{
    /// <summary>What a rank may take to be missed and ended: the heartbeat's ten seconds, and much for a busy machine.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public static TheoryData<string, string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, int>();
            foreach (Mpi mpi in Mpi.All)
            {
                int rank = 0;
                foreach (string fault in (string[])["throw", "hang", "exit0", "exit1", "kill", "stop"])
                {
                    cases.Add(mpi.Name, fault, rank++ % 2);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_lost_rank_ends_the_job(string name, string fault, int rank)
    {
        Mpi mpi = MpiTools.Require(name);
        string folder = Directory.CreateTempSubdirectory("madgnet-fault-").FullName;
        try
        {
            // Late enough that there is a checkpoint on most machines, and at another moment every time.
            int after = Random.Shared.Next(500, 3000);
            string[] work = ["train", $"folder={folder}", "resume=yes", "steps=100000", "validate=50", "checkpoint=5"];
            MpiJob job = MpiJob.Run(
                mpi, 2, MpiTools.Hang, [.. work, $"fault={fault}", $"rank={rank}", $"after={after}", "heartbeat=10", "operation=15"]);
            string text = $"{fault} of rank {rank} after {after} ms: {job.Text}";
            Assert.True(job.ExitCode > 0, text);
            Assert.True(job.SinceFault < Bound, text);
            Assert.Equal(2, job.Processes.Count);
            Assert.True(job.Left is [], $"processes {string.Join(", ", job.Left)} are left; {text}");
            AssertWhole(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AssertWhole(string folder)
    {
        string checkpoints = Path.Combine(folder, "checkpoints");
        foreach (string file in Directory.Exists(checkpoints) ? Directory.GetFiles(checkpoints, "step-*.safetensors") : [])
        {
            SafetensorsFile.Open(file).Dispose();
        }
    }
}

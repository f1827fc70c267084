using System.Globalization;

namespace MadgNet.Core.Foundation;

/// <summary>
/// Which shard a process is to work on, by the environment variables of what started it: an array of jobs of Slurm
/// (<c>SLURM_ARRAY_TASK_ID</c>), an indexed job of Kubernetes (<c>JOB_COMPLETION_INDEX</c>), or the ranks of MPI or
/// <c>srun</c>.
/// </summary>
/// <remarks>
/// Where an array's task starts several ranks, each of them gets a shard of the task's own. Slurm tells a task that is
/// submitted again alone (<c>--array=7</c>) that it is the only one, and Kubernetes tells no process how many there are: say
/// the shard, or the number of jobs, there.
/// </remarks>
public static class ShardVariables
{
    /// <summary>The variable that may say how many jobs there are.</summary>
    public const string CountName = "MADGNET_SHARDS";

    private static readonly (string Rank, string Size)[] Ranks =
    [
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
        ("PMI_RANK", "PMI_SIZE"),
        ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
    ];

    /// <summary>The shard that the environment names.</summary>
    /// <param name="jobs">How many jobs the array has; null to go by <c>SLURM_ARRAY_TASK_COUNT</c> or <c>MADGNET_SHARDS</c>.</param>
    /// <param name="read">Reads a variable; null for the variables of this process.</param>
    /// <returns>The shard.</returns>
    /// <exception cref="InvalidOptionsException">No variable names a shard, or what they say does not fit together.</exception>
    public static Shard Read(int? jobs = null, Func<string, string?>? read = null)
    {
        read ??= Environment.GetEnvironmentVariable;
        int? count = jobs ?? Number(read, CountName);
        (int Index, int Count)? outer = Number(read, "SLURM_ARRAY_TASK_ID") is { } task
            ? Array(read, task, count)
            : Number(read, "JOB_COMPLETION_INDEX") is { } index ? Indexed(index, count) : null;
        (int Index, int Count)? inner = OfRank(read);
        if (outer is null && inner is null)
        {
            throw Refuse(
                "no variable that names one",
                "SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, OMPI_COMM_WORLD_RANK, PMI_RANK or SLURM_PROCID",
                "Name the shard, for example 3/16, or start the process as one of a job's");
        }

        (int place, int places) = outer ?? (0, 1);
        (int rank, int ranks) = inner ?? (0, 1);
        if (outer is null && count is { } said && said != ranks)
        {
            throw Refuse($"{ranks} ranks, where {said} shards are asked for", "as many of both", "Leave the number of shards out");
        }

        return new Shard((place * ranks) + rank + 1, checked(places * ranks));
    }

    private static (int Index, int Count) Array(Func<string, string?> read, int task, int? count)
    {
        int least = Number(read, "SLURM_ARRAY_TASK_MIN") ?? 0;
        int step = Math.Max(1, Number(read, "SLURM_ARRAY_TASK_STEP") ?? 1);
        int tasks = Number(read, "SLURM_ARRAY_TASK_COUNT") ?? throw Refuse(
            "SLURM_ARRAY_TASK_ID without SLURM_ARRAY_TASK_COUNT", "both", "Name the shard, as in $SLURM_ARRAY_TASK_ID/16");
        if (count is { } said && said != tasks)
        {
            // Whether the array that this task is of began with 0 or 1 is not known here.
            throw Refuse(
                $"an array of {tasks} tasks, where {said} shards are asked for",
                "as many of both",
                "Name the shard of a task that is submitted again alone, as in $SLURM_ARRAY_TASK_ID/16 for arrays from 1 on");
        }

        int most = Number(read, "SLURM_ARRAY_TASK_MAX") ?? (least + ((tasks - 1) * step));
        return most - least == (tasks - 1) * step && (task - least) % step == 0
            ? Checked((task - least) / step, tasks, $"SLURM_ARRAY_TASK_ID={task}")
            : throw Refuse(
                $"task {task} of an array of {tasks} tasks from {least} to {most}, with gaps",
                "an array without gaps",
                "Submit --array=1-N, or name the shard of every task");
    }

    private static (int Index, int Count) Indexed(int index, int? count) => Checked(
        index,
        count ?? throw Refuse(
            "JOB_COMPLETION_INDEX without a number of jobs",
            "the job's completions",
            $"Say how many there are, as in auto/16, or set {CountName}"),
        $"JOB_COMPLETION_INDEX={index}");

    private static (int Index, int Count)? OfRank(Func<string, string?> read)
    {
        foreach ((string rank, string size) in Ranks)
        {
            if (Number(read, rank) is { } mine && Number(read, size) is { } all && all > 1)
            {
                return Checked(mine, all, $"{rank}={mine}");
            }
        }

        return null;
    }

    private static (int Index, int Count) Checked(int index, int count, string received) => index >= 0 && index < count
        ? (index, count)
        : throw Refuse($"{received} of {count}", $"one of {count}", "Check the array's or job's number of tasks");

    private static int? Number(Func<string, string?> read, string name) => read(name) is not { Length: > 0 } text
        ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw Refuse($"{name}={text}", "a whole number", "Check who set it");

    private static InvalidOptionsException Refuse(string received, string expected, string remedy) =>
        new("The shard of this process", [new Problem("shard", received, expected, remedy)]);
}

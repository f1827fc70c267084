using System.Globalization;

namespace MadgNet.Distributed;

/// <summary>What started this process, by the variables that it set.</summary>
/// <param name="Name">Its name, in words.</param>
/// <param name="Variable">The variable that says how many processes there are.</param>
/// <param name="Size">How many it says.</param>
internal sealed record MpiLauncher(string Name, string Variable, int Size)
{
    private static readonly (string Name, string Variable)[] Known =
    [
        ("Open MPI's mpirun", "OMPI_COMM_WORLD_SIZE"),
        ("MPICH's mpiexec", "PMI_SIZE"),
        ("srun", "SLURM_STEP_NUM_TASKS"),
    ];

    /// <summary>The launcher; null where nothing tells of one.</summary>
    public static MpiLauncher? Find(Func<string, string?> read)
    {
        foreach ((string name, string variable) in Known)
        {
            if (int.TryParse(read(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0)
            {
                return new MpiLauncher(name, variable, size);
            }
        }

        return null;
    }

    /// <summary>The libraries to try, those that belong to the launcher first.</summary>
    public static IReadOnlyList<string> Candidates(MpiLauncher? launcher)
    {
        if (OperatingSystem.IsWindows())
        {
            return ["msmpi.dll", "impi.dll"];
        }

        if (OperatingSystem.IsMacOS())
        {
            return ["libmpi.dylib", "libmpi.40.dylib", "libmpi.12.dylib"];
        }

        string[] open = ["libmpi.so.40", "libmpi.so.80"];
        string[] mpich = ["libmpich.so.12", "libmpi.so.12"];
        return launcher?.Variable == "PMI_SIZE" ? [.. mpich, .. open, "libmpi.so"] : [.. open, .. mpich, "libmpi.so"];
    }
}

namespace MadgNet.Distributed.Tests.Support;

/// <summary>An MPI of this machine: the launcher by its own name, because 'mpirun' may be either's, and the library.</summary>
public sealed record Mpi(string Name, string Launcher, string Library)
{
    public static Mpi Open { get; } = new("Open MPI", "mpirun.openmpi", "libmpi.so.40");

    public static Mpi Mpich { get; } = new("MPICH", "mpirun.mpich", "libmpich.so.12");

    public static IReadOnlyList<Mpi> All => [Open, Mpich];

    /// <summary>Whether the launcher is there.</summary>
    public bool IsThere => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, Launcher)));

    public static Mpi Named(string name) => All.Single(mpi => mpi.Name == name);

    public override string ToString() => Name;
}

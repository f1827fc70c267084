using System.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Runtime;
using MadgNet.Distributed;
using TorchSharp;

namespace MadgNet.Cli.CommandLine;

/// <summary>
/// The processes that a command works in together, with <c>--distributed</c>; this one alone without it. Rank 0 speaks for all of
/// them, the others only of what goes wrong.
/// </summary>
internal sealed class Ranks : IDisposable
{
    private readonly MpiProcessGroup? _mpi;

    private Ranks(MpiProcessGroup? mpi) => _mpi = mpi;

    /// <summary>The ranks.</summary>
    public ProcessGroup Group => _mpi ?? ProcessGroup.Single;

    /// <summary>Whether this process writes files.</summary>
    public bool Lead => Group.Leads;

    public static Option<bool> Distributed() => new("--distributed")
    {
        Description = "Train together with the other processes that mpirun, mpiexec or srun started; --batch is that of all of them.",
    };

    public static Option<string?> Library() => new("--mpi-library")
    {
        Description = $"The MPI library, with --distributed. [default: ${MpiOptions.LibraryVariable}, else the launcher's]",
        HelpName = "FILE",
    };

    /// <summary>Joins the others where the command line asks for it.</summary>
    public static Ranks Join(ParseResult arguments, Option<bool> distributed, Option<string?> library, CommandOutput output)
    {
        string? name = arguments.GetValue(library);
        if (!arguments.GetValue(distributed))
        {
            return name is null
                ? new Ranks(null)
                : throw new UsageException(new Problem(
                    library.Name, $"'{name}' without {distributed.Name}", $"{distributed.Name} beside it", "Add it, or leave the library out"));
        }

        var group = MpiProcessGroup.Initialize(new MpiOptions { Library = name, Logger = output.Logger });
        if (!group.Leads)
        {
            output.SpeakAsRank(group.Rank);
        }

        output.Note($"{group.Size} ranks, {group.LocalSize} on this machine, on {group.Library}");
        return new Ranks(group);
    }

    /// <summary>The device of this rank: where it is not named with its number, the GPU of the rank's number on the machine.</summary>
    public string DeviceOf(string text)
    {
        if (_mpi is null || text is not ("auto" or "cuda"))
        {
            return text;
        }

        NativeRuntime.EnsureAvailable();
        return torch.cuda.is_available() ? $"cuda:{Group.LocalRank}" : text;
    }

    /// <summary>The threads of this rank: where nobody says how many, its share of the machine's cores.</summary>
    public int? ThreadsOf(int? asked)
    {
        bool decided = asked is not null || Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is { Length: > 0 };
        return decided || _mpi is null ? asked : Math.Max(1, Environment.ProcessorCount / Group.LocalSize);
    }

    /// <summary>Ends the work of this rank as done. Without it the whole job fails.</summary>
    public void Complete() => _mpi?.Complete();

    public void Dispose() => _mpi?.Dispose();
}

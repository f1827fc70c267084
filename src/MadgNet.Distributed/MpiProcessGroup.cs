using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Logging;

namespace MadgNet.Distributed;

/// <summary>
/// The processes that <c>mpirun</c>, <c>mpiexec</c>, <c>srun</c> or an <c>MPIJob</c> started, on the machine's own MPI: Open MPI,
/// MPICH and what derives from it, or MS-MPI.
/// </summary>
/// <remarks>
/// <para>A process joins once, with <see cref="Initialize"/>, and ends its part with <see cref="Complete"/>. Whoever ends
/// without it (by an exception, by <c>exit</c>, by a signal) ends the whole job with an exit code that is not 0, so that nobody
/// waits for a rank that is gone. The same happens where a rank gives no sign of life
/// (<see cref="MpiOptions.HeartbeatTimeout"/>) or an operation takes too long (<see cref="MpiOptions.OperationTimeout"/>).</para>
/// <para>A process that was started without any launcher is a group of one.</para>
/// </remarks>
/// <example>
/// <code>
/// using var group = MpiProcessGroup.Initialize();
/// new Trainer(model, new TrainerOptions { ProcessGroup = group }).Train(loader);
/// group.Complete();
/// </code>
/// </example>
public sealed class MpiProcessGroup : ProcessGroup
{
    private const int FailureCode = 1;
    private const int LargestBroadcast = 1 << 30;
    private static readonly TimeSpan AbortTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FinalizeTime = TimeSpan.FromSeconds(60);

    private readonly MpiLibrary _library;
    private readonly MpiOptions _options;
    private readonly Lock _gate = new();
    private Heartbeat? _heartbeat;
    private long _busySince;
    private int _ending;
    private bool _failed;
    private bool _completed;
    private bool _left;

    private MpiProcessGroup(MpiLibrary library, MpiOptions options)
    {
        _library = library;
        _options = options;
        Rank = library.Rank();
        Size = library.Size();
    }

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override int Size { get; }

    /// <inheritdoc/>
    public override int LocalRank => LocalRankOf;

    /// <inheritdoc/>
    public override int LocalSize => LocalSizeOf;

    /// <summary>The MPI library: its name as it was loaded, and what it says of itself.</summary>
    public string Library => $"{_library.Path} ({_library.Version})";

    private int LocalRankOf { get; set; }

    private int LocalSizeOf { get; set; } = 1;

    /// <summary>Joins the processes that were started together with this one.</summary>
    /// <param name="options">How; the defaults when null.</param>
    /// <returns>The group. Call <see cref="Complete"/> before disposing of it.</returns>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    /// <exception cref="MpiException">There is no MPI library, the processes were started by another MPI than the library's, the
    /// library does not support threads, MPI was used in this process before, or the ranks cannot reach one another.</exception>
    public static MpiProcessGroup Initialize(MpiOptions? options = null)
    {
        options ??= new MpiOptions();
        InvalidOptionsException.ThrowIfAny(nameof(MpiProcessGroup), options.Validate());
        var launcher = MpiLauncher.Find(Environment.GetEnvironmentVariable);
        MpiLibrary library = MpiLibrary.Load(
            options.Library ?? Environment.GetEnvironmentVariable(MpiOptions.LibraryVariable) switch { "" => null, var name => name },
            MpiLauncher.Candidates(launcher));
        if (library.IsInitialized() || library.IsFinalized())
        {
            throw new MpiException(
                MpiFault.AlreadyUsed,
                new Problem(
                    nameof(MpiProcessGroup), "a process that used MPI before", "one group a process", "Join once, and keep the group"));
        }

        bool threads = library.Initialize();
        var group = new MpiProcessGroup(library, options);
        AppDomain.CurrentDomain.ProcessExit += group.OnProcessExit;
        try
        {
            group.Check(launcher, threads);
            group.Join();
            return group;
        }
        catch (Exception exception)
        {
            if (group.Size == 1)
            {
                // Nobody waits for a world of one.
                group.Finish();
            }
            else
            {
                group.Fail(exception);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public override void Sum(Span<float> values)
    {
        using Operation operation = Enter();
        _library.Sum(values);
    }

    /// <inheritdoc/>
    public override void Sum(Span<double> values)
    {
        using Operation operation = Enter();
        _library.Sum(values);
    }

    /// <inheritdoc/>
    public override void Sum(Span<long> values)
    {
        using Operation operation = Enter();
        _library.Sum(values);
    }

    /// <inheritdoc/>
    public override void Maximum(Span<double> values)
    {
        using Operation operation = Enter();
        _library.Maximum(values);
    }

    /// <inheritdoc/>
    public override void Broadcast(Span<byte> bytes, int root)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(root);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(root, Size);
        using Operation operation = Enter();
        for (int start = 0; start < bytes.Length; start += LargestBroadcast)
        {
            _library.Broadcast(bytes.Slice(start, Math.Min(LargestBroadcast, bytes.Length - start)), root);
        }
    }

    /// <inheritdoc/>
    public override void Barrier()
    {
        using Operation operation = Enter();
        _library.Barrier();
    }

    /// <inheritdoc/>
    public override void Fail(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        lock (_gate)
        {
            if (_failed || _left)
            {
                return;
            }

            _failed = true;
        }

        _options.Logger.LogError(cause, "Rank {Rank} of {Size} failed: all ranks end", Rank, Size);
        StartThread("MadgNet failure", () =>
        {
            Thread.Sleep(_options.FailureGrace);
            End(FailureCode);
        });
    }

    /// <inheritdoc/>
    [DoesNotReturn]
    public override void Abort(int exitCode)
    {
        End(exitCode == 0 ? FailureCode : exitCode);
        throw new InvalidOperationException("The process ends.");
    }

    /// <summary>
    /// Ends this rank's part as done: waits for all ranks to come here and leaves MPI. Afterwards the group only knows its ranks.
    /// </summary>
    /// <exception cref="ProcessGroupException">This rank failed before.</exception>
    public void Complete()
    {
        if (_completed)
        {
            return;
        }

        if (_failed)
        {
            throw new ProcessGroupException([new Problem(
                $"rank {Rank}", "a group that failed", "a group that works", "Let the process end, and look at what failed first")]);
        }

        Barrier();
        _completed = true;
        Finish();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_completed && !_left)
        {
            Fail(new ProcessGroupException([new Problem(
                $"rank {Rank}",
                "the end of its work without Complete()",
                $"{nameof(MpiProcessGroup)}.{nameof(Complete)} where all went well",
                "Look at the exception that ended it; where there is none, call Complete before disposing of the group")]));
        }

        base.Dispose(disposing);
    }

    private static void StartThread(string name, Action work) =>
        new Thread(() => work()) { IsBackground = true, Name = name, Priority = ThreadPriority.Highest }.Start();

    private void Check(MpiLauncher? launcher, bool threads)
    {
        if (launcher is not null && launcher.Size > 1 && Size == 1)
        {
            throw new MpiException(
                MpiFault.WrongLauncher,
                new Problem(
                    nameof(MpiOptions.Library),
                    $"{_library.Path} ({_library.Version}), which knows of one process, where {launcher.Name} started {launcher.Size} "
                        + $"({launcher.Variable})",
                    "a launcher and a library of the same MPI",
                    $"Start with the library's own mpirun (for srun: the right --mpi), or name the launcher's library in "
                        + $"MpiOptions.Library or {MpiOptions.LibraryVariable}"));
        }

        if (!threads)
        {
            throw new MpiException(
                MpiFault.ThreadSupport,
                new Problem(
                    nameof(MpiOptions.Library),
                    $"{_library.Path} ({_library.Version}), built without support for threads",
                    "MPI_THREAD_SERIALIZED: calls from any thread, one at a time",
                    "Install a library with that support, as those of distributions have"));
        }
    }

    private void Join()
    {
        byte[][] machines = GatherBytes(Encoding.UTF8.GetBytes(Environment.MachineName));
        LocalSizeOf = machines.Count(machine => machine.AsSpan().SequenceEqual(machines[Rank]));
        LocalRankOf = machines.Take(Rank).Count(machine => machine.AsSpan().SequenceEqual(machines[Rank]));
        if (_options.HeartbeatTimeout is not null && Size > 1)
        {
            _heartbeat = new Heartbeat(Rendezvous.Connect(this), _options.HeartbeatTimeout, OwnFault, Lost, _options.Logger);
        }
        else if (_options.OperationTimeout is not null && Size > 1)
        {
            _heartbeat = new Heartbeat([], null, OwnFault, Lost, _options.Logger);
        }

        if (_options.Logger.IsEnabled(LogLevel.Information))
        {
            _options.Logger.LogInformation("Rank {Rank} of {Size} on {Library}", Rank, Size, Library);
        }
    }

    private string? OwnFault()
    {
        long since = Interlocked.Read(ref _busySince);
        return since != 0 && _options.OperationTimeout is { } most && Stopwatch.GetElapsedTime(since) > most
            ? $"the other ranks did not come for {most.TotalSeconds:F0} s"
            : null;
    }

    private void Lost(string fault)
    {
        _options.Logger.LogCritical("Rank {Rank} of {Size} ends the job: {Fault}", Rank, Size, fault);
        End(FailureCode);
    }

    private Operation Enter()
    {
        ObjectDisposedException.ThrowIf(_left, this);
        if (_failed)
        {
            throw new ProcessGroupException([new Problem(
                $"rank {Rank}", "a group that failed", "a group that works", "Let the process end, and look at what failed first")]);
        }

        Interlocked.Exchange(ref _busySince, Stopwatch.GetTimestamp());
        return new Operation(this);
    }

    private void OnProcessExit(object? sender, EventArgs arguments)
    {
        if (!_left)
        {
            // MPI would wait for this rank, or (MPICH) call its end a success.
            _options.Logger.LogError("Rank {Rank} of {Size} ends without having completed: all ranks end", Rank, Size);
            End(Environment.ExitCode == 0 ? FailureCode : Environment.ExitCode);
        }
    }

    /// <summary>Leaves MPI on purpose.</summary>
    private void Finish()
    {
        _heartbeat?.Leave();
        StartThread("MadgNet finalize", () =>
        {
            Thread.Sleep(FinalizeTime);
            if (!_left)
            {
                End(FailureCode);
            }
        });
        _library.FinalizeAll();
        _left = true;
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        _heartbeat?.Dispose();
        _heartbeat = null;
    }

    /// <summary>
    /// Ends all ranks. Where MPI cannot do it, this process ends by force, which MPI and the heartbeats of others notice.
    /// </summary>
    private void End(int exitCode)
    {
        if (_left)
        {
            return;
        }

        if (Interlocked.Exchange(ref _ending, 1) != 0)
        {
            Thread.Sleep(Timeout.Infinite);
        }

        StartThread("MadgNet end", () =>
        {
            Thread.Sleep(AbortTime);
            using var self = Process.GetCurrentProcess();
            self.Kill();
        });
        _library.Abort(exitCode);
        Thread.Sleep(Timeout.Infinite);
    }

    /// <summary>Marks an operation in which this rank may have to wait.</summary>
    private readonly ref struct Operation(MpiProcessGroup group)
    {
        public void Dispose() => Interlocked.Exchange(ref group._busySince, 0);
    }
}

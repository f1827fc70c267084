using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace MadgNet.Core.Training.Reporting;

/// <summary>
/// A run folder held by one training. The file <c>.run.lock</c> in it is locked with the system's advisory lock and says which process on
/// which host holds it; it is removed when the run ends. A lock that a killed process left is taken over.
/// </summary>
/// <remarks>
/// Where the file system does not pass locks on to other hosts, the age of the file tells: its holder touches it every 15 seconds, and one
/// of another host that was not touched for 90 seconds is stale. Times are compared as the file system itself gives them.
/// </remarks>
internal sealed partial class RunLock : IDisposable
{
    /// <summary>The name of the file in a run folder.</summary>
    public const string FileName = ".run.lock";

    private const int Attempts = 5;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(90);

    private readonly FileStream _stream;
    private readonly Timer _beat;
    private readonly Holder _holder;
    private readonly Lock _gate = new();
    private bool _released;

    private RunLock(FileStream stream, Holder holder)
    {
        _stream = stream;
        _holder = holder;
        _beat = new Timer(_ => Touch(), null, Beat, Beat);
    }

    /// <summary>Takes the folder, which has to be there.</summary>
    /// <exception cref="RunFolderLockedException">Another run has it.</exception>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static RunLock Take(string folder, ILogger logger)
    {
        string path = Path.Combine(folder, FileName);
        for (int attempt = 1; ; attempt++)
        {
            FileStream stream = Open(folder, path);
            try
            {
                Holder? before = Read(stream.SafeFileHandle);
                if (before is not null && IsAlive(before, folder, path))
                {
                    throw Locked(folder, before);
                }

                Holder own = Holder.OfProcess();
                Write(stream, own);

                // Between opening and locking, its holder may have removed the file: then the name is free, or another's.
                if (ReadByPath(path)?.Token == own.Token)
                {
                    if (before is not null)
                    {
                        logger.LogWarning(
                            "The lock of {Folder} was left by process {Process} on {Host}, which has ended; it is taken over",
                            folder,
                            before.Process,
                            before.Host);
                    }

                    return new RunLock(stream, own);
                }

                stream.Dispose();
                if (attempt == Attempts)
                {
                    throw Locked(folder, ReadByPath(path));
                }
            }
            catch
            {
                stream.Dispose();
                throw;
            }
        }
    }

    /// <summary>Gives the folder back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_released)
            {
                return;
            }

            _released = true;
            _beat.Dispose();
            try
            {
                // Removed while it is held: nobody can have taken it in between.
                File.Delete(_stream.Name);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // An empty file says the same: nobody holds the folder.
                TryEmpty();
            }
            finally
            {
                _stream.Dispose();
            }
        }
    }

    private static FileStream Open(string folder, string path)
    {
        try
        {
            // Elsewhere than on Windows a lock is a lock for everybody who asks, and no sharing is the way to ask for one.
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = OperatingSystem.IsWindows() ? FileShare.Read | FileShare.Delete : FileShare.None,
                BufferSize = 0,
            });
        }
        catch (IOException) when (ReadByPath(path) is { } holder)
        {
            throw Locked(folder, holder);
        }
    }

    private static RunFolderLockedException Locked(string folder, Holder? holder) => new(folder, new Problem(
        folder,
        holder is null
            ? "a folder that another run has just taken"
            : $"a folder that process {holder.Process} on {holder.Host} has been training into since {holder.Started:u}",
        "a folder that no other run writes to",
        $"Wait for that run, choose another folder, or remove {FileName} there if that process does not exist any more"));

    private static bool IsAlive(Holder holder, string folder, string path)
    {
        if (holder.Host == Environment.MachineName)
        {
            return holder.IsProcessAlive();
        }

        string probe = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            File.WriteAllBytes(probe, []);
            return File.GetLastWriteTimeUtc(probe) - File.GetLastWriteTimeUtc(path) < StaleAfter;
        }
        finally
        {
            File.Delete(probe);
        }
    }

    private static Holder? ReadByPath(string path)
    {
        try
        {
            using SafeFileHandle? handle = OpenUnlocked(path);
            return handle is null ? null : Read(handle);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>.NET asks for a lock of its own whenever it opens a file, which the holder's refuses.</summary>
    private static SafeFileHandle? OpenUnlocked(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }

        int descriptor = OpenFile(path, 0);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    private static Holder? Read(SafeFileHandle handle)
    {
        const int Longest = 4096;
        byte[] content = new byte[Longest];
        int length = RandomAccess.Read(handle, content, 0);
        try
        {
            return length == 0 ? null : JsonSerializer.Deserialize<Holder>(content.AsSpan(0, length));
        }
        catch (JsonException)
        {
            // Torn by a crash: nobody can be told from it.
            return null;
        }
    }

    private static void Write(FileStream stream, Holder holder)
    {
        stream.SetLength(0);
        stream.Position = 0;
        JsonSerializer.Serialize(stream, holder);
        stream.Flush(flushToDisk: true);
    }

    private void Touch()
    {
        lock (_gate)
        {
            if (_released)
            {
                return;
            }

            try
            {
                Write(_stream, _holder);
            }
            catch (IOException)
            {
                // A full disk: the lock itself is still held, and the next beat tries again.
            }
        }
    }

    private void TryEmpty()
    {
        try
        {
            _stream.SetLength(0);
        }
        catch (IOException)
        {
            // What is left names a process that ends, and is found stale.
        }
    }

    /// <summary>Who holds a folder.</summary>
    internal sealed record Holder(int Process, string Host, DateTimeOffset Started, long ProcessStart, Guid Token)
    {
        public static Holder OfProcess()
        {
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            return new Holder(
                Environment.ProcessId, Environment.MachineName, DateTimeOffset.UtcNow, StartOf(process), Guid.NewGuid());
        }

        public bool IsProcessAlive()
        {
            try
            {
                using var process = System.Diagnostics.Process.GetProcessById(Process);

                // Numbers are used again: the start tells whether it is the same process, as far as the system gives it exactly.
                return !process.HasExited && Math.Abs(StartOf(process) - ProcessStart) <= TimeSpan.TicksPerSecond * 2;
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
            {
                return false;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // It is there, and is somebody else's.
                return true;
            }
        }

        private static long StartOf(Process process) => process.StartTime.ToUniversalTime().Ticks;
    }
}

using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace MadgNet.Distributed;

/// <summary>
/// Watches over ranks from a thread of its own, beside MPI: a rank that is stopped, or whose machine hangs, gives no sign of
/// life, and MPI itself would wait for it for ever. Rank 0 has a connection to every other rank, each of them one to rank 0.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    private const byte Alive = (byte)'h';
    private const byte Goodbye = (byte)'g';

    private readonly List<Peer> _peers;
    private readonly TimeSpan? _timeout;
    private readonly TimeSpan _interval;
    private readonly Func<string?> _ownFault;
    private readonly Action<string> _lost;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _stop = new(false);
    private readonly byte[] _received = new byte[256];
    private volatile bool _leaving;

    /// <summary>Begins to watch.</summary>
    /// <param name="connections">A connected socket for each rank that is watched; owned from now on.</param>
    /// <param name="timeout">How long a rank may be silent; null where only this process is watched.</param>
    /// <param name="ownFault">Says what is wrong with this process itself; null where nothing is.</param>
    /// <param name="lost">Told what happened, once, on the watch's own thread; ends the job. It may dispose of the watch.</param>
    /// <param name="logger">Told of what only looks wrong.</param>
    public Heartbeat(
        IEnumerable<(int Rank, Socket Socket)> connections, TimeSpan? timeout, Func<string?> ownFault, Action<string> lost, ILogger logger)
    {
        long now = Stopwatch.GetTimestamp();
        _peers = [.. connections.Select(entry => new Peer(entry.Rank, entry.Socket) { Seen = now })];
        _timeout = timeout;
        _interval = TimeSpan.FromMilliseconds(Math.Clamp((timeout ?? TimeSpan.FromSeconds(4)).TotalMilliseconds / 8, 50, 1000));
        _ownFault = ownFault;
        _lost = lost;
        _logger = logger;
        _thread = new Thread(Watch) { IsBackground = true, Name = "MadgNet heartbeat", Priority = ThreadPriority.Highest };
        _thread.Start();
    }

    /// <summary>Tells the others that this rank leaves on purpose; from now on nobody is missed.</summary>
    public void Leave()
    {
        Stop();
        foreach (Peer peer in _peers.Where(peer => !peer.Left))
        {
            _ = TrySend(peer, Goodbye);
        }
    }

    public void Dispose()
    {
        Stop();
        _peers.ForEach(peer => peer.Socket.Dispose());
        _stop.Dispose();
    }

    private void Stop()
    {
        _leaving = true;
        _stop.Set();

        // Whoever is told of a loss may dispose of the watch at once: on its own thread, which ends by itself after that.
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private void Watch()
    {
        long last = Stopwatch.GetTimestamp();
        while (!_stop.Wait(_interval))
        {
            long now = Stopwatch.GetTimestamp();
            if (_timeout is { } silence && Stopwatch.GetElapsedTime(last, now) > silence / 2)
            {
                // This process itself stood still, as when a whole job is suspended: it cannot blame the others.
                _logger.LogWarning("This process stood still for {Seconds:F1} s", Stopwatch.GetElapsedTime(last, now).TotalSeconds);
                _peers.ForEach(peer => peer.Seen = now);
            }

            last = now;
            string? fault = _ownFault()
                ?? _peers.Where(peer => !peer.Left).Select(peer => Look(peer, now)).FirstOrDefault(found => found is not null);
            if (fault is not null && !_leaving)
            {
                _lost(fault);
                return;
            }
        }
    }

    /// <summary>Exchanges signs of life with a rank.</summary>
    /// <returns>What is wrong with it; null where nothing is.</returns>
    private string? Look(Peer peer, long now)
    {
        bool reached = TrySend(peer, Alive);
        try
        {
            while (peer.Socket.Poll(0, SelectMode.SelectRead))
            {
                int count = peer.Socket.Receive(_received);
                if (count == 0)
                {
                    return $"rank {peer.Rank} ended without leaving the group";
                }

                peer.Seen = now;
                if (_received.AsSpan(0, count).Contains(Goodbye))
                {
                    peer.Left = true;
                    return null;
                }
            }
        }
        catch (SocketException exception)
        {
            return $"the connection to rank {peer.Rank} broke ({exception.Message})";
        }

        if (!reached)
        {
            return $"the connection to rank {peer.Rank} broke";
        }

        return _timeout is { } silence && Stopwatch.GetElapsedTime(peer.Seen, now) > silence
            ? $"rank {peer.Rank} gave no sign of life for {silence.TotalSeconds:F0} s: its process is stopped, or its machine or network is"
            : null;
    }

    private static bool TrySend(Peer peer, byte what)
    {
        try
        {
            // A rank that does not read fills its buffer after hours; until then it is long missed.
            return !peer.Socket.Poll(0, SelectMode.SelectWrite) || peer.Socket.Send([what]) == 1;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private sealed class Peer(int rank, Socket socket)
    {
        public int Rank { get; } = rank;

        public Socket Socket { get; } = socket;

        public long Seen { get; set; }

        public bool Left { get; set; }
    }
}

using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace MadgNet.Distributed.Tests;

/// <summary>Signs of life over real connections.</summary>
public sealed class HeartbeatTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_silent_rank_is_missed()
    {
        (Socket here, Socket there) = Connect();
        using Socket silent = there;
        var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var heartbeat = new Heartbeat([(3, here)], Silence, () => null, lost.SetResult, NullLogger.Instance);
        string reason = await lost.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Contains("rank 3 gave no sign of life", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rank_that_vanishes_is_missed_at_once()
    {
        (Socket here, Socket there) = Connect();
        var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var heartbeat = new Heartbeat([(1, here)], TimeSpan.FromHours(1), () => null, lost.SetResult, NullLogger.Instance);
        there.Dispose();
        string reason = await lost.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Contains("rank 1", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranks_that_give_signs_and_leave_are_not_missed()
    {
        (Socket here, Socket there) = Connect();
        var lost = new List<string>();
        using (var one = new Heartbeat([(1, here)], TimeSpan.FromSeconds(30), () => null, lost.Add, NullLogger.Instance))
        using (var other = new Heartbeat([(0, there)], TimeSpan.FromSeconds(30), () => null, lost.Add, NullLogger.Instance))
        {
            one.Leave();
            other.Leave();
        }

        Assert.Empty(lost);
    }

    [Fact]
    public async Task What_is_wrong_with_the_process_itself_is_told()
    {
        var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var heartbeat = new Heartbeat([], null, () => "it waits too long", lost.SetResult, NullLogger.Instance);
        string reason = await lost.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal("it waits too long", reason);
    }

    [Fact]
    public void Who_is_told_may_dispose_of_the_watch_at_once()
    {
        Heartbeat? heartbeat = null;
        using var made = new ManualResetEventSlim();
        using var disposed = new ManualResetEventSlim();
        heartbeat = new Heartbeat([], null, () => made.IsSet ? "it waits too long" : null, _ => Dispose(), NullLogger.Instance);
        made.Set();
        Assert.True(disposed.Wait(Patience, TestContext.Current.CancellationToken), "the watch waits for itself");

        void Dispose()
        {
            heartbeat!.Dispose();
            disposed.Set();
        }
    }

    private static (Socket Here, Socket There) Connect()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var here = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        here.Connect(listener.LocalEndPoint!);
        return (here, listener.Accept());
    }
}

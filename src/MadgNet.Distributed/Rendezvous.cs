using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;

namespace MadgNet.Distributed;

/// <summary>
/// Connects every rank to rank 0 by TCP. Rank 0 says through the group where it listens and a token that only its ranks know.
/// </summary>
internal static class Rendezvous
{
    private const int TokenLength = 16;
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AcceptTime = TimeSpan.FromSeconds(60);

    /// <summary>Connects; every rank calls it.</summary>
    /// <returns>On rank 0 a socket for every other rank, elsewhere one to rank 0.</returns>
    /// <exception cref="MpiException">Not all ranks could be reached.</exception>
    public static List<(int Rank, Socket Socket)> Connect(ProcessGroup group)
    {
        using Socket? listener = group.Leads ? Listen() : null;
        Invitation? mine = listener is null
            ? null
            : new Invitation(
                Environment.MachineName,
                ((IPEndPoint)listener.LocalEndPoint!).Port,
                [.. Addresses().Select(address => address.ToString())],
                Convert.ToHexString(RandomNumberGenerator.GetBytes(TokenLength)));
        byte[] text = group.OfLeader(mine is null ? [] : JsonSerializer.SerializeToUtf8Bytes(mine));
        Invitation invitation = mine ?? JsonSerializer.Deserialize<Invitation>(text)!;
        byte[] token = Convert.FromHexString(invitation.Token);
        var sockets = new List<(int Rank, Socket Socket)>();
        if (listener is not null)
        {
            Accept(listener, group.Size - 1, token, sockets);
        }
        else if (Reach(invitation, token, group.Rank) is { } socket)
        {
            sockets.Add((0, socket));
        }

        double[] reached = [.. group.Gather([sockets.Count]).Select(count => count[0])];
        int[] lost = [.. Enumerable.Range(1, group.Size - 1).Where(rank => reached[rank] == 0)];
        if (lost.Length == 0 && (int)reached[0] == group.Size - 1)
        {
            return sockets;
        }

        sockets.ForEach(entry => entry.Socket.Dispose());
        throw new MpiException(
            MpiFault.Unreachable,
            new Problem(
                nameof(MpiOptions.HeartbeatTimeout),
                $"no TCP connection from rank {string.Join(", ", lost)} to rank 0 on {invitation.Machine} "
                    + $"({string.Join(", ", invitation.Addresses)}, port {invitation.Port})",
                "connections by which the ranks notice when one of them freezes",
                "Allow TCP between the machines, or set HeartbeatTimeout to null to go without"));
    }

    private static Socket Listen()
    {
        Socket socket;
        if (Socket.OSSupportsIPv6)
        {
            socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        }
        else
        {
            socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        }

        socket.Listen(1024);
        return socket;
    }

    /// <summary>The addresses of this machine, those that other machines reach first.</summary>
    private static IEnumerable<IPAddress> Addresses() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(address => address.Address)
        .Where(address => !address.IsIPv6LinkLocal)
        .Append(IPAddress.Loopback)
        .Distinct()
        .OrderBy(address => IPAddress.IsLoopback(address))
        .ThenBy(address => address.AddressFamily);

    private static void Accept(Socket listener, int count, byte[] token, List<(int Rank, Socket Socket)> sockets)
    {
        using var deadline = new CancellationTokenSource(AcceptTime);
        while (sockets.Count < count)
        {
            try
            {
                Socket socket = listener.AcceptAsync(deadline.Token).AsTask().GetAwaiter().GetResult();
                if (ReadGreeting(socket, token) is { } rank)
                {
                    socket.NoDelay = true;
                    sockets.Add((rank, socket));
                }
                else
                {
                    socket.Dispose();
                }
            }
            catch (OperationCanceledException)
            {
                // Who did not come is told by the ranks themselves.
                return;
            }
        }
    }

    /// <summary>The rank that a connection says it is of; null where it does not know the token.</summary>
    private static int? ReadGreeting(Socket socket, byte[] token)
    {
        var greeting = new byte[TokenLength + sizeof(int)];
        socket.ReceiveTimeout = (int)ConnectTime.TotalMilliseconds;
        try
        {
            for (int read = 0; read < greeting.Length;)
            {
                int count = socket.Receive(greeting.AsSpan(read));
                if (count == 0)
                {
                    return null;
                }

                read += count;
            }

            if (!CryptographicOperations.FixedTimeEquals(greeting.AsSpan(0, TokenLength), token))
            {
                return null;
            }

            _ = socket.Send([1]);
            return BinaryPrimitives.ReadInt32LittleEndian(greeting.AsSpan(TokenLength));
        }
        catch (SocketException)
        {
            // Whoever it was is gone.
            return null;
        }
    }

    private static Socket? Reach(Invitation invitation, byte[] token, int rank)
    {
        IEnumerable<string> addresses = invitation.Machine == Environment.MachineName
            ? invitation.Addresses.Prepend(IPAddress.Loopback.ToString())
            : invitation.Addresses;
        var greeting = new byte[TokenLength + sizeof(int)];
        token.CopyTo(greeting, 0);
        BinaryPrimitives.WriteInt32LittleEndian(greeting.AsSpan(TokenLength), rank);
        foreach (IPAddress address in addresses.Distinct().Select(IPAddress.Parse))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                using var deadline = new CancellationTokenSource(ConnectTime);
                socket.ConnectAsync(new IPEndPoint(address, invitation.Port), deadline.Token).AsTask().GetAwaiter().GetResult();
                socket.NoDelay = true;
                _ = socket.Send(greeting);
                socket.ReceiveTimeout = (int)AcceptTime.TotalMilliseconds;
                if (socket.Receive(new byte[1]) == 1)
                {
                    return socket;
                }
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // Not this way; another address may do.
            }

            socket.Dispose();
        }

        return null;
    }

    private sealed record Invitation(string Machine, int Port, string[] Addresses, string Token);
}

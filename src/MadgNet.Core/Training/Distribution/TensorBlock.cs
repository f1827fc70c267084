using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Distribution;

/// <summary>Named tensors that rank 0 gives to all others, and what they are compared by.</summary>
internal static class TensorBlock
{
    private const int Longest = 1 << 28;

    /// <summary>The tensors of rank 0, on every rank, in the memory of the processor.</summary>
    /// <param name="group">The ranks.</param>
    /// <param name="mine">The tensors on rank 0; not looked at on others.</param>
    /// <returns>Names and tensors, which belong to the caller's scope.</returns>
    public static Dictionary<string, Tensor> OfLeader(ProcessGroup group, IEnumerable<KeyValuePair<string, Tensor>> mine)
    {
        using var noGradients = no_grad();
        KeyValuePair<string, Tensor>[] sent = group.Leads ? [.. mine] : [];
        byte[] list = group.OfLeader(
            JsonSerializer.SerializeToUtf8Bytes(sent.Select(entry => new Entry(entry.Key, entry.Value.dtype, entry.Value.shape))));
        Entry[] entries = JsonSerializer.Deserialize<Entry[]>(list)!;
        var tensors = new Dictionary<string, Tensor>(entries.Length, StringComparer.Ordinal);
        for (int i = 0; i < entries.Length; i++)
        {
            Entry entry = entries[i];
            Tensor tensor = group.Leads
                ? sent[i].Value.detach().to(CPU).contiguous()
                : empty(entry.Shape, entry.Type, CPU);
            using DisposeScope scope = NewDisposeScope();
            Tensor row = tensor.flatten();
            for (long start = 0; start < row.numel(); start += Longest / 8)
            {
                group.Broadcast(row.narrow(0, start, Math.Min(Longest / 8, row.numel() - start)).bytes, 0);
            }

            tensors.Add(entry.Name, tensor);
        }

        return tensors;
    }

    /// <summary>A number that follows from every bit of the tensors; the same bits have the same one.</summary>
    public static ulong Hash(IEnumerable<Tensor> tensors)
    {
        // Fowler, Noll and Vo's, over words instead of bytes: fast, and good enough for what drifts apart by itself.
        const ulong prime = 1099511628211;
        ulong hash = 14695981039346656037;
        using var noGradients = no_grad();
        foreach (Tensor tensor in tensors)
        {
            using DisposeScope scope = NewDisposeScope();
            ReadOnlySpan<byte> bytes = tensor.detach().to(CPU).contiguous().bytes;
            ReadOnlySpan<uint> words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(bytes);
            foreach (uint word in words)
            {
                hash = (hash ^ word) * prime;
            }

            foreach (byte rest in bytes[(words.Length * sizeof(uint))..])
            {
                hash = (hash ^ rest) * prime;
            }
        }

        return hash;
    }

    private sealed record Entry(string Name, ScalarType Type, long[] Shape);
}

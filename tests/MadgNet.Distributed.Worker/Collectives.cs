using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Distributed.Worker;

/// <summary>Checks what ranks do together against what it must come to.</summary>
internal static class Collectives
{
    private const int Large = 20_000_000;

    public static void Check(ProcessGroup group)
    {
        int size = group.Size;
        float[] floats = [.. Enumerable.Range(0, 1000).Select(i => (float)(i + group.Rank))];
        group.Sum(floats.AsSpan());
        Expect(floats.Select((value, i) => (double)value == (size * i) + (size * (size - 1) / 2)).All(same => same), "sum of float32");

        double[] doubles = [0.5, group.Rank, -group.Rank];
        group.Sum(doubles.AsSpan());
        Expect(doubles.AsSpan().SequenceEqual([0.5 * size, size * (size - 1) / 2, -(size * (size - 1) / 2)]), "sum of float64");

        long[] longs = [1L << 40, group.Rank];
        group.Sum(longs.AsSpan());
        Expect(longs.AsSpan().SequenceEqual([size * (1L << 40), size * (size - 1) / 2]), "sum of int64");

        double[] largest = [group.Rank, -group.Rank];
        group.Maximum(largest);
        Expect(largest.AsSpan().SequenceEqual([size - 1, 0]), "maximum");

        byte[] bytes = [(byte)group.Rank, 7];
        group.Broadcast(bytes, size - 1);
        Expect(bytes[0] == size - 1 && bytes[1] == 7, "broadcast");

        byte[][] texts = group.GatherBytes(new byte[group.Rank]);
        Expect(texts.Select(text => text.Length).SequenceEqual(Enumerable.Range(0, size)), "gather");

        float[] large = new float[Large];
        Array.Fill(large, group.Rank + 1);
        group.Sum(large.AsSpan());
        Expect(!large.AsSpan().ContainsAnyExcept(size * (size + 1) / 2), "sum of 80 MB");

        // Rounding differs from order to order, but not from rank to rank.
        var random = new Random(group.Rank);
        float[] rough = [.. Enumerable.Range(0, 100_000).Select(_ => (float)random.NextDouble())];
        group.Sum(rough.AsSpan());
        byte[][] bits = group.GatherBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(rough.AsSpan()));
        Expect(bits.All(rank => rank.AsSpan().SequenceEqual(bits[0])), "the same bits on all ranks");

        using Tensor tensor = torch.ones([3, 4, 5], ScalarType.Float64);
        using Tensor turned = tensor.permute(2, 0, 1);
        group.Sum(turned);
        using Tensor sum = tensor.sum();
        Expect(sum.item<double>() == 60 * size, "sum of a tensor");
        group.Barrier();
        Expect(FindsNullReferences(), "handling of signals, which is .NET's");
    }

    /// <summary>Whether a null reference is still an exception: a library that takes over its signal would end the process.</summary>
    private static bool FindsNullReferences()
    {
        try
        {
            return Lengths([null!]) < 0;
        }
        catch (NullReferenceException)
        {
            return true;
        }
    }

    private static int Lengths(string[] texts) => texts.Sum(text => text.Length);

    private static void Expect(bool holds, string what)
    {
        if (!holds)
        {
            throw new InjectedException($"The {what} is wrong.");
        }
    }
}

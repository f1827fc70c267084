using System.Buffers;
using System.Runtime.InteropServices;

namespace MadgNet.Core.Metrics;

/// <summary>
/// How well the probabilities rank foreground above background, whatever the threshold: over every pixel, ties counted as one
/// step.
/// </summary>
/// <remarks>A truth without foreground has no average precision, and one without either class no area: they are NaN.</remarks>
/// <param name="AveragePrecision">
/// Area under the precision-recall steps, <c>Σ (R_k − R_{k−1})·P_k</c> over the distinct probabilities from the largest down, as
/// scikit-learn computes it.
/// </param>
/// <param name="RocAuc">
/// Area under the receiver operating characteristic, by trapezoids: the probability that a foreground pixel ranks above a
/// background pixel, ties counted half.
/// </param>
public readonly record struct PixelRanking(double AveragePrecision, double RocAuc)
{
    private const int Radix = 1 << 11;

    /// <summary>Ranks the pixels.</summary>
    /// <param name="prediction">H×W probabilities, 0..1.</param>
    /// <param name="truth">H×W truth.</param>
    /// <param name="height">Rows of both, at least 1.</param>
    /// <param name="width">Columns of both, at least 1.</param>
    /// <returns>The two areas.</returns>
    /// <exception cref="InvalidMapException">The sizes differ, or a probability is NaN or outside of 0..1.</exception>
    public static PixelRanking Compute(ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth, int height, int width)
    {
        MapCheck.Pair(prediction, truth, height, width);
        return Compute(prediction, truth);
    }

    internal static PixelRanking Compute(ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth)
    {
        ReadOnlySpan<byte> marks = MemoryMarshal.AsBytes(truth);
        uint[] rented = ArrayPool<uint>.Shared.Rent(2 * prediction.Length);
        try
        {
            Span<uint> keys = rented.AsSpan(0, prediction.Length);
            long foreground = 0;
            for (int i = 0; i < keys.Length; i++)
            {
                // The bits of floats from 0 to 1 order like integers and leave the top bits free; −0 equals 0.
                uint bits = BitConverter.SingleToUInt32Bits(prediction[i] + 0f) & 0x7FFFFFFF;
                uint mark = marks[i] != 0 ? 1u : 0u;
                keys[i] = (bits << 1) | mark;
                foreground += mark;
            }

            Span<uint> spare = rented.AsSpan(prediction.Length, prediction.Length);
            SortBy(keys, spare, 0);
            SortBy(spare, keys, 11);
            SortBy(keys, spare, 22);
            return Areas(spare, foreground);
        }
        finally
        {
            ArrayPool<uint>.Shared.Return(rented);
        }
    }

    private static PixelRanking Areas(ReadOnlySpan<uint> ascending, long foreground)
    {
        long background = ascending.Length - foreground;
        long truePositives = 0;
        long falsePositives = 0;
        double precisionArea = 0;
        double rankArea = 0;
        int i = ascending.Length - 1;
        while (i >= 0)
        {
            uint tie = ascending[i] >> 1;
            long newPositives = 0;
            long newNegatives = 0;
            for (; i >= 0 && ascending[i] >> 1 == tie; i--)
            {
                newPositives += ascending[i] & 1;
                newNegatives += 1 - (ascending[i] & 1);
            }

            rankArea += newNegatives * (truePositives + (newPositives / 2.0));
            truePositives += newPositives;
            falsePositives += newNegatives;
            precisionArea += newPositives * ((double)truePositives / (truePositives + falsePositives));
        }

        return new PixelRanking(
            foreground == 0 ? double.NaN : precisionArea / foreground,
            foreground == 0 || background == 0 ? double.NaN : rankArea / ((double)foreground * background));
    }

    /// <summary>One stable pass of a radix sort, by 11 bits.</summary>
    private static void SortBy(ReadOnlySpan<uint> source, Span<uint> target, int shift)
    {
        Span<int> starts = stackalloc int[Radix];
        starts.Clear();
        foreach (uint key in source)
        {
            starts[(int)(key >> shift) & (Radix - 1)]++;
        }

        int next = 0;
        for (int digit = 0; digit < Radix; digit++)
        {
            int count = starts[digit];
            starts[digit] = next;
            next += count;
        }

        foreach (uint key in source)
        {
            target[starts[(int)(key >> shift) & (Radix - 1)]++] = key;
        }
    }
}

using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace MadgNet.Core.Metrics;

/// <summary>
/// A checked prediction and its truth as the measures read them: the prediction as it is or binarised, as the profile has it,
/// and the truth as 0 and 1, with the sums that several measures share.
/// </summary>
internal readonly ref struct MapPair : IDisposable
{
    private readonly float[] _rented;

    internal MapPair(
        ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth, int height, int width, MetricProfile profile, double threshold)
    {
        Height = height;
        Width = width;
        Count = prediction.Length;
        Mask = truth;
        bool binarise = profile == MetricProfile.MadgNetOfficial;
        _rented = ArrayPool<float>.Shared.Rent(binarise ? 2 * Count : Count);
        Span<float> actual = _rented.AsSpan(0, Count);
        ReadOnlySpan<byte> marks = MemoryMarshal.AsBytes(truth);
        for (int i = 0; i < Count; i++)
        {
            actual[i] = marks[i] != 0 ? 1f : 0f;
        }

        Truth = actual;
        if (binarise)
        {
            Span<float> binary = _rented.AsSpan(Count, Count);
            for (int i = 0; i < Count; i++)
            {
                binary[i] = prediction[i] >= threshold ? 1f : 0f;
            }

            Prediction = binary;
        }
        else
        {
            Prediction = prediction;
        }

        var sum = Vector<double>.Zero;
        var sumOnForeground = Vector<double>.Zero;
        var foreground = Vector<float>.Zero;
        long foregroundCount = 0;
        int index = 0;
        for (; index <= Count - Vector<float>.Count; index += Vector<float>.Count)
        {
            var p = new Vector<float>(Prediction[index..]);
            var g = new Vector<float>(Truth[index..]);
            Vector.Widen(p, out Vector<double> low, out Vector<double> high);
            Vector.Widen(p * g, out Vector<double> lowOnForeground, out Vector<double> highOnForeground);
            sum += low + high;
            sumOnForeground += lowOnForeground + highOnForeground;
            foreground += g;

            // A float counts exactly to 2²⁴ only.
            if ((index & 0xFFFFF) == 0)
            {
                foregroundCount += (long)Vector.Sum(foreground);
                foreground = Vector<float>.Zero;
            }
        }

        double total = Vector.Sum(sum);
        double onForeground = Vector.Sum(sumOnForeground);
        foregroundCount += (long)Vector.Sum(foreground);
        for (; index < Count; index++)
        {
            total += Prediction[index];
            onForeground += Prediction[index] * Truth[index];
            foregroundCount += (long)Truth[index];
        }

        PredictionSum = total;
        PredictionSumOnForeground = onForeground;
        Foreground = foregroundCount;
    }

    internal int Height { get; }

    internal int Width { get; }

    internal int Count { get; }

    internal ReadOnlySpan<bool> Mask { get; }

    internal ReadOnlySpan<float> Prediction { get; }

    internal ReadOnlySpan<float> Truth { get; }

    internal double PredictionSum { get; }

    internal double PredictionSumOnForeground { get; }

    internal long Foreground { get; }

    /// <summary>Mean of |P − G|, from the sums: on foreground it is 1 − P, elsewhere P.</summary>
    internal double MeanAbsoluteError => (Foreground - PredictionSumOnForeground + (PredictionSum - PredictionSumOnForeground)) / Count;

    public void Dispose() => ArrayPool<float>.Shared.Return(_rented);
}

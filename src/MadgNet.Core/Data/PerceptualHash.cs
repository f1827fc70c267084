using System.Numerics;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>
/// A 64-bit hash of an image's lowest frequencies (DCT hash, Zauner 2010), and its fine detail: what two images are
/// compared by, whatever their size, compression or brightness.
/// </summary>
internal sealed class PerceptualHash
{
    private const int Size = SampleExamination.ThumbnailSize;
    private const int Side = 8;
    private static readonly double[] Cosines = CreateCosines();

    private readonly ulong _hash;

    public PerceptualHash(FloatImage thumbnail)
    {
        double[] low = LowFrequencies(thumbnail.Data);
        double median = Median(low);
        for (int i = 0; i < low.Length; i++)
        {
            _hash |= low[i] > median ? 1UL << i : 0;
        }

        Detail = CreateDetail(thumbnail.Data);
    }

    /// <summary>The thumbnail's deviation from its 5×5 surroundings' mean, in their standard deviations: contrast plays no part.</summary>
    public float[] Detail { get; }

    /// <summary>Number of different bits, 0 … 64.</summary>
    public int Distance(PerceptualHash other) => BitOperations.PopCount(_hash ^ other._hash);

    private static float[] CreateDetail(ReadOnlySpan<float> pixels)
    {
        var detail = new float[Size * Size];
        for (int y = 0; y < Size; y++)
        {
            for (int x = 0; x < Size; x++)
            {
                double sum = 0;
                double squares = 0;
                int count = 0;
                for (int v = Math.Max(y - 2, 0); v <= Math.Min(y + 2, Size - 1); v++)
                {
                    for (int u = Math.Max(x - 2, 0); u <= Math.Min(x + 2, Size - 1); u++)
                    {
                        double value = pixels[(v * Size) + u];
                        sum += value;
                        squares += value * value;
                        count++;
                    }
                }

                double mean = sum / count;
                double deviation = Math.Sqrt(Math.Max(0, (squares / count) - (mean * mean)));
                // The constant, five grey levels of 255, keeps noise in flat parts from counting as detail.
                detail[(y * Size) + x] = (float)((pixels[(y * Size) + x] - mean) / (deviation + 0.02));
            }
        }

        return detail;
    }

    private static double[] LowFrequencies(ReadOnlySpan<float> pixels)
    {
        var rows = new double[Size * Side];
        for (int y = 0; y < Size; y++)
        {
            for (int u = 0; u < Side; u++)
            {
                double sum = 0;
                for (int x = 0; x < Size; x++)
                {
                    sum += pixels[(y * Size) + x] * Cosines[(u * Size) + x];
                }

                rows[(y * Side) + u] = sum;
            }
        }

        var low = new double[Side * Side];
        for (int v = 0; v < Side; v++)
        {
            for (int u = 0; u < Side; u++)
            {
                for (int y = 0; y < Size; y++)
                {
                    low[(v * Side) + u] += rows[(y * Side) + u] * Cosines[(v * Size) + y];
                }
            }
        }

        return low;
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static double[] CreateCosines()
    {
        var cosines = new double[Side * Size];
        for (int u = 0; u < Side; u++)
        {
            for (int x = 0; x < Size; x++)
            {
                cosines[(u * Size) + x] = Math.Cos(Math.PI * u * (x + 0.5) / Size);
            }
        }

        return cosines;
    }
}

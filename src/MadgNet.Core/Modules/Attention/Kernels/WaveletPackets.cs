using MadgNet.Core.Runtime;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>
/// The first F subbands of a two-dimensional wavelet packet transform with periodic borders, as one orthogonal matrix T:
/// <c>Y = T·X·Tᵀ</c> holds every subband (u, v) as a block, in the order of rising frequency in both directions.
/// </summary>
/// <remarks>
/// One level for F ≤ 4, two for F ≤ 16, three for F ≤ 32. The subbands are taken by rising u + v, then by rising u. The borders are
/// those of PyWavelets' mode <c>periodization</c>. Safe for use from several threads.
/// </remarks>
internal sealed class WaveletPackets : IDisposable
{
    private static readonly double[] HaarLow = [Math.Sqrt(0.5), Math.Sqrt(0.5)];

    private static readonly double[] Daubechies2Low =
    [
        (1 - Math.Sqrt(3)) / (4 * Math.Sqrt(2)),
        (3 - Math.Sqrt(3)) / (4 * Math.Sqrt(2)),
        (3 + Math.Sqrt(3)) / (4 * Math.Sqrt(2)),
        (1 + Math.Sqrt(3)) / (4 * Math.Sqrt(2)),
    ];

    private readonly ConstantTensor _matrix;
    private readonly ConstantTensor _transposed;
    private readonly long[] _order;

    /// <summary>Creates the transform of maps of a size, which the levels may raise.</summary>
    public WaveletPackets(int size, int subbands, WaveletFilter filter)
    {
        Levels = subbands <= 4 ? 1 : subbands <= 16 ? 2 : 3;
        int bands = 1 << Levels;
        Size = (size + bands - 1) / bands * bands;
        Subbands =
        [
            .. Enumerable.Range(0, bands * bands)
                .Select(i => (U: i / bands, V: i % bands))
                .OrderBy(band => band.U + band.V)
                .ThenBy(band => band.U)
                .Take(subbands),
        ];
        _order = [.. Subbands.Select(band => (long)(band.U * bands) + band.V)];
        double[] low = filter == WaveletFilter.Haar ? HaarLow : Daubechies2Low;
        _matrix = new ConstantTensor(() => Flatten(Matrix(Size, Levels, low), transposed: false), Size, Size);
        _transposed = new ConstantTensor(() => Flatten(Matrix(Size, Levels, low), transposed: true), Size, Size);
    }

    /// <summary>How often the map is halved.</summary>
    public int Levels { get; }

    /// <summary>The size of the maps: a multiple of 2^levels.</summary>
    public int Size { get; }

    /// <summary>The place of every subband in the frequency-ordered grid: vertical, then horizontal.</summary>
    public IReadOnlyList<(int U, int V)> Subbands { get; }

    /// <summary>The subbands of square maps N×C×D×D, as N×C×F×P with the P pixels of each. In the caller's scope.</summary>
    public Tensor Transform(Tensor maps)
    {
        long bands = 1L << Levels;
        long side = Size / bands;

        // Autocast would round the matrices to 16 bits.
        using var exact = AutocastState.Suspend(maps.device_type);
        Tensor transformed = matmul(matmul(_matrix.Like(maps), maps), _transposed.Like(maps));
        Tensor blocks = transformed.view(maps.size(0), maps.size(1), bands, side, bands, side)
            .permute(0, 1, 2, 4, 3, 5)
            .reshape(maps.size(0), maps.size(1), bands * bands, side * side);
        Tensor order = tensor(_order, device: maps.device);
        return blocks.index_select(2, order);
    }

    /// <summary>
    /// The average, maximum and minimum of every subband; of equal pixels the gradient goes to the first. In the caller's scope.
    /// </summary>
    public ChannelStatistics Summarize(Tensor input)
    {
        Tensor maps = input.size(2) == Size && input.size(3) == Size
            ? input
            : nn.functional.adaptive_avg_pool2d(input, [Size, Size]);
        Tensor pixels = Transform(maps);
        Tensor largest = pixels.argmax(3, keepdim: true);
        Tensor smallest = pixels.argmin(3, keepdim: true);
        return new ChannelStatistics(pixels.mean([3]), pixels.gather(3, largest).squeeze(3), pixels.gather(3, smallest).squeeze(3));
    }

    public void Dispose()
    {
        _matrix.Dispose();
        _transposed.Dispose();
    }

    /// <summary>The one-dimensional packet transform: row b·P + i is the i-th number of band b, the bands by rising frequency.</summary>
    private static double[,] Matrix(int size, int levels, double[] low)
    {
        // The mirror filter: what the low-pass leaves.
        double[] high = [.. low.Select((_, i) => (i % 2 == 0 ? -1 : 1) * low[^(i + 1)])];
        List<double[,]> bands = [Identity(size)];
        for (int level = 0; level < levels; level++)
        {
            var next = new List<double[,]>();
            for (int band = 0; band < bands.Count; band++)
            {
                // Halving mirrors the frequencies of a high band: there the low-pass keeps the higher half (Gray code).
                double[,] first = Halve(bands[band], band % 2 == 0 ? low : high);
                double[,] second = Halve(bands[band], band % 2 == 0 ? high : low);
                next.AddRange([first, second]);
            }

            bands = next;
        }

        var matrix = new double[size, size];
        int row = 0;
        foreach (double[,] band in bands)
        {
            for (int i = 0; i < band.GetLength(0); i++, row++)
            {
                for (int column = 0; column < size; column++)
                {
                    matrix[row, column] = band[i, column];
                }
            }
        }

        return matrix;
    }

    /// <summary>Every second number of the signal's periodic convolution with a filter.</summary>
    private static double[,] Halve(double[,] signal, double[] filter)
    {
        int length = signal.GetLength(0);
        int columns = signal.GetLength(1);
        var result = new double[length / 2, columns];
        for (int i = 0; i < length / 2; i++)
        {
            for (int tap = 0; tap < filter.Length; tap++)
            {
                int from = ((2 * i) + (filter.Length / 2) - tap) % length;
                from = from < 0 ? from + length : from;
                for (int column = 0; column < columns; column++)
                {
                    result[i, column] += filter[tap] * signal[from, column];
                }
            }
        }

        return result;
    }

    private static double[] Flatten(double[,] matrix, bool transposed)
    {
        int size = matrix.GetLength(0);
        var values = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                values[(i * size) + j] = transposed ? matrix[j, i] : matrix[i, j];
            }
        }

        return values;
    }

    private static double[,] Identity(int size)
    {
        var matrix = new double[size, size];
        for (int i = 0; i < size; i++)
        {
            matrix[i, i] = 1;
        }

        return matrix;
    }
}

namespace MadgNet.Core.Inference;

/// <summary>
/// Where the tiles lie along one axis, and with what weight each of their pixels counts. The weights of all tiles add up to 1
/// at every pixel, so that blending needs no second map to divide by.
/// </summary>
internal sealed class TileAxis
{
    private readonly int[] _starts;
    private readonly float[][] _weights;

    public TileAxis(int length, int stride, int tile, int overlap, int margin, double sigma, bool fixedTile)
    {
        int padded = checked((length + stride - 1) / stride * stride);
        Length = length;
        TileSize = fixedTile ? tile : Math.Min(tile, padded);

        // Everything is a multiple of the stride, so that a network that pools sees each pixel in the phase that it has in the
        // whole image; the last tile ends where the padded image ends.
        int step = Math.Max(1, (TileSize - overlap) / stride);
        int span = Math.Max(0, (padded - TileSize) / stride);
        int gaps = (span + step - 1) / step;
        _starts = new int[gaps + 1];
        for (int i = 0; i <= gaps; i++)
        {
            _starts[i] = gaps == 0 ? 0 : (int)((long)i * span / gaps) * stride;
        }

        _weights = Normalize(Math.Max(padded, TileSize), margin, sigma);
    }

    /// <summary>The pixels of the image along the axis.</summary>
    public int Length { get; }

    public int TileSize { get; }

    public int Count => _starts.Length;

    public int Start(int tile) => _starts[tile];

    public ReadOnlySpan<float> Weights(int tile) => _weights[tile];

    private float[][] Normalize(int padded, int margin, double sigma)
    {
        var bell = new double[TileSize];
        for (int k = 0; k < TileSize; k++)
        {
            double distance = (k + 0.5 - (TileSize / 2.0)) / (sigma * TileSize);
            bell[k] = Math.Exp(-distance * distance / 2);
        }

        var sums = new double[padded];
        for (int tile = 0; tile < Count; tile++)
        {
            for (int k = First(tile, margin); k < Last(tile, margin); k++)
            {
                sums[_starts[tile] + k] += bell[k];
            }
        }

        var weights = new float[Count][];
        for (int tile = 0; tile < Count; tile++)
        {
            weights[tile] = new float[TileSize];
            for (int k = First(tile, margin); k < Last(tile, margin); k++)
            {
                weights[tile][k] = (float)(bell[k] / sums[_starts[tile] + k]);
            }
        }

        return weights;
    }

    /// <summary>The first pixel of a tile that counts: at the image's own edge nothing is left out.</summary>
    private int First(int tile, int margin) => tile == 0 ? 0 : margin;

    private int Last(int tile, int margin) => tile == Count - 1 ? TileSize : TileSize - margin;
}

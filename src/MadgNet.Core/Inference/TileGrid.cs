namespace MadgNet.Core.Inference;

/// <summary>The tiles of an image.</summary>
internal sealed class TileGrid
{
    public TileGrid(int height, int width, NetworkDescription network, TileOptions options)
    {
        (int tileHeight, int tileWidth) = options.SizeFor(network);
        bool only = network.FixedSize is not null;
        int overlap = options.OverlapFor(network);
        int margin = options.MarginFor(network);
        Rows = new TileAxis(height, network.Stride, tileHeight, overlap, margin, options.Sigma, only);
        Columns = new TileAxis(width, network.Stride, tileWidth, overlap, margin, options.Sigma, only);
    }

    public TileAxis Rows { get; }

    public TileAxis Columns { get; }

    public int Count => checked(Rows.Count * Columns.Count);
}

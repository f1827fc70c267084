using BitMiracle.LibTiff.Classic;

namespace MadgNet.Core.Tests.Support;

/// <summary>How the same samples may lie in a TIFF file.</summary>
internal sealed record TiffFileForm
{
    public bool BigEndian { get; init; }

    public bool BigTiff { get; init; }

    public int? Tile { get; init; }

    public int Rows { get; init; } = 5;

    public bool Separate { get; init; }

    public bool ReversedBits { get; init; }

    public Compression Compression { get; init; } = Compression.NONE;

    public bool Predictor { get; init; }

    public int Orientation { get; init; } = 1;
}

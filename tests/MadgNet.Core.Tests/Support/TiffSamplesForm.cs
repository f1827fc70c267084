using BitMiracle.LibTiff.Classic;

namespace MadgNet.Core.Tests.Support;

/// <summary>What the samples of a generated TIFF mean.</summary>
internal sealed record TiffSamplesForm(int Bits, int Samples, Photometric Photometric)
{
    /// <summary>The kinds of the samples beyond the colours; null where the tag is left out.</summary>
    public ushort[]? Extra { get; init; }

    public bool Signed { get; init; }

    /// <summary>Whether the stored bits are those of real numbers.</summary>
    public bool Real { get; init; }

    /// <summary>Three times 2^Bits components of 16 bits; null for no palette.</summary>
    public ushort[]? Palette { get; init; }
}

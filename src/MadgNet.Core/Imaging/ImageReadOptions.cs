namespace MadgNet.Core.Imaging;

/// <summary>What a reader may be told about a file.</summary>
public sealed record ImageReadOptions
{
    /// <summary>The options that a reader uses when none are given.</summary>
    public static ImageReadOptions Default { get; } = new();

    /// <summary>
    /// The largest number of pixels (width × height) that is decoded; default 100 million. A file that claims more is
    /// refused before memory is allocated for it.
    /// </summary>
    public long MaximumPixels { get; init; } = 100_000_000;

    /// <summary>
    /// The largest number of bytes that is taken from a file or stream; default 1 GiB. What goes on beyond it, such as an endless
    /// stream, is refused.
    /// </summary>
    public long MaximumBytes { get; init; } = 1L << 30;

    /// <summary>The page of a multi-page TIFF, counted from 0; every other format has page 0 only.</summary>
    public int Page { get; init; }

    /// <summary>
    /// Whether a file with a palette (PNG, palette TIFF) gives the indices themselves, as one 8-bit channel, instead of
    /// the colours that they stand for. Label images are often stored so. Default false.
    /// </summary>
    public bool PaletteIndices { get; init; }

    /// <summary>
    /// Whether the transparency of a PNG of grey or palette colours is kept, which gives four channels; the built-in formats keep
    /// that of RGB files in any case. Default false.
    /// </summary>
    public bool KeepAlpha { get; init; }

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(MaximumPixels), MaximumPixels, 1);
        Guard.Range(problems, nameof(MaximumBytes), MaximumBytes, 1, Array.MaxLength);
        Guard.Range(problems, nameof(Page), Page, 0);
        return problems;
    }
}

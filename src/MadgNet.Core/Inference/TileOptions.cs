namespace MadgNet.Core.Inference;

/// <summary>
/// How an image that is larger than a tile is divided, and how what was found in the tiles is put together: weighted by a
/// Gaussian around each tile's middle, so that no seam is seen.
/// </summary>
/// <remarks>
/// Tiles begin at multiples of the network's stride. Where a network sees no farther than <see cref="Margin"/> pixels in every
/// direction, the result is that of the whole image, apart from rounding; a network that looks at its whole input at once,
/// as MADGNet's channel attention does, gives what it finds in each tile.
/// </remarks>
public sealed record TileOptions
{
    /// <summary>
    /// Height and width of a tile, multiples of the network's stride. Null, the default, takes the one size of a network that has one, else
    /// 512 rounded up to the stride.
    /// </summary>
    public (int Height, int Width)? Size { get; init; }

    /// <summary>
    /// By how many pixels neighbouring tiles overlap at least; 0 or more, and a stride less than a tile. Null, the default, is a quarter of
    /// the tile's shorter side.
    /// </summary>
    public int? Overlap { get; init; }

    /// <summary>
    /// How many pixels along the inner edges of a tile are left out, because the network saw padding instead of their neighbours;
    /// at most half the overlap. The rest of the overlap is blended. Null, the default, is a quarter of the overlap.
    /// </summary>
    public int? Margin { get; init; }

    /// <summary>
    /// Standard deviation of the Gaussian as a share of the tile's side, 0.02 to 10. Default 0.125. No weight is ever zero.
    /// </summary>
    public double Sigma { get; init; } = 0.125;

    /// <summary>Everything that is wrong with these options on their own; empty when nothing is.</summary>
    /// <returns>The problems. Whether they fit a network is checked when a predictor is created.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (Size is { } size && (size.Height < 1 || size.Width < 1))
        {
            problems.Add(new Problem(
                nameof(Size), $"{size.Height}×{size.Width}", "a height and width of 1 or more", "Use for example 512×512"));
        }

        Guard.Range(problems, nameof(Overlap), Overlap ?? 0, 0);
        Guard.Range(problems, nameof(Margin), Margin ?? 0, 0);
        if (!(Sigma >= 0.02 && Sigma <= 10))
        {
            problems.Add(new Problem(nameof(Sigma), FormattableString.Invariant($"{Sigma}"), "0.02 to 10", "Use 0.125"));
        }

        return problems;
    }

    internal (int Height, int Width) SizeFor(NetworkDescription network)
    {
        int standard = (512 + network.Stride - 1) / network.Stride * network.Stride;
        return Size ?? network.FixedSize ?? (standard, standard);
    }

    internal int OverlapFor(NetworkDescription network)
    {
        (int height, int width) = SizeFor(network);
        int side = Math.Min(height, width);
        return Overlap ?? Math.Min(side / 4, side - network.Stride);
    }

    internal int MarginFor(NetworkDescription network) => Margin ?? OverlapFor(network) / 4;

    /// <summary>What does not fit a network.</summary>
    internal IEnumerable<Problem> Validate(NetworkDescription network)
    {
        (int height, int width) = SizeFor(network);
        if (height % network.Stride != 0 || width % network.Stride != 0 || (network.FixedSize is { } only && only != (height, width)))
        {
            string expected = network.FixedSize is { } fixedSize
                ? $"{fixedSize.Height}×{fixedSize.Width}, the one size that the network takes"
                : $"multiples of {network.Stride}, the network's stride";
            yield return new Problem(nameof(Size), $"{height}×{width}", expected, "Leave Size null, or choose such a size");
            yield break;
        }

        int overlap = OverlapFor(network);
        int most = Math.Min(height, width) - network.Stride;
        if (overlap > most)
        {
            yield return new Problem(
                nameof(Overlap),
                $"{overlap} for tiles of {height}×{width}",
                $"at most {most}, a stride of {network.Stride} less than the shorter side",
                "Choose larger tiles or a smaller overlap");
        }
        else if (2L * MarginFor(network) > overlap)
        {
            yield return new Problem(
                nameof(Margin),
                $"{MarginFor(network)} for an overlap of {overlap}",
                $"at most {overlap / 2}, half the overlap",
                "Choose a larger overlap or a smaller margin");
        }
    }
}

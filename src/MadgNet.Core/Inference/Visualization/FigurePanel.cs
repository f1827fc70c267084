using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>One picture of a <see cref="FigureSheet"/>.</summary>
/// <param name="Picture">The picture, of any size: grey, RGB or with alpha (which is left out), 8 or 16 bit.</param>
/// <param name="Title">What stands above it; shortened where it is too long. Default: nothing.</param>
public sealed record FigurePanel(PixelImage Picture, string Title = "")
{
    /// <summary>What stands below it; shortened where it is too long. Default: nothing.</summary>
    public string Caption { get; init; } = "";

    /// <summary>What its colours stand for, below the picture and its caption. Default: nothing.</summary>
    public IReadOnlyList<LegendEntry> Legend { get; init; } = [];

    /// <summary>
    /// Whether its pixels stay squares when it is enlarged, as masks should; otherwise it is interpolated. Default false.
    /// </summary>
    public bool KeepPixels { get; init; }
}

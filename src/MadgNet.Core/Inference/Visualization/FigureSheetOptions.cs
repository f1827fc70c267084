namespace MadgNet.Core.Inference.Visualization;

/// <summary>How a <see cref="FigureSheet"/> is laid out.</summary>
public sealed record FigureSheetOptions
{
    internal static readonly RgbColor DefaultBackground = RgbColor.Parse("#161B22");
    internal static readonly RgbColor DefaultTextColor = RgbColor.Parse("#E6EDF3");

    /// <summary>Pictures in a row; 0 chooses for a sheet that is about as wide as high. Default 0.</summary>
    public int Columns { get; init; }

    /// <summary>The width that every picture is fitted into, in pixels, 8 to 8192. Default 256.</summary>
    public int TileWidth { get; init; } = 256;

    /// <summary>The height that every picture is fitted into, in pixels, 8 to 8192. Default 256.</summary>
    public int TileHeight { get; init; } = 256;

    /// <summary>The space between pictures and around them, in pixels, 0 to 512. Default 12.</summary>
    public int Gap { get; init; } = 12;

    /// <summary>The size of titles, in pixels, 6 to 200; captions and legends are a little smaller. Default 15.</summary>
    public double TextSize { get; init; } = 15;

    /// <summary>What stands above everything, larger. Default: nothing.</summary>
    public string Title { get; init; } = "";

    /// <summary>What stands left of every row; rows without a text get none. Default: nothing.</summary>
    public IReadOnlyList<string> RowTitles { get; init; } = [];

    /// <summary>What colours stand for on the whole sheet, below everything. Default: nothing.</summary>
    public IReadOnlyList<LegendEntry> Legend { get; init; } = [];

    /// <summary>The ground. Default: nearly black.</summary>
    public RgbColor Background { get; init; } = DefaultBackground;

    /// <summary>The colour of texts. Default: nearly white.</summary>
    public RgbColor TextColor { get; init; } = DefaultTextColor;

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(Columns), Columns, 0, 1024);
        Guard.Range(problems, nameof(TileWidth), TileWidth, 8, 8192);
        Guard.Range(problems, nameof(TileHeight), TileHeight, 8, 8192);
        Guard.Range(problems, nameof(Gap), Gap, 0, 512);
        PictureChecks.Range(problems, nameof(TextSize), TextSize, 6, 200);
        PictureChecks.Present(problems, nameof(Title), Title, "a text");
        PictureChecks.Present(problems, nameof(RowTitles), RowTitles, "a list of texts");
        PictureChecks.Present(problems, nameof(Legend), Legend, "a list of entries");
        return problems;
    }
}

using MadgNet.Core.Imaging;
using MadgNet.Core.Inference.Visualization;

namespace MadgNet.Core.Tests.Inference.Visualization;

public sealed class FigureSheetTests
{
    private static readonly FigureSheetOptions Bare = new() { TileWidth = 20, TileHeight = 10, Gap = 3, Background = RgbColor.Black };

    [Fact]
    public void Pictures_of_any_size_are_fitted_into_their_tiles()
    {
        PixelImage sheet = FigureSheet.Draw([White(100, 50), White(2, 4), White(40, 4)], Bare with { Columns = 3 });
        Assert.Equal(3 + 20 + 3 + 5 + 3 + 20 + 3, sheet.Width);
        Assert.Equal(3 + 10 + 3, sheet.Height);
        Assert.Equal((20 * 10) + (5 * 10) + (20 * 2), Lit(sheet));
    }

    [Fact]
    public void A_missing_picture_leaves_its_place_empty()
    {
        PixelImage sheet = FigureSheet.Draw([null, White(20, 10), White(20, 10)], Bare with { Columns = 2 });
        Assert.Equal(RgbColor.Black, OverlayTests.At(sheet, 5, 5));
        Assert.Equal(2 * 200, Lit(sheet));
    }

    [Fact]
    public void Titles_captions_and_legends_are_drawn_without_any_font_on_the_machine()
    {
        var panel = new FigurePanel(Black(60, 30), "Title") { Caption = "caption", Legend = [new LegendEntry(RgbColor.White, "name")] };
        PixelImage plain = FigureSheet.Draw(
            [panel with { Title = "", Caption = "", Legend = [] }], Bare with { TileWidth = 60, TileHeight = 30 });
        PixelImage sheet = FigureSheet.Draw([panel], Bare with { TileWidth = 60, TileHeight = 30, Title = "All", RowTitles = ["row"] });
        Assert.Equal(0, Lit(plain));
        Assert.True(sheet.Width > plain.Width);
        Assert.True(Lit(sheet) > 200);
    }

    [Fact]
    public void Rows_and_columns_follow_from_the_number_of_pictures()
    {
        PixelImage sheet = FigureSheet.Draw([.. Enumerable.Repeat<FigurePanel?>(White(10, 10), 9)], Bare with { TileWidth = 10 });
        Assert.Equal((3 * 13) + 3, sheet.Width);
        Assert.Equal(sheet.Width, sheet.Height);
    }

    [Fact]
    public void Masks_may_keep_their_pixels()
    {
        var mask = new PixelImage(2, 1, 1, [0, 255]);
        PixelImage sharp = FigureSheet.Draw([new FigurePanel(mask) { KeepPixels = true }], Bare);
        PixelImage soft = FigureSheet.Draw([new FigurePanel(mask)], Bare);
        Assert.Equal([0, 255], Enumerable.Range(3, 20).Select(x => sharp[x, 8, 0]).Distinct());
        Assert.True(Enumerable.Range(3, 20).Select(x => soft[x, 8, 0]).Distinct().Count() > 2);
    }

    [Fact]
    public void Nothing_to_show_and_bad_options_are_refused()
    {
        Assert.Throws<ArgumentException>(() => FigureSheet.Draw([]));
        InvalidOptionsException problem = Assert.Throws<InvalidOptionsException>(() => FigureSheet.Draw(
            [White(1, 1)], new FigureSheetOptions { TileWidth = 0, TextSize = double.NaN, Columns = -1 }));
        Assert.Equal(3, problem.Problems.Count);
    }

    [Fact]
    public void A_legend_wraps_and_shortens_to_its_width()
    {
        LegendEntry[] entries = [.. Enumerable.Range(0, 6).Select(i => new LegendEntry(LabelPalette.Default[i], $"entry number {i}"))];
        PixelImage wide = Legend.Draw(entries, 900);
        PixelImage narrow = Legend.Draw(entries, 150);
        Assert.Equal((900, 150), (wide.Width, narrow.Width));
        Assert.True(narrow.Height > 3 * wide.Height);
        Assert.Equal(60, Legend.Draw([new LegendEntry(RgbColor.White, new string('m', 500))], 60).Width);
        Assert.Throws<ArgumentException>(() => Legend.Draw([], 100));
        Assert.Throws<ArgumentOutOfRangeException>(() => Legend.Draw(entries, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Legend.Draw(entries, 100, double.NaN));
    }

    [Fact]
    public void Every_printable_character_of_ASCII_has_a_shape_of_its_own()
    {
        var shapes = new HashSet<string>();
        for (char character = '!'; character <= '~'; character++)
        {
            byte[] drawn = Text(character.ToString());
            Assert.True(drawn.Any(sample => sample > 0), $"'{character}' is invisible");
            Assert.True(shapes.Add(Convert.ToHexString(drawn)), $"'{character}' looks like another character");
        }

        Assert.All("αβσ×·±–…°≤≥äöüßé", character => Assert.True(shapes.Add(Convert.ToHexString(Text(character.ToString())))));
        Assert.Equal(Text("中"), Text("文"));
        Assert.Equal(Text("□"), Text("中"));
    }

    [Fact]
    public void Text_is_as_wide_as_measured_and_shortened_to_fit()
    {
        Assert.Equal("", StrokeFont.Shorten("anything", 15, 2));
        string shortened = StrokeFont.Shorten("a rather long title", 15, 80);
        Assert.EndsWith("…", shortened);
        Assert.True(StrokeFont.Measure(shortened, 15) <= 80);
        Assert.Equal("short", StrokeFont.Shorten("short", 15, 80));
        Assert.Equal(2 * StrokeFont.Measure("twice", 10), StrokeFont.Measure("twice", 20), 1e-9);
    }

    private static byte[] Text(string text)
    {
        var raster = new Raster(60, 60, RgbColor.Black);
        raster.Text(text, 12, 42, 32, RgbColor.White);
        return raster.ToImage().Bytes.ToArray();
    }

    private static FigurePanel White(int width, int height)
    {
        var samples = new byte[width * height];
        samples.AsSpan().Fill(255);
        return new FigurePanel(new PixelImage(width, height, 1, samples));
    }

    private static PixelImage Black(int width, int height) => new(width, height, 1, new byte[width * height]);

    private static int Lit(PixelImage picture) =>
        Enumerable.Range(0, picture.Width * picture.Height).Count(i => picture.Bytes[i * 3] > 100);
}

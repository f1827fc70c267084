using MadgNet.Core.Imaging;
using MadgNet.Core.Inference.Visualization;

namespace MadgNet.Core.Tests.Inference.Visualization;

public sealed class ColorMapTests
{
    public static TheoryData<string> Sequential => ["viridis", "magma", "gray"];

    [Fact]
    public void Viridis_and_magma_are_the_published_ones()
    {
        // The first, middle and last entries of Matplotlib's tables, in 8 bits.
        Assert.Equal(["#440154", "#21918C", "#FDE725"], new[] { 0, 0.502, 1 }.Select(value => ColorMap.Viridis.At(value).ToString()));
        Assert.Equal(["#000004", "#B73779", "#FCFDBF"], new[] { 0, 0.502, 1 }.Select(value => ColorMap.Magma.At(value).ToString()));
    }

    [Theory, MemberData(nameof(Sequential))]
    public void Lightness_rises_evenly_from_end_to_end(string name)
    {
        ColorMap map = Of(name);
        double[] lightness = [.. Enumerable.Range(0, 256).Select(i => CieLab.From(map.At(i / 255.0)).Lightness)];
        double slope = (lightness[^1] - lightness[0]) / 255;
        for (int i = 0; i < 256; i += 16)
        {
            Assert.InRange(lightness[Math.Min(255, i + 16)] - lightness[i], 0.4 * 15 * slope, 1.8 * 16 * slope);
        }
    }

    [Fact]
    public void The_map_for_signed_numbers_is_palest_in_the_middle_and_even_on_both_sides()
    {
        CieLab middle = CieLab.From(ColorMap.BlueOrange.At(0.5));
        double previous = 0;
        foreach (double side in (double[])[-1, 1])
        {
            previous = 0;
            for (int i = 1; i <= 8; i++)
            {
                double distance = CieLab.From(ColorMap.BlueOrange.At(0.5 + (side * i / 16))).DistanceTo(middle);
                Assert.InRange(distance - previous, 3, 13);
                previous = distance;
            }
        }
    }

    [Fact]
    public void Values_outside_are_clipped_and_NaN_is_grey()
    {
        Assert.Equal(ColorMap.Viridis.At(0), ColorMap.Viridis.At(double.NegativeInfinity));
        Assert.Equal(ColorMap.Viridis.At(1), ColorMap.Viridis.At(7));
        Assert.Equal(new RgbColor(128, 128, 128), ColorMap.Viridis.At(double.NaN));
    }

    [Fact]
    public void A_plane_is_coloured_between_its_bounds()
    {
        var map = new FloatImage(2, 1, 3, [9, 9, 9, -1, 0, 3]);
        PixelImage picture = ColorMap.Gray.Apply(map, 1, -1, 3);
        Assert.Equal([0, 64, 255], Enumerable.Range(0, 3).Select(x => picture[x, 0, 0]));
        Assert.All(Enumerable.Range(0, 3), x => Assert.Equal(0, ColorMap.Gray.Apply(map, 1, 3, 3)[x, 0, 2]));
        Assert.Throws<ArgumentException>(() => ColorMap.Gray.Apply(map, 0, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ColorMap.Gray.Apply(map, 2));
    }

    [Fact]
    public void Colours_of_labels_are_told_apart_also_by_the_colour_blind()
    {
        // Simulation of a missing kind of cone: Viénot, Brettel and Mollon, Color Research and Application 24 (1999), in linear sRGB.
        double[][] protanopia = [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]];
        double[][] deuteranopia = [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]];
        foreach (double[][]? sight in (double[][]?[])[null, protanopia, deuteranopia])
        {
            for (int i = 0; i < LabelPalette.Default.Count; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    double distance = CieLab.From(Seen(LabelPalette.Default[i], sight))
                        .DistanceTo(CieLab.From(Seen(LabelPalette.Default[j], sight)));
                    Assert.True(distance > 14, $"{LabelPalette.Default[i]} and {LabelPalette.Default[j]} differ by {distance:F1}");
                }
            }
        }
    }

    [Fact]
    public void Palettes_start_again_and_colours_are_read_as_they_are_written()
    {
        Assert.Equal(LabelPalette.Default[0], LabelPalette.Default[LabelPalette.Default.Count]);
        Assert.Throws<ArgumentException>(() => new LabelPalette());
        Assert.Equal("#0A0BFF", RgbColor.Parse("0a0bff").ToString());
        foreach (string wrong in (string[])["", "#12345", "#1234567", "-12345", "+12345", " 12345", "#GG0000"])
        {
            Assert.Throws<FormatException>(() => RgbColor.Parse(wrong));
        }
    }

    private static ColorMap Of(string name) => name switch
    {
        "viridis" => ColorMap.Viridis,
        "magma" => ColorMap.Magma,
        _ => ColorMap.Gray,
    };

    private static RgbColor Seen(RgbColor color, double[][]? sight)
    {
        if (sight is null)
        {
            return color;
        }

        double[] linear = [.. new[] { color.Red, color.Green, color.Blue }.Select(sample => Math.Pow(sample / 255.0, 2.2))];
        byte[] seen = [.. sight.Select(row => (byte)Math.Round(
            255 * Math.Pow(Math.Clamp(row.Zip(linear, (a, b) => a * b).Sum(), 0, 1), 1 / 2.2)))];
        return new RgbColor(seen[0], seen[1], seen[2]);
    }
}

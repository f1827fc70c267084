using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inference.Visualization;

namespace MadgNet.Core.Tests.Inference.Visualization;

public sealed class OverlayTests
{
    private static readonly RgbColor Red = new(255, 0, 0);
    private static readonly RgbColor Blue = new(0, 0, 255);

    [Fact]
    public void Without_layers_the_image_is_shown_as_it_is()
    {
        var image = new FloatImage(1, 1, 4, [0, 0.5f, 1, 2]);
        PixelImage picture = Overlay.Draw(image, []);
        Assert.Equal((4, 1, 3, 8), (picture.Width, picture.Height, picture.Channels, picture.BitDepth));
        Assert.Equal([0, 0, 0, 128, 128, 128, 255, 255, 255, 255, 255, 255], picture.Bytes.ToArray());
    }

    [Fact]
    public void A_fill_covers_the_mask_and_nothing_else()
    {
        OverlayLayer layer = Left(8, 4, Red);
        PixelImage picture = Overlay.Draw(Black(8, 4), [layer], new OverlayOptions { FillOpacity = 0.5, ContourThickness = 0 });
        for (int y = 0; y < 4; y++)
        {
            for (int x = 0; x < 8; x++)
            {
                Assert.Equal(x < 4 ? new RgbColor(128, 0, 0) : RgbColor.Black, At(picture, x, y));
            }
        }
    }

    [Fact]
    public void Overlapping_fills_mix_their_colours_and_hide_more_of_the_image()
    {
        OverlayLayer[] layers = [Left(8, 4, Red), Left(8, 4, Blue)];
        PixelImage picture = Overlay.Draw(Black(8, 4), layers, new OverlayOptions { FillOpacity = 0.5, ContourThickness = 0 });
        Assert.Equal(new RgbColor(96, 0, 96), At(picture, 0, 0));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(4, 2)]
    public void A_contour_lies_on_the_border_with_half_its_thickness_on_either_side(double thickness, int reach)
    {
        PixelImage picture = Overlay.Draw(Black(16, 6), [Left(16, 6, Red)], new OverlayOptions { ContourThickness = thickness });
        for (int x = 0; x < 16; x++)
        {
            Assert.Equal(x >= 8 - reach && x < 8 + reach ? Red : RgbColor.Black, At(picture, x, 3));
        }
    }

    [Fact]
    public void A_contour_thinner_than_a_pixel_is_fainter()
    {
        PixelImage picture = Overlay.Draw(Black(16, 6), [Left(16, 6, Red)], new OverlayOptions { ContourThickness = 1 });
        Assert.Equal(new RgbColor(128, 0, 0), At(picture, 7, 3));
        Assert.Equal(new RgbColor(128, 0, 0), At(picture, 8, 3));
    }

    [Fact]
    public void Contours_that_coincide_alternate_in_dashes()
    {
        OverlayLayer[] layers = [Left(8, 40, Red), Left(8, 40, Blue)];
        PixelImage picture = Overlay.Draw(Black(8, 40), layers, new OverlayOptions { ContourThickness = 2 });
        RgbColor[] along = [.. Enumerable.Range(0, 40).Select(y => At(picture, 4, y))];
        Assert.Equal([Red, Blue], along.Distinct().OrderByDescending(color => color.Red));
        Assert.InRange(along.Zip(along.Skip(1)).Count(pair => pair.First != pair.Second), 4, 10);
    }

    [Fact]
    public void Layers_may_have_a_thickness_opacity_and_colour_of_their_own()
    {
        OverlayLayer fill = new(4, 4, [.. Enumerable.Repeat(true, 16)]) { FillOpacity = 1, ContourThickness = 0 };
        PixelImage picture = Overlay.Draw(Black(4, 4), [fill], new OverlayOptions { Palette = new LabelPalette(Blue) });
        Assert.All(Enumerable.Range(0, 16), i => Assert.Equal(Blue, At(picture, i % 4, i / 4)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Empty_and_full_masks_have_no_contour(bool inside)
    {
        OverlayLayer layer = new(5, 5, [.. Enumerable.Repeat(inside, 25)]);
        Assert.Equal(Overlay.Draw(Black(5, 5), []).Bytes.ToArray(), Overlay.Draw(Black(5, 5), [layer]).Bytes.ToArray());
    }

    [Fact]
    public void A_magnified_contour_runs_along_the_edges_of_pixels()
    {
        PixelImage picture = Overlay.Draw(Black(4, 2), [Left(4, 2, Red)], new OverlayOptions { Magnification = 8, ContourThickness = 2 });
        Assert.Equal((32, 16), (picture.Width, picture.Height));
        Assert.Equal([RgbColor.Black, Red, Red, RgbColor.Black], Enumerable.Range(14, 4).Select(x => At(picture, x, 9)));
    }

    [Fact]
    public void A_gamma_below_one_brightens()
    {
        var dim = new FloatImage(1, 1, 1, [0.25f]);
        Assert.Equal(128, At(Overlay.Draw(dim, [], new OverlayOptions { Gamma = 0.5 }), 0, 0).Red);
    }

    [Fact]
    public void A_sixteen_bit_image_is_shown_over_its_full_range()
    {
        var image = new PixelImage(2, 1, 1, [(ushort)0, (ushort)65535]);
        Assert.Equal(RgbColor.White, At(Overlay.Draw(image, [], null), 1, 0));
    }

    [Fact]
    public void A_prediction_is_drawn_label_by_label()
    {
        var probability = new FloatImage(2, 1, 2, [0.9f, 0.1f, 0.2f, 0.8f]);
        IReadOnlyList<OverlayLayer> layers = OverlayLayer.FromPrediction(new Prediction(probability), ["cup"]);
        Assert.Equal(["cup", "label 2"], layers.Select(layer => layer.Name));
        Assert.Equal([true, false], layers[0].Inside.ToArray());
        Assert.Equal([false, true], layers[1].Inside.ToArray());
        Assert.Equal([LabelPalette.Default[0], LabelPalette.Default[1]], Overlay.Legend(layers).Select(entry => entry.Color));
    }

    [Theory]
    [InlineData(0.4, 1)]
    [InlineData(1.6, 1)]
    [InlineData(2, 3)]
    [InlineData(5.3, 1)]
    [InlineData(20, 2)]
    public void A_contour_covers_what_the_distance_to_the_border_says(double thickness, int magnification)
    {
        var random = new Random(7);
        for (int round = 0; round < 12; round++)
        {
            (int width, int height) = (1 + random.Next(50), 1 + random.Next(90));
            bool[] inside = [.. Enumerable.Range(0, width * height).Select(_ => random.NextDouble() < round / 12.0)];
            PixelImage drawn = Overlay.Draw(
                new FloatImage(1, height, width),
                [new OverlayLayer(width, height, inside) { Color = RgbColor.White }],
                new OverlayOptions { ContourThickness = thickness, Magnification = magnification });

            (int wide, int high) = (width * magnification, height * magnification);
            bool[] large = [.. Enumerable.Range(0, wide * high)
                .Select(i => inside[(i / wide / magnification * width) + (i % wide / magnification)])];
            var toInside = new float[large.Length];
            var toOutside = new float[large.Length];
            DistanceTransform.Euclidean(large, high, wide, toInside);
            DistanceTransform.Euclidean(large.Select(value => !value).ToArray(), high, wide, toOutside);
            for (int i = 0; i < large.Length; i++)
            {
                double coverage = Math.Clamp((thickness / 2) - (Math.Max(toInside[i], toOutside[i]) - 0.5) + 0.5, 0, 1);
                Assert.Equal(255 * coverage, drawn.Bytes[3 * i], 0.51);
            }
        }
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(3, 8)]
    [InlineData(4, 16)]
    [InlineData(1, 16)]
    public void Stored_pixels_are_shown_as_their_floats_are(int channels, int bits)
    {
        var random = new Random(3);
        int count = 40 * 70 * channels;
        PixelImage image = bits == 8
            ? new PixelImage(40, 70, channels, [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(256))])
            : new PixelImage(40, 70, channels, [.. Enumerable.Range(0, count).Select(_ => (ushort)random.Next(65536))]);
        var options = new OverlayOptions { Gamma = 0.7 };
        Assert.Equal(
            Overlay.Draw(image.ToFloat(ImageChannels.Rgb), [], options).Bytes.ToArray(), Overlay.Draw(image, [], options).Bytes.ToArray());
    }

    [Fact]
    public void A_channel_can_be_chosen_of_images_of_many()
    {
        var image = new FloatImage(5, 1, 1, [0.1f, 0.2f, 0.4f, 0.6f, 1]);
        Assert.Equal([153, 153, 153], Overlay.Draw(image, [], new OverlayOptions { Channels = [3] }).Bytes.ToArray());
        Assert.Equal([255, 51, 102], Overlay.Draw(image, [], new OverlayOptions { Channels = [4, 1, 2] }).Bytes.ToArray());
        var stored = new PixelImage(1, 1, 4, [10, 20, 30, 40]);
        Assert.Equal([20, 20, 20], Overlay.Draw(stored, [], new OverlayOptions { Channels = [1] }).Bytes.ToArray());
        Assert.Equal([30, 20, 10], Overlay.Draw(stored, [], new OverlayOptions { Channels = [2, 1, 0] }).Bytes.ToArray());
        Assert.Throws<InvalidOptionsException>(() => Overlay.Draw(stored, [], new OverlayOptions { Channels = [4] }));
        Assert.Throws<InvalidOptionsException>(() => Overlay.Draw(image, [], new OverlayOptions { Channels = [0, 1] }));
        Assert.Throws<InvalidOptionsException>(() => Overlay.Draw(image, [], new OverlayOptions { Channels = [-1] }));
    }

    [Fact]
    public void Sizes_that_differ_and_options_out_of_range_are_refused()
    {
        ArgumentException size = Assert.Throws<ArgumentException>(() => Overlay.Draw(Black(4, 4), [Left(5, 4, Red)]));
        Assert.Contains("4×4", size.Message);
        Assert.Contains("5×4", size.Message);
        InvalidOptionsException options = Assert.Throws<InvalidOptionsException>(() => Overlay.Draw(
            Black(4, 4),
            [new OverlayLayer(4, 4, new bool[16]) { FillOpacity = 2 }],
            new OverlayOptions { ContourThickness = double.NaN, FillOpacity = -1, Magnification = 0, Gamma = 0 }));
        Assert.Equal(5, options.Problems.Count);
        Assert.Throws<ArgumentException>(() => OverlayLayer.FromMask(new PixelImage(1, 1, 3, new byte[3])));
        Assert.Throws<ArgumentException>(() => new OverlayLayer(2, 2, new bool[3]));
    }

    internal static RgbColor At(PixelImage picture, int x, int y) =>
        new((byte)picture[x, y, 0], (byte)picture[x, y, 1], (byte)picture[x, y, 2]);

    internal static FloatImage Black(int width, int height) => new(3, height, width);

    private static OverlayLayer Left(int width, int height, RgbColor color) =>
        new(width, height, [.. Enumerable.Range(0, width * height).Select(i => i % width < width / 2)]) { Color = color };
}

using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Metrics;

namespace MadgNet.Core.Tests.Inference;

public class PostProcessingTests
{
    [Fact]
    public void The_defaults_are_the_threshold_alone() => Expect(
        new PostProcessing(),
        ["#.#", ".#.", "##."],
        ["#.#", ".#.", "##."]);

    [Theory]
    [InlineData(1, "####..,####..,......,......,......")]
    [InlineData(2, "####..,####..,......,...###,...###")]
    [InlineData(3, "####.#,####..,......,...###,...###")]
    [InlineData(9, "####.#,####..,......,...###,#..###")]
    public void The_largest_components_are_kept(int count, string expected) => Expect(
        new PostProcessing { KeepLargest = count },
        ["####.#", "####..", "......", "...###", "#..###"],
        expected.Split(','));

    [Fact]
    public void Of_equal_components_the_upper_and_left_one_is_kept() => Expect(
        new PostProcessing { KeepLargest = 1 },
        ["...##", "##...", "...##"],
        ["...##", ".....", "....."]);

    [Fact]
    public void Small_components_are_removed_by_their_area_in_pixels() => Expect(
        new PostProcessing { MinimumArea = 3 },
        ["##..###", "......#", "#......"],
        ["....###", "......#", "......."]);

    [Fact]
    public void Or_in_the_unit_of_the_spacing() => Expect(
        new PostProcessing { MinimumArea = 3 },
        ["##..###", ".......", "#......"],
        ["##..###", ".......", "......."],
        new PixelSpacing(3, 0.5));

    [Fact]
    public void Holes_up_to_an_area_are_filled_and_what_reaches_the_edge_is_none() => Expect(
        new PostProcessing { FillHolesUpTo = 2 },
        ["#####.###", "#.#.#.#.#", "#.###.#.#", "#####.#.#", "......###"],
        ["#####.###", "#####.#.#", "#####.#.#", "#####.#.#", "......###"]);

    [Fact]
    public void All_holes_are_filled_with_an_infinite_area() => Expect(
        new PostProcessing { FillHolesUpTo = double.PositiveInfinity },
        ["#####", "#...#", "#.#.#", "#...#", "#####", "#...#"],
        ["#####", "#####", "#####", "#####", "#####", "#...#"]);

    [Fact]
    public void A_gap_between_corners_lets_background_out_only_where_foreground_is_connected_by_edges()
    {
        string[] ring = [".##..", "#..#.", "#..#.", ".##..", "....."];
        Expect(new PostProcessing { FillHolesUpTo = 9 }, ring, [".##..", "####.", "####.", ".##..", "....."]);
        Expect(new PostProcessing { FillHolesUpTo = 9, Connectivity = ComponentConnectivity.Four }, ring, ring);
    }

    [Fact]
    public void Corners_connect_only_where_they_are_said_to()
    {
        string[] diagonal = ["##...", "##...", "..##.", "..##.", "....#"];
        Expect(new PostProcessing { KeepLargest = 1 }, diagonal, diagonal);
        Expect(
            new PostProcessing { KeepLargest = 1, Connectivity = ComponentConnectivity.Four },
            diagonal,
            ["##...", "##...", ".....", ".....", "....."]);
    }

    [Fact]
    public void Holes_are_filled_before_areas_are_measured() => Expect(
        new PostProcessing { FillHolesUpTo = 1, MinimumArea = 9, KeepLargest = 1 },
        ["###.....", "#.#.....", "###.####", "....####"],
        ["###.....", "###.....", "###.....", "........"]);

    [Fact]
    public void Smoothing_removes_what_is_thin_and_rounds_what_is_not()
    {
        var image = new FloatImage(1, 9, 20);
        for (int y = 0; y < 9; y++)
        {
            image[0, y, 3] = 1;
            for (int x = 8; x < 17; x++)
            {
                image[0, y, x] = y is > 0 and < 8 ? 1 : 0;
            }
        }

        bool[] mask = new PostProcessing { Smoothing = 1 }.Apply(image, 0, 0.5, PixelSpacing.Pixels);
        Assert.DoesNotContain(true, Enumerable.Range(0, 9).Select(y => mask[(y * 20) + 3]));
        Assert.True(mask[(4 * 20) + 12]);
        Assert.False(mask[20 + 8], "a corner is rounded off");
        Assert.Equal(1, image[0, 0, 3]);
    }

    [Fact]
    public void An_empty_and_a_full_mask_stay_so()
    {
        var all = new PostProcessing { Smoothing = 1, FillHolesUpTo = 5, MinimumArea = 2, KeepLargest = 3 };
        Assert.DoesNotContain(true, all.Apply(new FloatImage(1, 5, 6), 0, 0.5, PixelSpacing.Pixels));
        var full = new FloatImage(1, 5, 6);
        full.Data.Fill(1);
        Assert.DoesNotContain(false, all.Apply(full, 0, 0.5, PixelSpacing.Pixels));
    }

    [Fact]
    public void Every_label_is_processed_by_itself_with_its_own_threshold()
    {
        var maps = new FloatImage(2, 1, 4, [0.9f, 0.9f, 0, 0.9f, 0.3f, 0, 0.3f, 0.3f]);
        var prediction = new Prediction(maps, [0.5, 0.2], ["a", "b"]) { PostProcessing = new PostProcessing { KeepLargest = 1 } };
        Assert.Equal([255, 255, 0, 0], prediction.Mask(0).Bytes.ToArray());
        Assert.Equal([0, 0, 255, 255], prediction.Mask(1).Bytes.ToArray());
        Assert.Equal([255, 255, 0, 255], prediction.With(null, PixelSpacing.Pixels).Mask(0).Bytes.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => prediction.Mask(2));
    }

    [Fact]
    public void A_predictor_hands_its_post_processing_to_every_prediction()
    {
        var postProcessing = new PostProcessing { MinimumArea = 7 };
        using var predictor = new Support.ConvolutionPredictor(new PredictorOptions
        {
            PostProcessing = postProcessing,
            Spacing = new PixelSpacing(2, 3)
        });
        Prediction prediction = predictor.Predict(Support.Pictures.Noise(3, 8, 8));
        Assert.Equal((postProcessing, new PixelSpacing(2, 3)), (prediction.PostProcessing, prediction.Spacing));
    }

    [Fact]
    public void Options_out_of_range_are_refused_together()
    {
        var options = new PostProcessing
        {
            Smoothing = double.NaN,
            FillHolesUpTo = -1,
            MinimumArea = double.PositiveInfinity,
            KeepLargest = 0,
            Connectivity = (ComponentConnectivity)5
        };
        Assert.Equal(5, options.Validate().Count);
        Assert.Equal(6, new PredictorOptions { PostProcessing = options, Spacing = default }.Validate().Count);
        Assert.Throws<InvalidOptionsException>(() => options.Apply(new FloatImage(1, 2, 2), 0, 0.5, PixelSpacing.Pixels));
    }

    [Fact]
    public void A_prediction_whose_parts_do_not_fit_is_refused()
    {
        var maps = new FloatImage(2, 3, 3);
        Assert.Throws<ArgumentException>(() => new Prediction(maps, [0.5], []));
        Assert.Throws<ArgumentException>(() => new Prediction(maps, [0.5, 0.5], ["a"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Prediction(maps, [0.5, double.NaN], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Prediction(maps, 1.5));
    }

    private static void Expect(PostProcessing options, string[] before, string[] after, PixelSpacing? spacing = null)
    {
        var image = new FloatImage(
            1, before.Length, before[0].Length, [.. string.Concat(before).Select(pixel => pixel == '#' ? 0.8f : 0.1f)]);
        bool[] mask = options.Apply(image, 0, 0.5, spacing ?? PixelSpacing.Pixels);
        Assert.Equal(after, mask.Chunk(before[0].Length).Select(row => string.Concat(row.Select(pixel => pixel ? '#' : '.'))));
    }
}

using System.Text.Json;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Metrics;

namespace MadgNet.Core.Tests.Inference;

public class RegionTests
{
    [Fact]
    public void A_rectangle_has_the_numbers_of_a_rectangle()
    {
        Region region = Assert.Single(Find(["......", "..###.", "..###.", "......"]));
        Assert.Equal((0, null, 6, 6.0, 0.75), (region.Label, region.LabelName, region.PixelCount, region.Area, region.MeanProbability));
        Assert.Equal(new RegionPoint(3.5, 2), region.Centroid);
        Assert.Equal(new RegionBounds(2, 1, 3, 2), region.BoundingBox);
        Assert.Equal([new(5, 1), new(5, 3), new(2, 3), new(2, 1)], region.Outer);
        Assert.Empty(region.Holes);

        // Two sides of 3 and two of 2, each corner cut from the middle of one pixel edge to the middle of the next.
        Assert.Equal(10 - 4 + (4 * Math.Sqrt(0.5)), region.Perimeter, 1e-12);
    }

    [Fact]
    public void Lengths_and_areas_are_in_the_unit_of_the_spacing()
    {
        Region region = Assert.Single(Find(["......", "..###.", "..###.", "......"], spacing: new PixelSpacing(2, 0.5)));
        Assert.Equal(6.0, region.Area, 1e-12);
        Assert.Equal(new RegionPoint(1.75, 4), region.Centroid);
        Assert.Equal(new RegionBounds(1, 2, 1.5, 4), region.BoundingBox);
        Assert.Equal(new RegionPoint(2.5, 2), region.Outer[0]);
        Assert.Equal((2 * 2 * 0.5) + (2 * 1 * 2) + (4 * Math.Sqrt(4.25) / 2), region.Perimeter, 1e-12);
    }

    [Fact]
    public void Holes_have_contours_of_their_own_and_what_lies_in_them_is_another_region()
    {
        IReadOnlyList<Region> regions = Find(["#######", "#.....#", "#.#...#", "#.....#", "###.###", "#######"]);
        Assert.Equal(2, regions.Count);
        IReadOnlyList<RegionPoint> hole = Assert.Single(regions[0].Holes);
        Assert.Equal(16, -Shoelace(hole));
        Assert.Equal(4, regions[1].Outer.Count);
        Assert.Equal(42 - 16, regions[0].PixelCount);
    }

    [Fact]
    public void Pixels_that_meet_at_a_corner_are_one_region_or_two()
    {
        string[] mask = ["#..", ".#.", "..#"];
        Region one = Assert.Single(Find(mask));
        Assert.Equal(12, one.Outer.Count);
        Assert.Equal(3, Find(mask, ComponentConnectivity.Four).Count);
    }

    [Fact]
    public void A_straight_and_a_diagonal_edge_are_as_long_as_they_are_and_a_circle_is_five_percent_too_long()
    {
        var circle = new FloatImage(1, 220, 220);
        var diamond = new FloatImage(1, 220, 220);
        for (int y = 0; y < 220; y++)
        {
            for (int x = 0; x < 220; x++)
            {
                circle[0, y, x] = Math.Pow(x - 110, 2) + Math.Pow(y - 110, 2) <= 10_000 ? 1 : 0;
                diamond[0, y, x] = Math.Abs(x - 110) + Math.Abs(y - 110) <= 100 ? 1 : 0;
            }
        }

        Assert.Equal(1.055, Assert.Single(new Prediction(circle).Regions()).Perimeter / (2 * Math.PI * 100), 0.01);
        Assert.Equal(4 * 100.5 * Math.Sqrt(2), Assert.Single(new Prediction(diamond).Regions()).Perimeter, 2.0);
    }

    [Theory]
    [InlineData(ComponentConnectivity.Four)]
    [InlineData(ComponentConnectivity.Eight)]
    public void The_contours_of_any_mask_enclose_exactly_its_pixels(ComponentConnectivity connectivity)
    {
        var random = new Random(11);
        for (int trial = 0; trial < 200; trial++)
        {
            int height = random.Next(1, 14);
            int width = random.Next(1, 14);
            double density = random.NextDouble();
            string[] mask = [.. Enumerable.Range(0, height)
                .Select(_ => string.Concat(Enumerable.Range(0, width).Select(_ => random.NextDouble() < density ? '#' : '.')))];
            IReadOnlyList<Region> regions = Find(mask, connectivity);
            Assert.Equal(mask.Sum(row => row.Count(pixel => pixel == '#')), regions.Sum(region => region.PixelCount));
            var painted = new int[height * width];
            foreach (Region region in regions)
            {
                Assert.True(Shoelace(region.Outer) > 0, "the outer contour runs clockwise on the screen");
                Assert.All(region.Holes, hole => Assert.True(Shoelace(hole) < 0));
                Assert.Equal(region.PixelCount, Shoelace(region.Outer) + region.Holes.Sum(Shoelace));
                int inside = 0;
                for (int i = 0; i < painted.Length; i++)
                {
                    bool within = ((IReadOnlyList<RegionPoint>[])[
                        region.Outer,
                        .. region.Holes
                    ]).Sum(contour => Crossings(contour, (i % width) + 0.5, (i / width) + 0.5)) % 2 == 1;
                    painted[i] += within ? 1 : 0;
                    inside += within ? 1 : 0;
                }

                Assert.Equal(region.PixelCount, inside);
            }

            Assert.Equal(string.Concat(mask).Select(pixel => pixel == '#' ? 1 : 0), painted);
        }
    }

    [Fact]
    public void Regions_are_those_of_the_mask_after_post_processing_in_the_order_of_their_places()
    {
        FloatImage image = Image(["#..###", "....#.", "##...."]);
        IReadOnlyList<Region> regions = new Prediction(image) { PostProcessing = new PostProcessing { MinimumArea = 2 } }.Regions();
        Assert.Equal([4, 2], regions.Select(region => region.PixelCount));
        Assert.Empty(new Prediction(new FloatImage(1, 3, 3)).Regions());
        Assert.Throws<ArgumentOutOfRangeException>(() => new Prediction(image).Regions(1));
    }

    [Fact]
    public void GeoJson_has_closed_rings_and_the_numbers_of_each_region()
    {
        FloatImage image = Image(["###.", "#.#.", "###.", "...."]);
        IReadOnlyList<Region> regions = new Prediction(image, [0.5], ["nucleus \"A\""]).Regions();
        using JsonDocument json = JsonDocument.Parse(RegionExport.ToGeoJson(regions));
        Assert.Equal("FeatureCollection", json.RootElement.GetProperty("type").GetString());
        JsonElement feature = Assert.Single(json.RootElement.GetProperty("features").EnumerateArray());
        JsonElement geometry = feature.GetProperty("geometry");
        Assert.Equal("Polygon", geometry.GetProperty("type").GetString());
        double[][][] rings = geometry.GetProperty("coordinates").Deserialize<double[][][]>()!;
        Assert.Equal(2, rings.Length);
        Assert.All(rings, ring => Assert.Equal(ring[0], ring[^1]));
        Assert.All(rings, ring => Assert.Equal(5, ring.Length));
        JsonElement properties = feature.GetProperty("properties");
        Assert.Equal(8, properties.GetProperty("area").GetDouble());
        Assert.Equal("nucleus \"A\"", properties.GetProperty("labelName").GetString());
        Assert.Equal([1.5, 1.5], properties.GetProperty("centroid").Deserialize<double[]>()!);
        using JsonDocument none = JsonDocument.Parse(RegionExport.ToGeoJson([]));
        Assert.Empty(none.RootElement.GetProperty("features").EnumerateArray());
    }

    private static IReadOnlyList<Region> Find(
        string[] mask, ComponentConnectivity connectivity = ComponentConnectivity.Eight, PixelSpacing? spacing = null) =>
        new Prediction(Image(mask))
        {
            PostProcessing = new PostProcessing { Connectivity = connectivity },
            Spacing = spacing ?? PixelSpacing.Pixels
        }.Regions();

    private static FloatImage Image(string[] mask) =>
        new(1, mask.Length, mask[0].Length, [.. string.Concat(mask).Select(pixel => pixel == '#' ? 0.75f : 0.25f)]);

    /// <summary>The enclosed area, positive where the contour runs clockwise with y downwards.</summary>
    private static double Shoelace(IReadOnlyList<RegionPoint> contour) =>
        contour.Select((point, i) => (point, next: contour[(i + 1) % contour.Count]))
            .Sum(edge => (edge.point.X * edge.next.Y) - (edge.next.X * edge.point.Y)) / 2;

    /// <summary>How often a ray to the right crosses the contour.</summary>
    private static int Crossings(IReadOnlyList<RegionPoint> contour, double x, double y) =>
        contour.Select((point, i) => (point, next: contour[(i + 1) % contour.Count]))
            .Count(edge => edge.point.X > x && edge.point.Y > y != edge.next.Y > y);
}

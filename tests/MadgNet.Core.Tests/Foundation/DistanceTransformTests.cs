using CsCheck;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Tests.Foundation;

public sealed class DistanceTransformTests
{
    private static readonly Gen<(bool[] Features, int Height, int Width)> Planes =
        from height in Gen.Int[1, 12]
        from width in Gen.Int[1, 20]
        from rarity in Gen.Int[1, 12]
        from values in Gen.Int[0, rarity].Array[height * width]
        select (values.Select(value => value == 0).ToArray(), height, width);

    [Fact]
    public void Distances_equal_an_exhaustive_search_bit_for_bit()
    {
        Planes.Sample(plane =>
        {
            var distances = new double[plane.Features.Length];
            DistanceTransform.EuclideanWithNearest(plane.Features, plane.Height, plane.Width, distances, []);
            Assert.Equal(Exhaustive(plane.Features, plane.Width, 1, 1), distances);
        }, iter: 300);
    }

    [Fact]
    public void Distances_with_a_spacing_equal_an_exhaustive_search()
    {
        (from plane in Planes from row in Gen.Double[0.1, 5] from column in Gen.Double[0.1, 5] select (plane, row, column)).Sample(input =>
        {
            var distances = new double[input.plane.Features.Length];
            DistanceTransform.EuclideanWithNearest(
                input.plane.Features, input.plane.Height, input.plane.Width, distances, [], new PixelSpacing(input.row, input.column));
            double[] expected = Exhaustive(input.plane.Features, input.plane.Width, input.row, input.column);

            // Both round the same handful of products, in a different order.
            Assert.All(distances.Zip(expected), pair => Assert.True(
                pair.First.Equals(pair.Second) || Math.Abs(pair.First - pair.Second) <= 1e-12 * pair.Second, $"{pair}"));
        }, iter: 200);
    }

    [Fact]
    public void The_nearest_feature_is_a_feature_at_the_reported_distance()
    {
        Planes.Sample(plane =>
        {
            var distances = new double[plane.Features.Length];
            var nearest = new int[plane.Features.Length];
            DistanceTransform.EuclideanWithNearest(plane.Features, plane.Height, plane.Width, distances, nearest);
            for (int i = 0; i < nearest.Length; i++)
            {
                if (!plane.Features.Contains(true))
                {
                    Assert.Equal(-1, nearest[i]);
                    continue;
                }

                Assert.True(plane.Features[nearest[i]]);
                Assert.Equal(Between(i, nearest[i], plane.Width, 1, 1), distances[i]);
            }
        }, iter: 300);
    }

    [Fact]
    public void Single_precision_distances_are_the_rounded_double_ones()
    {
        Planes.Sample(plane =>
        {
            var single = new float[plane.Features.Length];
            DistanceTransform.Euclidean(plane.Features, plane.Height, plane.Width, single);
            Assert.Equal(Exhaustive(plane.Features, plane.Width, 1, 1).Select(distance => (float)distance), single);
        }, iter: 50);
    }

    [Fact]
    public void A_plane_without_features_is_infinitely_far_from_them()
    {
        var distances = new double[6];
        DistanceTransform.EuclideanWithNearest(new bool[6], 2, 3, distances, []);
        Assert.All(distances, distance => Assert.Equal(double.PositiveInfinity, distance));
    }

    [Fact]
    public void A_plane_of_another_size_is_refused_with_both_sizes()
    {
        var exception = Assert.Throws<ArgumentException>(() => DistanceTransform.Euclidean(new bool[5], 2, 3, new float[6]));
        Assert.Contains("received 5 elements; expected 6", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_spacing_that_is_no_length_is_refused(double spacing) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PixelSpacing(1, spacing));

    private static double[] Exhaustive(bool[] features, int width, double row, double column)
    {
        int[] sites = [.. Enumerable.Range(0, features.Length).Where(i => features[i])];
        return [.. Enumerable.Range(0, features.Length).Select(i =>
            sites.Length == 0 ? double.PositiveInfinity : sites.Min(site => Between(i, site, width, row, column)))];
    }

    private static double Between(int a, int b, int width, double row, double column)
    {
        double vertical = ((a / width) - (b / width)) * row;
        double horizontal = ((a % width) - (b % width)) * column;
        return Math.Sqrt((vertical * vertical) + (horizontal * horizontal));
    }
}

using CsCheck;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Metrics;

public sealed class SurfaceDistancesTests
{
    [Fact]
    public void One_empty_mask_leaves_the_distances_undefined()
    {
        SurfaceDistances distances = SurfaceDistances.Compute([true, false], new bool[2], 1, 2);
        Assert.False(distances.IsDefined);
        Assert.Equal(
            (double.NaN, double.NaN, double.NaN, 0),
            (distances.Hausdorff, distances.Hausdorff95, distances.AverageSymmetric, distances.Normalized));
    }

    [Fact]
    public void Two_empty_masks_are_at_distance_zero() =>
        Assert.Equal(new SurfaceDistances(0, 0, 0, 1), SurfaceDistances.Compute(new bool[2], new bool[2], 1, 2));

    [Fact]
    public void Distances_equal_an_exhaustive_search_over_the_borders() => MetricMaps.Gen.Sample(maps =>
    {
        bool[] predicted = [.. maps.Prediction.Select(probability => probability >= 0.5f)];
        SurfaceDistances actual = SurfaceDistances.Compute(predicted, maps.Truth, maps.Height, maps.Width, 1.5, new PixelSpacing(2, 0.5));
        if (!actual.IsDefined || !predicted.Contains(true))
        {
            return;
        }

        double[] forth = Directed(predicted, maps.Truth, maps.Width);
        double[] back = Directed(maps.Truth, predicted, maps.Width);
        double[] all = [.. forth, .. back];
        Assert.Equal(all.Max(), actual.Hausdorff, 1e-12);
        Assert.Equal(all.Average(), actual.AverageSymmetric, 1e-12);
        Assert.Equal(all.Count(distance => distance <= 1.5) / (double)all.Length, actual.Normalized, 1e-12);
    }, iter: 200);

    [Fact]
    public void A_tolerance_below_zero_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SurfaceDistances.Compute([true], [true], 1, 1, -1));

    private static double[] Directed(bool[] from, bool[] to, int width)
    {
        int[] source = Border(from, width);
        int[] target = Border(to, width);
        return [.. source.Select(a => target.Min(b =>
            Math.Sqrt(Math.Pow(2.0 * ((a / width) - (b / width)), 2) + Math.Pow(0.5 * ((a % width) - (b % width)), 2))))];
    }

    private static int[] Border(bool[] mask, int width)
    {
        return [.. Enumerable.Range(0, mask.Length)
            .Where(i => mask[i] && !(Set(i, -1, 0) && Set(i, 1, 0) && Set(i, 0, -1) && Set(i, 0, 1)))];

        bool Set(int i, int rows, int columns)
        {
            int row = (i / width) + rows;
            int column = (i % width) + columns;
            return row >= 0 && row < mask.Length / width && column >= 0 && column < width && mask[(row * width) + column];
        }
    }
}

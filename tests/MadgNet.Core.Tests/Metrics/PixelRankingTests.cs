using CsCheck;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Metrics;

public sealed class PixelRankingTests
{
    [Fact]
    public void The_textbook_example_of_scikit_learn_is_reproduced()
    {
        // scikit-learn, documentation of roc_auc_score (0.75) and average_precision_score (0.83).
        PixelRanking ranking = PixelRanking.Compute([0.1f, 0.4f, 0.35f, 0.8f], [false, false, true, true], 1, 4);
        Assert.Equal(0.75, ranking.RocAuc, 1e-12);
        Assert.Equal(0.5 + (0.5 * 2 / 3), ranking.AveragePrecision, 1e-12);
    }

    [Fact]
    public void The_area_is_the_share_of_pairs_in_the_right_order() => MetricMaps.Gen.Sample(maps =>
    {
        float[] foreground = [.. maps.Prediction.Where((_, i) => maps.Truth[i])];
        float[] background = [.. maps.Prediction.Where((_, i) => !maps.Truth[i])];
        double expected = foreground.SelectMany(f => background.Select(b => f > b ? 1 : f == b ? 0.5 : 0))
            .DefaultIfEmpty(double.NaN)
            .Average();
        Assert.Equal(expected, PixelRanking.Compute(maps.Prediction, maps.Truth, maps.Height, maps.Width).RocAuc, 1e-12);
    }, iter: 100);

    [Fact]
    public void A_truth_without_foreground_has_no_average_precision() =>
        Assert.Equal(double.NaN, PixelRanking.Compute([0.5f, 1f], [false, false], 1, 2).AveragePrecision);

    [Fact]
    public void Negative_zero_ties_with_zero()
    {
        PixelRanking ranking = PixelRanking.Compute([-0f, 0f], [true, false], 1, 2);
        Assert.Equal(0.5, ranking.RocAuc);
    }
}

using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;

namespace MadgNet.Core.Tests.Numbers;

/// <summary>Numbers that the public test suites of other packages expect of metrics of one map. Each has its source.</summary>
public sealed class MetricNumbersTests
{
    [Theory]
    [InlineData("1001", "1011", 0.8, 0.6667)]
    [InlineData("0011", "1010", 0.5, 0.3333)]
    [InlineData("1000", "0100", 0.0, 0.0)]
    [InlineData("1000", "1100", 0.6667, 0.5)]
    [InlineData("0110", "0010", 0.6667, 0.5)]
    [InlineData("1111", "1111", 1.0, 1.0)]
    [InlineData("0000", "0000", 1.0, 1.0)]
    [InlineData("1111", "0000", 0.0, 0.0)]
    public void Monai_Dice_and_IoU(string prediction, string truth, double dice, double intersectionOverUnion)
    {
        // Project-MONAI/MONAI, tests/metrics/test_compute_meandice.py and test_compute_meaniou.py, TEST_CASE_1, 2, 9, 11 and 12.
        ConfusionCounts counts = ConfusionCounts.FromMaps([.. prediction.Select(c => (float)(c - '0'))], Mask(truth), 2, 2);
        Assert.Equal(dice, counts.Dice, 1e-4);
        Assert.Equal(intersectionOverUnion, counts.IntersectionOverUnion, 1e-4);
    }

    [Theory]
    [InlineData(0, 0.0, 12)]
    [InlineData(2.8, 5.5, 3)]
    [InlineData(3, 6, 1)]
    public void Monai_surface_Dice_with_a_tolerance_for_each_class(double background, double foreground, int outsideOfBackground)
    {
        // tests/metrics/test_surface_dice.py, test_tolerance_all_distances: two lines of three pixels in 10×10, and their background.
        var prediction = new FloatImage(2, 10, 10);
        FloatImage[] truth = [new(1, 10, 10), new(1, 10, 10)];
        Enumerable.Range(1, 3).ToList().ForEach(row => prediction.Plane(1)[(row * 10) + 1] = 1);
        Enumerable.Range(5, 3).ToList().ForEach(row => truth[1].Data[(row * 10) + 6] = 1);
        for (int i = 0; i < 100; i++)
        {
            prediction.Plane(0)[i] = 1 - prediction.Plane(1)[i];
            truth[0].Data[i] = 1 - truth[1].Data[i];
        }

        var options = new EvaluatorOptions
        {
            SurfaceTolerances = [background, foreground],
            Metrics = new MetricOptions { Groups = MetricGroups.Surface },
        };
        CaseResult result = new Evaluator(options).Evaluate(
            [new EvaluationCase("a", prediction, truth)], null, TestContext.Current.CancellationToken).Cases[0];
        Assert.Equal(1 - (outsideOfBackground / 84.0), result.Value(Metric.NormalizedSurfaceDistance, 0), 1e-6);
        double expected = foreground switch { 5.5 => 1 - (4.0 / 6), 6 => 1 - (2.0 / 6), _ => 0 };
        Assert.Equal(expected, result.Value(Metric.NormalizedSurfaceDistance, 1), 1e-6);
    }

    [Fact]
    public void Monai_surface_Dice_of_a_shifted_edge()
    {
        // The same file, test_tolerance_euclidean_distance: everything right of column 50 against column 60, in 480×640.
        bool[] prediction = RightOf(50);
        bool[] truth = RightOf(60);
        Assert.Equal(
            1 - ((478 + 480 + (9 * 2)) / (double)((480 * 4) + (588 * 2) + (578 * 2))),
            SurfaceDistances.Compute(prediction, truth, 480, 640, tolerance: 0).Normalized,
            1e-12);
        Assert.Equal(1, SurfaceDistances.Compute(prediction, truth, 480, 640, tolerance: 10).Normalized);

        static bool[] RightOf(int column) => [.. Enumerable.Range(0, 480 * 640).Select(i => i % 640 >= column)];
    }

    [Fact]
    public void Scikit_image_hausdorff_distance_of_a_diamond_and_a_kite()
    {
        // scikit-image, skimage/metrics/tests/test_set_metrics.py, test_gallery: corners 10 from (30, 30), and 15 and 20.
        bool[] diamond = Points(60, (30, 40), (40, 30), (30, 20), (20, 30));
        bool[] kite = Points(60, (30, 50), (45, 30), (30, 10), (15, 30));
        Assert.Equal(10, SurfaceDistances.Compute(diamond, kite, 60, 60).Hausdorff, 1e-12);
    }

    [Theory]
    [InlineData(0, 0, 3, 0, 3.0)]
    [InlineData(0, 0, 1, 4, 4.123105625617661)]
    [InlineData(3, 0, 4, 1, 1.4142135623730951)]
    [InlineData(1, 4, 4, 1, 4.242640687119285)]
    public void Scikit_image_hausdorff_distance_of_two_points(int row, int column, int otherRow, int otherColumn, double expected)
    {
        // The same file, test_hausdorff_region_single: the distance of the points.
        bool[] first = Points(5, (row, column));
        bool[] second = Points(5, (otherRow, otherColumn));
        Assert.Equal(expected, SurfaceDistances.Compute(first, second, 5, 5).Hausdorff, 1e-12);
        Assert.Equal(expected, SurfaceDistances.HausdorffAt(first, second, 5, 5, 50), 1e-12);
    }

    [Fact]
    public void Surface_distance_of_two_pixels()
    {
        // google-deepmind/surface-distance, surface_distance_test.py, SurfaceDistance2DTest.test_on_2_pixels_2mm_away: Hausdorff 2, and
        // its mean distance of 1.5 and surface Dice of 0.5 count surface elements where ours count pixels, which are 2 apart.
        var spacing = new PixelSpacing(2, 1);
        SurfaceDistances distances = SurfaceDistances.Compute(
            Points(128, (50, 70)), Points(128, (50, 72)), 128, 128, tolerance: 1, spacing);
        Assert.Equal((2, 2), (distances.Hausdorff, distances.Hausdorff95));
        Assert.Equal((2, 0), (distances.AverageSymmetric, distances.Normalized));
    }

    [Fact]
    public void Surface_distance_with_an_empty_mask()
    {
        // The same class, test_empty_prediction_mask and test_empty_ground_truth_mask: surface Dice and Dice 0. Infinite distances are
        // undefined here.
        SurfaceDistances distances = SurfaceDistances.Compute(Points(128), Points(128, (50, 60)), 128, 128);
        Assert.Equal((double.NaN, 0), (distances.Hausdorff, distances.Normalized));
    }

    [Fact]
    public void Scikit_learn_kappa()
    {
        // scikit-learn, sklearn/metrics/tests/test_classification.py, test_cohen_kappa: the table [[20, 20], [10, 50]] of Artstein,
        // Poesio, Computational Linguistics 34, 2008.
        Assert.Equal(0.348, new ConfusionCounts(50, 20, 10, 20).CohensKappa, 5e-4);
    }

    [Fact]
    public void PySODMetrics_kappa_is_another_number_of_the_same_table()
    {
        // lartpang/PySODMetrics, py_sod_metrics/fmeasurev2.py, KappaHandler: chance ((tp+fp)(tp+fn) + (tn+fn)(tn+tp)) / n².
        const double Chance = ((70.0 * 60) + (30 * 70)) / (100 * 100);
        Assert.Equal(0.63, Chance, 1e-12);
        Assert.NotEqual((0.7 - Chance) / (1 - Chance), new ConfusionCounts(50, 20, 10, 20).CohensKappa, 0.1);
    }

    [Fact]
    public void Scikit_learn_Brier_score()
    {
        // The same file, test_brier_score_loss: the squared norm of the difference over the number of values.
        CalibrationTable table = CalibrationTable.Compute(
            [0.1f, 0.8f, 0.9f, 0.3f, 1, 0.95f], [false, true, true, false, true, true], 1, 6);
        Assert.Equal((0.01 + 0.04 + 0.01 + 0.09 + 0 + 0.0025) / 6, table.BrierScore, 1e-7);
    }

    private static bool[] Mask(string text) => [.. text.Select(c => c == '1')];

    private static bool[] Points(int width, params (int Row, int Column)[] points)
    {
        var mask = new bool[width * width];
        foreach ((int row, int column) in points)
        {
            mask[(row * width) + column] = true;
        }

        return mask;
    }
}

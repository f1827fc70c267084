using MadgNet.Core.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Numbers;

/// <summary>
/// Numbers that the public test suites of other packages expect of their losses. Each row has its source; those packages compute in
/// single precision and print six digits, which is what tolerances allow.
/// </summary>
public sealed class LossNumbersTests
{
    private const double SixDigits = 5e-6;

    /// <summary>Logits of the first rows of MONAI's tables, 2×2.</summary>
    private static readonly double[] Crossed = [1, -1, -1, 1];
    private static readonly double[] Soft1 = [0.3, 0.4, 0.7, 0.9];
    private static readonly double[] Soft2 = [1, 0.1, 0.5, 0.3];

    [Fact]
    public void Monai_DiceLoss()
    {
        // Project-MONAI/MONAI, tests/losses/test_dice_loss.py, TEST_CASES; smooth_nr = smooth_dr = s.
        Expect(0.307576, new DiceLoss(1e-6), (Crossed, [1, 0, 1, 1]));
        Expect(0.416657, new DiceLoss(1e-4), (Crossed, [1, 1, 1, 1]), (Crossed, [1, 0, 1, 0]));

        // jaccard=True doubles numerator and denominator, so that its smoothing of 1e-5 is ours of half that.
        Expect(0.470451, new JaccardLoss(5e-6), (Crossed, [1, 0, 1, 1]));
    }

    [Fact]
    public void Monai_DiceLoss_and_TverskyLoss_with_soft_labels()
    {
        // The same file and tests/losses/test_tversky_loss.py: a prediction equal to its soft target, with soft_label and without.
        (double[], double[])[] perfect = [(Logits(Soft1), Soft1), (Logits(Soft2), Soft2)];
        Expect(0, new DiceLoss(1e-4) { SoftLabels = true }, perfect);
        Expect(0.307773, new DiceLoss(1e-4), perfect);
        Expect(0, new TverskyLoss(0.5, 0.5, 1e-4) { SoftLabels = true }, perfect);
        Expect(0.307773, new TverskyLoss(0.5, 0.5, 1e-4), perfect, 2e-5);
    }

    [Fact]
    public void Monai_TverskyLoss()
    {
        // tests/losses/test_tversky_loss.py; alpha weighs false positives there as here.
        Expect(0.307576, new TverskyLoss(0.5, 0.5, 1e-6), (Crossed, [1, 0, 1, 1]));
        Expect(0.3589, new TverskyLoss(0.3, 0.7, 1e-6), 5e-5, (Crossed, [1, 0, 1, 1]));
        Expect(0.247366, new TverskyLoss(0.7, 0.3, 1e-6), (Crossed, [1, 0, 1, 1]));
    }

    [Fact]
    public void Monai_HausdorffDTLoss()
    {
        // tests/losses/test_hausdorff_loss.py: the third has a full truth, whose distances are 0 there.
        var loss = new HausdorffDistanceLoss(emptyMaps: EmptyMapDistance.Zero);
        Expect(0.509329, loss, (Crossed, [1, 0, 1, 1]));
        Expect(0.326994, loss, (Crossed, [1, 0, 1, 1]), (Crossed, [1, 0, 0, 1]));
        Expect(0.455082, loss, (Crossed, [1, 1, 1, 1]), (Crossed, [1, 0, 1, 0]));

        // Probabilities of exactly 0.5: background there (> 0.5), foreground here (≥ 0.5), and without a contour either way.
        using var scope = NewDisposeScope();
        Tensor truth = tensor(new double[] { 0, 0, 1 }, [1, 1, 3, 1]);
        Assert.Equal(0.5, loss.Compute(zeros_like(truth), truth).item<double>(), 1e-12);
    }

    [Fact]
    public void Maps_with_a_contour_do_not_depend_on_the_rule_for_those_without()
    {
        // The first row of the table above with our own rule.
        Expect(0.509329, new HausdorffDistanceLoss(), (Crossed, [1, 0, 1, 1]));
    }

    [Fact]
    public void The_rule_for_empty_maps_decides_the_loss_at_the_start_of_a_training()
    {
        // Logits of 0 and a square of 16 in 64 pixels: no source but the formula. Every pixel errs by 0.5.
        using var scope = NewDisposeScope();
        Tensor truth = zeros(1, 1, 64, 64, ScalarType.Float64);
        truth[0, 0, 24..40, 24..40] = 1;
        Tensor logits = zeros_like(truth);
        double zero = new HausdorffDistanceLoss(emptyMaps: EmptyMapDistance.Zero).Compute(logits, truth).item<double>();
        double diagonal = new HausdorffDistanceLoss().Compute(logits, truth).item<double>();
        Assert.Equal(0.25 * 2 * 64 * 64, diagonal - zero, 1e-3);
        Assert.True(diagonal > 25 * zero, $"{diagonal} and {zero}");
    }

    [Theory]
    [InlineData(1.0, 0.5)]
    [InlineData(0.0, 2.0)]
    public void Kornia_focal_loss_without_alpha_and_gamma_is_cross_entropy(double target, double logit)
    {
        // kornia/kornia, tests/losses/test_focal_loss.py, test_value_same_as_torch_bce_loss: alpha=None, gamma=0.
        using var scope = NewDisposeScope();
        Tensor logits = full([1, 1, 1, 1], logit, ScalarType.Float64);
        Tensor truth = full_like(logits, target);
        Assert.Equal(
            new BinaryCrossEntropyLoss().Compute(logits, truth).item<double>(),
            new FocalLoss(gamma: 0, alpha: null).Compute(logits, truth).item<double>(),
            1e-12);
    }

    [Fact]
    public void A_focal_loss_without_alpha_is_twice_that_with_a_half()
    {
        using var scope = NewDisposeScope();
        Tensor logits = tensor(new double[] { -1, 0.5, 2, -3 }, [1, 1, 2, 2]);
        Tensor truth = tensor(new double[] { 1, 0, 1, 0 }, [1, 1, 2, 2]);
        Assert.Equal(
            2 * new FocalLoss(alpha: 0.5).Compute(logits, truth).item<double>(),
            new FocalLoss(alpha: null).Compute(logits, truth).item<double>(),
            1e-12);
    }

    [Theory]
    [InlineData(0.3, 0.7)]
    [InlineData(0.7, 0.3)]
    [InlineData(0.5, 0.5)]
    [InlineData(1.0, 1.0)]
    public void Kornia_tversky_counts(double alpha, double beta)
    {
        // tests/losses/test_tversky.py, test_target_presence_per_sample: TP, FP, FN are (1, 3/8, 1) for the first class of the first
        // sample and (5/8, 1/2, 11/8) for the second; eps = 0 there.
        Expect(
            1 - (1 / (1 + (alpha * 0.375) + beta)), new TverskyLoss(alpha, beta, 1e-12), (Logits([0.5, 0.25, 0.125, 0.5]), [1, 0, 0, 1]));
        Expect(
            1 - (0.625 / (0.625 + (alpha * 0.5) + (beta * 1.375))),
            new TverskyLoss(alpha, beta, 1e-12),
            (Logits([0.25, 0.5, 0.125, 0.25]), [0, 1, 1, 0]));
    }

    [Fact]
    public void Smp_scores_of_masks()
    {
        // qubvel-org/segmentation_models.pytorch, tests/test_losses.py: test_soft_jaccard_score, test_soft_dice_score,
        // test_soft_tversky_score, without smoothing.
        double[] half = [60, 60, -60, -60];
        double[] middle = [-60, 60, 60, -60];
        Expect(1 - 0.5, new JaccardLoss(1e-12), (half, [1, 1, 1, 1]));
        Expect(1 - (2.0 / 3), new DiceLoss(1e-12), (half, [1, 1, 1, 1]));
        Expect(1 - (2.0 / 3), new TverskyLoss(0.5, 0.5, 1e-12), (half, [1, 1, 1, 1]));
        Expect(0, new DiceLoss(1e-12), (middle, [0, 1, 1, 0]));

        // test_multilabel_jaccard_loss: one pixel of three in common.
        Expect(1 - (1.0 / 3), new JaccardLoss(1e-12), (middle, [1, 1, 0, 0]));
    }

    private static double[] Logits(double[] probability) =>
        [.. probability.Select(p => Math.Clamp(Math.Log(p / (1 - p)), -60, 60))];

    private static void Expect(double expected, SegmentationLoss loss, params (double[] Logits, double[] Truth)[] maps) =>
        Expect(expected, loss, SixDigits, maps);

    private static void Expect(double expected, SegmentationLoss loss, (double[] Logits, double[] Truth)[] maps, double tolerance) =>
        Expect(expected, loss, tolerance, maps);

    private static void Expect(double expected, SegmentationLoss loss, double tolerance, params (double[] Logits, double[] Truth)[] maps)
    {
        using var scope = NewDisposeScope();
        int width = maps[0].Truth.Length / 2;
        Tensor logits = tensor(maps.SelectMany(map => map.Logits).ToArray(), [maps.Length, 1, 2, width]);
        Tensor truth = tensor(maps.SelectMany(map => map.Truth).ToArray(), [maps.Length, 1, 2, width]);
        Assert.Equal(expected, loss.Compute(logits, truth).item<double>(), tolerance);
    }
}

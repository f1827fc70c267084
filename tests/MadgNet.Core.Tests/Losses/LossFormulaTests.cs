using MadgNet.Core.Losses;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Losses;

/// <summary>
/// Each loss against its published formula, written out pixel by pixel. Both sides compute in double precision, so that only
/// the order of summation differs.
/// </summary>
public sealed class LossFormulaTests
{
    private const int Height = 5;
    private const int Width = 6;
    private const double Tolerance = 1e-10;

    private static readonly double[] Logits =
        [.. FixtureRule.Tensor("test.formula.logits", [Height * Width], -3, 3).data<float>().Select(value => (double)value)];

    private static readonly double[] Truth = [.. Enumerable.Range(0, Height * Width)
        .Select(i => i / Width is 1 or 2 && i % Width is > 1 and < 5 ? 1.0 : 0.0)];

    private static readonly double[] Probability = [.. Logits.Select(x => 1 / (1 + Math.Exp(-x)))];

    [Fact]
    public void Dice() =>
        Expect(1 - (((2 * TruePositives) + 1) / (Probability.Sum() + Truth.Sum() + 1)), new DiceLoss());

    [Fact]
    public void Jaccard() =>
        Expect(1 - ((TruePositives + 1) / (Probability.Sum() + Truth.Sum() - TruePositives + 1)), new JaccardLoss());

    [Fact]
    public void Log_cosh_Dice() => Expect(
        Math.Log(Math.Cosh(1 - (((2 * TruePositives) + 1) / (Probability.Sum() + Truth.Sum() + 1)))), new LogCoshDiceLoss());

    [Fact]
    public void Tversky() => Expect(
        1 - ((TruePositives + 2) / (TruePositives + (0.2 * FalsePositives) + (0.9 * FalseNegatives) + 2)), new TverskyLoss(0.2, 0.9, 2));

    [Fact]
    public void Focal_Tversky() => Expect(
        Math.Pow(1 - ((TruePositives + 1) / (TruePositives + (0.3 * FalsePositives) + (0.7 * FalseNegatives) + 1)), 0.75),
        new FocalTverskyLoss(),
        6e-6);

    [Fact]
    public void Focal() => Expect(
        Truth.Zip(Probability).Average(pixel => pixel.First == 1
            ? -0.25 * Math.Pow(1 - pixel.Second, 2) * Math.Log(pixel.Second)
            : -0.75 * Math.Pow(pixel.Second, 2) * Math.Log(1 - pixel.Second)),
        new FocalLoss());

    [Fact]
    public void Matthews_correlation()
    {
        double trueNegatives = Truth.Zip(Probability).Sum(pixel => (1 - pixel.First) * (1 - pixel.Second));
        double denominator = Math.Sqrt(
            (TruePositives + FalsePositives) * (TruePositives + FalseNegatives) * (trueNegatives + FalsePositives) * (trueNegatives
                + FalseNegatives));
        Expect(1 - (((TruePositives * trueNegatives) - (FalsePositives * FalseNegatives)) / denominator), new MatthewsCorrelationLoss());
    }

    [Fact]
    public void Binary_cross_entropy() => Expect(
        Truth.Zip(Probability).Average(pixel => -Math.Log(pixel.First == 1 ? pixel.Second : 1 - pixel.Second)),
        new BinaryCrossEntropyLoss());

    [Fact]
    public void Mean_squared_error() =>
        Expect(Truth.Zip(Probability).Average(pixel => Math.Pow(pixel.Second - pixel.First, 2)), new MeanSquaredErrorLoss());

    [Fact]
    public void Lovasz_hinge()
    {
        // The Lovász extension by its definition: sets of the k largest errors, and the growth of their Jaccard loss.
        int[] order = [.. Enumerable.Range(0, Logits.Length).OrderByDescending(Error)];
        double expected = Enumerable.Range(0, order.Length)
            .Sum(k => Math.Max(0, Error(order[k])) * (JaccardLossOf(order[..(k + 1)]) - JaccardLossOf(order[..k])));
        Expect(expected, new LovaszHingeLoss());

        static double Error(int i) => 1 - (Logits[i] * ((2 * Truth[i]) - 1));

        static double JaccardLossOf(int[] wrong)
        {
            double kept = Truth.Sum() - wrong.Sum(i => Truth[i]);
            return 1 - (kept / (Truth.Sum() + wrong.Count(i => Truth[i] == 0)));
        }
    }

    [Fact]
    public void Signed_distance_boundary() => Expect(
        Enumerable.Range(0, Truth.Length).Average(i => Probability[i] * SignedDistance(i, j => Truth[j] == 1)),
        new SignedDistanceBoundaryLoss(),
        1e-6);

    [Fact]
    public void Hausdorff_distance() => Expect(
        Enumerable.Range(0, Truth.Length).Average(i => Math.Pow(Probability[i] - Truth[i], 2)
            * (Math.Pow(SignedDistance(i, j => Truth[j] == 1), 2) + Math.Pow(SignedDistance(i, j => Probability[j] >= 0.5), 2))),
        new HausdorffDistanceLoss(),
        1e-5);

    [Fact]
    public void Centre_line_Dice_of_a_broken_vessel()
    {
        // A vessel of one pixel is its own skeleton: precision 1, sensitivity (6 + 1)/(8 + 1), Dice (2·6 + 1)/(6 + 8 + 1).
        using var scope = NewDisposeScope();
        Tensor truth = zeros(1, 1, 5, 10, ScalarType.Float64);
        truth[0, 0, 2, 1..9] = 1;
        Tensor prediction = truth.clone();
        prediction[0, 0, 2, 4..6] = 0;
        double sensitivity = 7.0 / 9;
        double expected = (0.7 * (1 - (13.0 / 15))) + (0.3 * (1 - (2 * sensitivity / (1 + sensitivity))));
        Tensor loss = new ClDiceLoss(alpha: 0.3).Compute((prediction * 200) - 100, truth);
        Assert.Equal(expected, loss.item<double>(), Tolerance);
    }

    [Fact]
    public void Centre_line_Dice_sees_a_thick_vessel_through_its_skeleton()
    {
        // A bar of 3 × 8 has the skeleton of its middle row less one pixel at each end; a prediction of that row alone
        // holds the whole skeleton and lies in the truth: clDice is 1 where Dice is 2·8/(8 + 24).
        using var scope = NewDisposeScope();
        Tensor truth = zeros(1, 1, 7, 12, ScalarType.Float64);
        truth[0, 0, 2..5, 2..10] = 1;
        Tensor prediction = zeros_like(truth);
        prediction[0, 0, 3, 2..10] = 1;
        double expected = 0.5 * (1 - (17.0 / 33));
        Tensor loss = new ClDiceLoss().Compute((prediction * 200) - 100, truth);
        Assert.Equal(expected, loss.item<double>(), Tolerance);
    }

    [Fact]
    public void A_weighted_sum_adds_its_parts()
    {
        using var scope = NewDisposeScope();
        double expected = (0.5 * Compute(new DiceLoss())) + (2 * Compute(new FocalLoss()));
        Expect(expected, new WeightedSumLoss((0.5, new DiceLoss()), (2, new FocalLoss())));
    }

    [Fact]
    public void A_weighted_sum_refuses_parts_that_reduce_on_their_own() =>
        Assert.Throws<ArgumentException>(() => new WeightedSumLoss((1, new DiceLoss { Reduction = LossReduction.Sum })));

    [Fact]
    public void Parameters_out_of_range_are_refused() => Assert.All<Action>(
        [
            () => _ = new DiceLoss(0),
            () => _ = new TverskyLoss(falsePositiveWeight: 0),
            () => _ = new FocalLoss(gamma: -1),
            () => _ = new FocalLoss(alpha: 1),
            () => _ = new FocalTverskyLoss(gamma: double.NaN),
            () => _ = new HausdorffDistanceLoss(0),
            () => _ = new ClDiceLoss(alpha: 1),
            () => _ = new ClDiceLoss(iterations: 0),
            () => _ = new WeightedSumLoss((double.PositiveInfinity, new DiceLoss())),
        ],
        create => Assert.Throws<ArgumentOutOfRangeException>(create));

    private static double TruePositives => Truth.Zip(Probability).Sum(pixel => pixel.First * pixel.Second);

    private static double FalsePositives => Truth.Zip(Probability).Sum(pixel => (1 - pixel.First) * pixel.Second);

    private static double FalseNegatives => Truth.Zip(Probability).Sum(pixel => pixel.First * (1 - pixel.Second));

    private static double SignedDistance(int pixel, Func<int, bool> isForeground)
    {
        bool inside = isForeground(pixel);
        double nearest = Enumerable.Range(0, Height * Width).Where(other => isForeground(other) != inside).Min(other =>
            Math.Sqrt(Math.Pow((pixel / Width) - (other / Width), 2) + Math.Pow((pixel % Width) - (other % Width), 2)));
        return inside ? -nearest : nearest;
    }

    private static void Expect(double expected, SegmentationLoss loss, double tolerance = Tolerance) =>
        Assert.Equal(expected, Compute(loss), tolerance);

    private static double Compute(SegmentationLoss loss)
    {
        using Tensor logits = tensor(Logits, [1, 1, Height, Width]);
        using Tensor truth = tensor(Truth, [1, 1, Height, Width]);
        using Tensor value = loss.Compute(logits, truth);
        return value.item<double>();
    }
}

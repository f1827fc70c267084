using MadgNet.Core.Losses;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Losses;

/// <summary>What holds for every loss.</summary>
public sealed class SegmentationLossTests
{
    private const int Height = 6;
    private const int Width = 7;

    public static TheoryData<string> Names => [.. LossCatalogue.Names];

    /// <summary>Without centre-line Dice: its skeleton shrinks where thick foreground grows; only its values must rise.</summary>
    public static TheoryData<string> NamesOfPixelwiseSlopes => [.. LossCatalogue.Names.Where(name => name != "centre-line Dice")];

    /// <summary>Without the Hausdorff loss, whose distances are documented to be those of the whole prediction.</summary>
    public static TheoryData<string> NamesThatIgnoreLocally => [.. LossCatalogue.Names.Where(name => name != "Hausdorff distance")];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_equal_finite_differences(string name)
    {
        using var scope = NewDisposeScope();
        Tensor logits = Logits().requires_grad_();
        Tensor truth = Truth();
        Tensor weights = FixtureRule.Tensor("test.pixelWeights", [2, 1, Height, Width], 0.5, 2).to(ScalarType.Float64);
        SegmentationLoss loss = LossCatalogue.Create(name, labelWeights: [1, 3]);
        loss.Compute(logits, truth, pixelWeights: weights).backward();
        double[] gradient = logits.grad!.data<double>().ToArray();

        const double Step = 1e-5;
        using var noGradients = no_grad();
        for (int i = 0; i < gradient.Length; i += 5)
        {
            double difference = (At(i, Step) - At(i, -Step)) / (2 * Step);

            // Central differences err by about 1e-16/step from rounding and by step² from the third derivative.
            Assert.Equal(difference, gradient[i], 1e-8 + (1e-6 * Math.Abs(difference)));
        }

        double At(int index, double shift)
        {
            using Tensor moved = logits.detach().clone();
            moved.view(-1)[index] += shift;
            using Tensor value = loss.Compute(moved, truth, pixelWeights: weights);
            return value.item<double>();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_and_gradients_are_finite_for_extreme_logits(string name)
    {
        using var scope = NewDisposeScope();
        Tensor[] truths = [zeros(1, 2, Height, Width), ones(1, 2, Height, Width), Truth().to(ScalarType.Float32).narrow(0, 0, 1)];
        foreach (Tensor truth in truths)
        {
            Tensor right = (truth * 200) - 100;
            foreach (Tensor start in new[] { right, -right, full_like(right, 100), full_like(right, -100) })
            {
                Tensor logits = start.clone().requires_grad_();
                Tensor loss = LossCatalogue.Create(name).Compute(logits, truth);
                loss.backward();
                Assert.True(float.IsFinite(loss.item<float>()), $"value {loss.item<float>()}");
                Assert.True(logits.grad!.isfinite().all().item<bool>(), "gradient");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_empty_truth_rewards_no_foreground(string name)
    {
        using var scope = NewDisposeScope();
        Tensor truth = zeros(1, 1, Height, Width, ScalarType.Float64);
        SegmentationLoss loss = LossCatalogue.Create(name);
        double background = Value(full_like(truth, -20));
        Tensor someForeground = full_like(truth, -20);
        someForeground[0, 0, 1..3, 1..4] = 20;
        double some = Value(someForeground);
        double all = Value(full_like(truth, 20));
        Assert.True(background < some, $"background {background}, some foreground {some}");
        Assert.True(background < all, $"background {background}, all foreground {all}");

        double Value(Tensor logits) => loss.Compute(logits, truth).item<double>();
    }

    [Theory]
    [MemberData(nameof(NamesOfPixelwiseSlopes))]
    public void With_an_empty_truth_no_gradient_descends_towards_foreground(string name)
    {
        using var scope = NewDisposeScope();
        Tensor truth = zeros(1, 1, Height, Width, ScalarType.Float64);
        Tensor logits = Logits().narrow(0, 0, 1).narrow(1, 0, 1).clone().requires_grad_();
        LossCatalogue.Create(name).Compute(logits, truth).backward();
        Assert.True(logits.grad!.ge(0).all().item<bool>(), "a pixel is pushed towards foreground");
        Assert.True(logits.grad!.max().item<double>() > 0, "no pixel is pushed towards background");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_truth_itself_is_better_than_its_inverse_or_a_guess(string name)
    {
        using var scope = NewDisposeScope();
        Tensor truth = Truth();
        SegmentationLoss loss = LossCatalogue.Create(name);
        Tensor right = (truth * 40) - 20;
        double perfect = loss.Compute(right, truth).item<double>();
        Assert.True(perfect < loss.Compute(zeros_like(right), truth).item<double>());
        Assert.True(perfect < loss.Compute(-right, truth).item<double>());
    }

    [Theory]
    [MemberData(nameof(NamesThatIgnoreLocally))]
    public void Logits_of_ignored_pixels_make_no_difference(string name)
    {
        using var scope = NewDisposeScope();
        Tensor truth = Truth();
        Tensor ignore = zeros(2, 1, Height, Width, ScalarType.Bool);
        ignore[.., 0, 2, 1..5] = true;
        Tensor other = Logits().masked_fill(ignore, 3.5);
        SegmentationLoss loss = LossCatalogue.Create(name);
        double expected = loss.Compute(Logits(), truth, ignore).item<double>();
        Assert.Equal(expected, loss.Compute(other, truth, ignore).item<double>(), 1e-12);
        Assert.NotEqual(expected, loss.Compute(other, truth).item<double>(), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_pixel_weight_of_zero_ignores_the_pixel(string name)
    {
        using var scope = NewDisposeScope();
        Tensor ignore = zeros(2, 1, Height, Width, ScalarType.Bool);
        ignore[.., 0, 2, 1..5] = true;
        SegmentationLoss loss = LossCatalogue.Create(name);
        Assert.Equal(
            loss.Compute(Logits(), Truth(), ignore).item<double>(),
            loss.Compute(Logits(), Truth(), pixelWeights: ignore.logical_not()).item<double>(),
            1e-14);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_image_that_is_ignored_altogether_is_left_out_of_the_mean(string name)
    {
        using var scope = NewDisposeScope();
        Tensor ignore = zeros(2, 1, Height, Width, ScalarType.Bool);
        ignore[1] = true;
        Tensor logits = Logits().requires_grad_();
        SegmentationLoss loss = LossCatalogue.Create(name);
        Tensor value = loss.Compute(logits, Truth(), ignore);
        value.backward();
        double alone = loss.Compute(Logits().narrow(0, 0, 1), Truth().narrow(0, 0, 1)).item<double>();
        Assert.Equal(alone, value.item<double>(), 1e-12);
        Assert.Equal(0, logits.grad![1].abs().sum().item<double>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Without_any_pixel_the_loss_is_zero(string name)
    {
        using var scope = NewDisposeScope();
        Tensor ignore = ones(2, 1, Height, Width, ScalarType.Bool);
        Assert.Equal(0, LossCatalogue.Create(name).Compute(Logits(), Truth(), ignore).item<double>());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Reductions_and_label_weights_follow_their_definition(string name)
    {
        using var scope = NewDisposeScope();
        double[] maps = LossCatalogue.Create(name, LossReduction.None).Compute(Logits(), Truth()).data<double>().ToArray();
        double[] weighted = LossCatalogue.Create(name, LossReduction.None, [1, 3]).Compute(Logits(), Truth()).data<double>().ToArray();
        Assert.Equal([maps[0], 3 * maps[1], maps[2], 3 * maps[3]], weighted, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(
            weighted.Sum(), LossCatalogue.Create(name, LossReduction.Sum, [1, 3]).Compute(Logits(), Truth()).item<double>(), 1e-10);
        Assert.Equal(
            weighted.Sum() / 8, LossCatalogue.Create(name, LossReduction.Mean, [1, 3]).Compute(Logits(), Truth()).item<double>(), 1e-10);
        Assert.Equal(maps.Average(), LossCatalogue.Create(name).Compute(Logits(), Truth()).item<double>(), 1e-10);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_loss_leaves_no_tensor_behind(string name)
    {
        using Tensor logits = Logits();
        using Tensor truth = Truth();
        using Tensor ignore = zeros(2, 1, Height, Width);
        using Tensor small = zeros(2, 1, 2, 2);
        TensorLeak.None(() =>
        {
            using Tensor leaf = logits.clone().requires_grad_();
            using Tensor value = LossCatalogue.Create(name, labelWeights: [1, 2]).Compute(leaf, truth, ignore, ignore);
            value.backward();
            leaf.grad?.Dispose();
            Assert.Throws<InvalidMapException>(() => LossCatalogue.Create(name).Compute(leaf, truth, pixelWeights: small));
        });
    }

    [Fact]
    public void Maps_that_do_not_fit_are_refused_with_both_shapes()
    {
        using Tensor logits = zeros(1, 2, 4, 4);
        using Tensor target = zeros(1, 1, 4, 4);
        var exception = Assert.Throws<InvalidMapException>(() => new DiceLoss().Compute(logits, target));
        Assert.Contains("[1, 1, 4, 4] for logits of shape [1, 2, 4, 4]", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Complex_targets_and_weights_are_refused_in_the_library_s_own_words()
    {
        using Tensor logits = zeros(1, 1, 4, 4);
        using Tensor complex = zeros(1, 1, 4, 4, ScalarType.ComplexFloat32);
        Assert.Contains(
            "type Complex",
            Assert.Throws<InvalidMapException>(() => new DiceLoss().Compute(logits, complex)).Message,
            StringComparison.Ordinal);
        Assert.Throws<InvalidMapException>(() => new DiceLoss().Compute(logits, logits, pixelWeights: complex));
        Assert.Throws<InvalidMapException>(() => MadgNet.Core.Data.SupervisionTargets.FromRegion(complex));
        using Tensor plane = zeros(1, 4, 4);
        using Tensor complexPlane = zeros(1, 4, 4, ScalarType.ComplexFloat32);
        Assert.Throws<InvalidMapException>(() => MadgNet.Core.Metrics.EvaluationCase.FromTensors("a", plane, complexPlane));
    }

    [Fact]
    public void Integer_logits_are_refused()
    {
        using Tensor logits = zeros(1, 1, 4, 4, ScalarType.Int64);
        Assert.Throws<InvalidMapException>(() => new DiceLoss().Compute(logits, logits));
    }

    [Fact]
    public void As_many_label_weights_as_labels_are_needed()
    {
        using Tensor logits = zeros(1, 2, 4, 4);
        var exception = Assert.Throws<InvalidMapException>(() => new DiceLoss { LabelWeights = [1] }.Compute(logits, logits));
        Assert.Contains("1 weights for 2 labels", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(0.0)]
    public void Label_weights_that_cannot_weigh_are_refused(double weight) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new DiceLoss { LabelWeights = [weight] });

    [Fact]
    public void Half_precision_logits_are_computed_in_single_precision()
    {
        using var scope = NewDisposeScope();
        Tensor half = Logits().to(ScalarType.BFloat16);
        Tensor loss = new DiceLoss().Compute(half, Truth());
        Assert.Equal(new DiceLoss().Compute(half.to(ScalarType.Float32), Truth()).item<float>(), loss.item<float>());
    }

    [Fact]
    public void Boolean_targets_are_accepted()
    {
        using var scope = NewDisposeScope();
        Tensor truth = Truth();
        Assert.Equal(
            new DiceLoss().Compute(Logits(), truth).item<double>(),
            new DiceLoss().Compute(Logits(), truth.to(ScalarType.Bool)).item<double>());
    }

    private static Tensor Logits() => FixtureRule.Tensor("test.logits", [2, 2, Height, Width], -3, 3).to(ScalarType.Float64);

    private static Tensor Truth()
    {
        Tensor truth = zeros(2, 2, Height, Width, ScalarType.Float64);
        truth[0, 0, 1..4, 2..6] = 1;
        truth[0, 1, 0..2, 0..3] = 1;
        truth[1, 0, 3, 1..7] = 1;
        truth[1, 1, 2..6, 3..5] = 1;
        return truth;
    }
}

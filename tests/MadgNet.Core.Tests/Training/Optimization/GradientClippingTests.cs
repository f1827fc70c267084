using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training.Optimization;

public class GradientClippingTests
{
    public static TheoryData<ScalarType> Types => [ScalarType.Float32, ScalarType.Float64];

    [Theory]
    [MemberData(nameof(Types))]
    public void Clipping_by_norm_equals_PyTorch(ScalarType type)
    {
        foreach (double norm in (double[])[0.05, 1, 1000])
        {
            using var ours = new Trainable(type);
            using var theirs = new Trainable(type);
            ours.SetGradients(0);
            theirs.SetGradients(0);
            double expected = nn.utils.clip_grad_norm_(theirs.Parameters.Select(parameter => parameter.Value), norm);
            GradientSummary summary = new GradientClipping { Norm = norm }.Apply(ours.Groups());
            Assert.Equal(expected, summary.Norm, expected * 1e-5);
            Assert.True(summary.Finite);
            Assert.Null(summary.FirstNotFinite);
            AssertClose(theirs, ours);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Clipping_by_value_equals_PyTorch(ScalarType type)
    {
        using var ours = new Trainable(type);
        using var theirs = new Trainable(type);
        ours.SetGradients(0);
        theirs.SetGradients(0);
        nn.utils.clip_grad_value_(theirs.Parameters.Select(parameter => parameter.Value), 0.03);
        new GradientClipping { Value = 0.03 }.Apply(ours.Groups());
        AssertClose(theirs, ours);
    }

    [Fact]
    public void Both_limits_hold_together()
    {
        using var ours = new Trainable();
        ours.SetGradients(0);
        new GradientClipping { Norm = 5, Value = 0.01 }.Apply(ours.Groups());
        GradientSummary after = GradientClipping.Measure(ours.Groups());
        Assert.True(after.Norm <= 5);
        using var scope = NewDisposeScope();
        Assert.All(ours.Parameters, parameter => Assert.True(parameter.Value.grad!.abs().max().item<float>() <= 0.01f));
    }

    [Fact]
    public void The_norm_is_that_of_double_precision_and_the_same_for_any_number_of_threads()
    {
        int threads = get_num_threads();
        try
        {
            using var ours = new Trainable();
            ours.SetGradients(3);
            using var scope = NewDisposeScope();
            double expected = Math.Sqrt(ours.Parameters.Sum(parameter => parameter.Value.grad!.to(ScalarType.Float64)
                .pow(2)
                .sum()
                .item<double>()));
            set_num_threads(1);
            double one = GradientClipping.Measure(ours.Groups()).Norm;
            set_num_threads(5);
            Assert.Equal(one, GradientClipping.Measure(ours.Groups()).Norm);
            Assert.Equal(expected, one, expected * 1e-12);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Theory]
    [InlineData(float.NaN, ScalarType.Float32)]
    [InlineData(float.PositiveInfinity, ScalarType.Float32)]
    [InlineData(float.NegativeInfinity, ScalarType.Float64)]
    [InlineData(float.NaN, ScalarType.BFloat16)]
    public void What_is_not_finite_is_named_and_nothing_is_changed(float value, ScalarType type)
    {
        using var ours = new Trainable(type);
        ours.SetGradients(0);
        using var scope = NewDisposeScope();
        ours[2].grad!.flatten()[17] = value;
        ours[4].grad!.flatten()[70000] = value;
        Tensor[] before = [.. ours.Parameters.Select(parameter => parameter.Value.grad!.clone())];
        GradientSummary summary = new GradientClipping { Norm = 0.1, Value = 0.01 }.Apply(ours.Groups());
        Assert.False(summary.Finite);
        Assert.False(double.IsFinite(summary.Norm));
        Assert.Equal("p2", summary.FirstNotFinite);
        for (int i = 0; i < before.Length; i++)
        {
            Bits.Equal(before[i], ours[i].grad!, $"gradient {i}");
        }
    }

    [Fact]
    public void The_largest_float_is_finite()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter(zeros(40));
        parameter.grad = full(40, float.MaxValue);
        GradientSummary summary = new GradientClipping { Norm = 2 }.Apply([new ParameterGroup("a", [("p", parameter)], 1, 0)]);
        Assert.True(summary.Finite);
        Assert.Equal(Math.Sqrt(40) * float.MaxValue, summary.Norm, summary.Norm * 1e-9);
        Assert.Equal(2, GradientClipping.Measure([new ParameterGroup("a", [("p", parameter)], 1, 0)]).Norm, 1e-5);
    }

    [Fact]
    public void Gradients_of_any_memory_layout_are_clipped()
    {
        using var plain = new Trainable();
        using var turned = new Trainable();
        plain.SetGradients(0);
        turned.SetGradients(
            0,
            gradient => gradient.dim() == 4
                ? gradient.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
                : stack([gradient, gradient], -1).select(-1, 0));
        var clipping = new GradientClipping { Norm = 0.7, Value = 0.02 };
        Assert.Equal(clipping.Apply(plain.Groups()).Norm, clipping.Apply(turned.Groups()).Norm, 1e-9);
        AssertClose(plain, turned);
    }

    [Fact]
    public void Frozen_parameters_and_those_without_a_gradient_do_not_count()
    {
        using var ours = new Trainable();
        ours.SetGradients(0);
        double all = GradientClipping.Measure(ours.Groups()).Norm;
        ours[4].requires_grad = false;
        ours[3].grad = null;
        double some = GradientClipping.Measure(ours.Groups()).Norm;
        Assert.True(some < all / 5, $"{some} of {all}");
        foreach ((_, Parameter value) in ours.Parameters)
        {
            value.grad = null;
        }

        Assert.Equal(new GradientSummary(0, true, null), new GradientClipping { Norm = 1 }.Apply(ours.Groups()));
    }

    [Fact]
    public void Limits_out_of_range_are_refused()
    {
        Assert.Equal(2, new GradientClipping { Norm = 0, Value = double.NaN }.Validate().Count);
        Assert.Throws<InvalidOptionsException>(() => new GradientClipping { Norm = -1 }.Apply([]));
        Assert.Empty(new GradientClipping().Validate());
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void No_tensor_is_left_behind(ScalarType type) => TensorLeak.None(() =>
    {
        using var ours = new Trainable(type);
        ours.SetGradients(0, gradient => gradient.dim() == 4 ? gradient.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : gradient);
        new GradientClipping { Norm = 0.1, Value = 0.001 }.Apply(ours.Groups());
    });

    private static void AssertClose(Trainable expected, Trainable actual)
    {
        using var scope = NewDisposeScope();
        for (int i = 0; i < expected.Parameters.Count; i++)
        {
            Close.Relative(expected[i].grad!, actual[i].grad!, 1e-5, $"gradient {i}");
        }
    }
}

using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules;

/// <summary>Fresh weights follow from the seed alone.</summary>
/// <remarks>Not in parallel with other tests, which draw from the process's random numbers.</remarks>
[Collection(nameof(WeightInitializationTests))]
[CollectionDefinition(nameof(WeightInitializationTests), DisableParallelization = true)]
public class WeightInitializationTests
{
    [Fact]
    public void Weights_follow_the_seed_the_name_and_the_prefix()
    {
        using var scope = NewDisposeScope();
        Tensor reference = Weights(1, string.Empty);
        Bits.Equal(reference, Weights(1, string.Empty), "weights of the same seed");
        Assert.NotEqual(reference.bytes.ToArray(), Weights(2, string.Empty).bytes.ToArray());
        Assert.NotEqual(reference.bytes.ToArray(), Weights(1, "other.").bytes.ToArray());

        static Tensor Weights(long seed, string prefix)
        {
            using var module = nn.Sequential(("a", nn.Conv2d(4, 8, 3)));
            WeightInitialization.Apply(module, seed, prefix: prefix);
            return module.state_dict()["a.weight"].clone();
        }
    }

    [Fact]
    public void Uniform_weights_and_biases_fill_the_bound_of_their_fan_in()
    {
        using var scope = NewDisposeScope();
        using var module = nn.Conv2d(16, 64, 3, groups: 4);
        WeightInitialization.Apply(module, 1);
        double bound = 1 / Math.Sqrt(4 * 9);

        // 2304 weights: the largest of them lies within 1 % of the bound but for a chance below 1e-10.
        Assert.InRange(module.weight.abs().max().item<float>(), 0.99 * bound, bound);
        Assert.InRange(module.bias!.abs().max().item<float>(), 0.8 * bound, bound);
    }

    [Fact]
    public void Normal_weights_have_the_variance_of_their_fan_out()
    {
        using var scope = NewDisposeScope();
        using var module = nn.Conv2d(32, 64, 3);
        WeightInitialization.Apply(module, 1, WeightInitializationScheme.NormalFanOut);

        // 18432 draws: mean and deviation are known to about 1 %, five times that is no accident.
        double deviation = Math.Sqrt(2.0 / (64 * 9));
        Assert.Equal(deviation, module.weight.std().item<float>(), 0.05 * deviation);
        Assert.Equal(0, module.weight.mean().item<float>(), 0.05 * deviation);
    }

    [Fact]
    public void Batch_normalisation_starts_as_the_identity_and_scalars_keep_their_value()
    {
        using var scope = NewDisposeScope();
        using var block = new MultiFrequencyMultiScaleAttention(4, new MultiFrequencyMultiScaleOptions { Scales = 1, Frequencies = 0 });
        FixtureRule.Fill(block, "filled.");
        WeightInitialization.Apply(block, 1);
        Dictionary<string, Tensor> state = block.state_dict();
        Assert.Equal([1f, 1, 1, 1], state["multi_scale_branches.0.1.weight"].data<float>().ToArray());
        Assert.Equal([0f, 0, 0, 0], state["multi_scale_branches.0.1.bias"].data<float>().ToArray());
        Assert.Equal([0f, 0, 0, 0], state["multi_scale_branches.0.1.running_mean"].data<float>().ToArray());
        Assert.Equal([1f, 1, 1, 1], state["multi_scale_branches.0.1.running_var"].data<float>().ToArray());
        using Tensor alpha = FixtureRule.Tensor("filled.alpha_list.0", [1], 0.5, 1.5);
        Bits.Equal(alpha, state["alpha_list.0"], "α");
    }

    [Fact]
    public void Batch_normalisation_of_TorchSharp_starts_as_the_identity_too()
    {
        using var scope = NewDisposeScope();
        using var module = nn.Sequential(("a", nn.BatchNorm2d(3)));
        FixtureRule.Fill(module, "filled.");
        WeightInitialization.Apply(module, 1);
        Dictionary<string, Tensor> state = module.state_dict();
        Assert.Equal([1f, 1, 1], state["a.weight"].data<float>().ToArray());
        Assert.Equal([0f, 0, 0], state["a.bias"].data<float>().ToArray());
        Assert.Equal([0f, 0, 0], state["a.running_mean"].data<float>().ToArray());
        Assert.Equal([1f, 1, 1], state["a.running_var"].data<float>().ToArray());
    }

    [Fact]
    public void No_global_random_number_is_drawn()
    {
        using var scope = NewDisposeScope();
        using var module = nn.Conv2d(4, 4, 3);
        random.manual_seed(7);
        Tensor expected = rand(4);
        random.manual_seed(7);
        WeightInitialization.Apply(module, 1);
        Bits.Equal(expected, rand(4), "the next global random numbers");
    }

    [Fact]
    public void An_unknown_scheme_and_no_module_are_refused()
    {
        using var module = nn.Conv2d(1, 1, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightInitialization.Apply(module, 1, (WeightInitializationScheme)5));
        Assert.Throws<ArgumentNullException>(() => WeightInitialization.Apply(null!, 1));
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using var block = new MultiFrequencyMultiScaleAttention(4, new MultiFrequencyMultiScaleOptions { Frequencies = 2, DctSize = 7 });
        TensorLeak.None(() => WeightInitialization.Apply(block, 1));
    }
}

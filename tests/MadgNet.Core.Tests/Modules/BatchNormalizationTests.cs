using MadgNet.Core.Modules;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules;

public class BatchNormalizationTests
{
    [Fact]
    public void Outputs_gradients_and_statistics_are_those_of_TorchSharp_s_module_bit_for_bit()
    {
        using var scope = NewDisposeScope();
        using var expected = nn.BatchNorm2d(3, momentum: 0.3);
        using var actual = new BatchNormalization(3) { Momentum = 0.3 };
        FixtureRule.Fill(expected, "bn.");
        actual.load_state_dict(expected.state_dict());
        for (int step = 0; step < 3; step++)
        {
            Tensor input = FixtureRule.Tensor($"input{step}", [2, 3, 4, 5], -1, 1);
            Tensor left = input.clone().requires_grad_();
            Tensor right = input.clone().requires_grad_();
            Tensor reference = expected.call(left);
            Tensor output = actual.call(right);
            reference.pow(3).sum().backward();
            output.pow(3).sum().backward();
            Bits.Equal(reference, output, "output while training");
            Bits.Equal(left.grad!, right.grad!, "gradient of the input");
        }

        Bits.Equal(expected.weight!.grad!, actual.Weight.grad!, "gradient of the weight");
        Bits.Equal(expected.bias!.grad!, actual.Bias.grad!, "gradient of the bias");
        Dictionary<string, Tensor> state = actual.state_dict();
        foreach ((string name, Tensor value) in expected.state_dict())
        {
            Bits.Equal(value, state[name], name);
        }

        Assert.Equal(expected.state_dict().Keys.Order(), state.Keys.Order());
        expected.eval();
        actual.eval();
        Tensor unseen = BlockProperty.Input(1, 3, 1, 1);
        Bits.Equal(expected.call(unseen), actual.call(unseen), "output in evaluation mode");
    }

    [Fact]
    public void Frozen_statistics_are_used_and_kept_while_training_and_the_weights_still_learn()
    {
        using var scope = NewDisposeScope();
        using var module = new BatchNormalization(2) { FrozenStatistics = true };
        FixtureRule.Fill(module, "bn.");
        Dictionary<string, Tensor> before = module.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone());
        Tensor input = BlockProperty.Input(1, 2, 1, 1);
        Tensor trained = module.call(input);
        trained.sum().backward();
        Assert.True(module.Weight.grad!.abs().min().item<float>() > 0);
        foreach ((string name, Tensor value) in module.state_dict())
        {
            Bits.Equal(before[name], value, name);
        }

        module.eval();
        Bits.Equal(module.call(input), trained, "the output in either mode");
    }

    [Fact]
    public void Types_and_devices_reach_every_tensor()
    {
        using var scope = NewDisposeScope();
        using var module = new BatchNormalization(2);
        module.to(ScalarType.Float64);
        Assert.Equal(ScalarType.Float64, module.call(BlockProperty.Input(2, 2, 3, 3).to(ScalarType.Float64)).dtype);
        Assert.Equal(
            (ScalarType.Float64, ScalarType.Float64, ScalarType.Float64, ScalarType.Float64),
            (module.Weight.dtype, module.Bias.dtype, module.RunningMean.dtype, module.RunningVariance.dtype));
        Assert.Same(module.state_dict()["running_mean"], module.RunningMean);
        Assert.Equal(1, module.state_dict()["num_batches_tracked"].item<long>());
    }

    [Fact]
    public void Wrong_inputs_say_what_is_expected()
    {
        using var scope = NewDisposeScope();
        using var module = new BatchNormalization(2);
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<TensorShapeException>(() => module.call(ones(1, 2, 1, 1))), "BatchNormalization", "eval()");
        BlockProperty.FollowsTheMessageRule(Assert.Throws<TensorShapeException>(() => module.call(ones(2, 3, 4, 4))), "N×2×H×W");
        BlockProperty.FollowsTheMessageRule(Assert.Throws<TensorShapeException>(() => module.call(ones(2, 2))), "N×2×H×W");
        BlockProperty.FollowsTheMessageRule(Assert.Throws<InvalidOptionsException>(() => new BatchNormalization(0)), "Channels");
        Assert.Throws<ArgumentNullException>(() => module.call(null!));
        Assert.Equal(0, module.state_dict()["num_batches_tracked"].item<long>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.1)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void A_momentum_out_of_range_is_refused(double momentum)
    {
        using var module = new BatchNormalization(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => module.Momentum = momentum);
        Assert.Equal(0.1, module.Momentum);
    }

    [Fact]
    public void Nothing_is_left_behind() => TensorLeak.None(() =>
    {
        using var scope = NewDisposeScope();
        using var module = new BatchNormalization(2);
        module.call(ones(2, 2, 3, 3)).sum().backward();
    });
}

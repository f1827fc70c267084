using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNetBlocks;

public class MeanGateTests
{
    [Fact]
    public void Keeps_the_shape_and_never_makes_a_value_larger()
    {
        using var block = new MeanGate(channels: 4);
        using Tensor input = rand(2, 4, 5, 7);
        using Tensor output = block.call(input);

        Assert.Equal(input.shape, output.shape);
        Assert.True(output.le(input).all().item<bool>());
    }

    [Fact]
    public void Its_gradient_agrees_with_finite_differences()
    {
        using var block = new MeanGate(channels: 3);
        block.to(ScalarType.Float64);
        using Tensor input = randn(1, 3, 4, 4, dtype: ScalarType.Float64);

        GradientCheckResult result = GradientCheck.Run(block, input);

        Assert.True(result.Agrees(), result.ToString());
    }

    [Fact]
    public void A_forward_pass_leaves_no_tensor_behind()
    {
        using var block = new MeanGate(channels: 4);
        using Tensor input = rand(1, 4, 8, 8);
        long before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        block.call(input).Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_network_uses_it_by_name()
    {
        ModelRegistry registry = ModelRegistry.BuiltIn.With(
            new ChannelAttentionEntry("mean-gate", context => new MeanGate(context.Channels)));
        var options = new MadgNetOptions { ChannelAttention = "mean-gate", Encoder = "resnet18" };
        using var model = new MadgNetModel(options, registry, seed: 1);

        Assert.Equal("mean-gate", model.Options.ChannelAttention);
        Assert.NotEmpty(model.modules().OfType<MeanGate>());
    }
}

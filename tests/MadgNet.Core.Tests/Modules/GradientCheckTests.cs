using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Modules;

public class GradientCheckTests
{
    public static TheoryData<string> Names => BlockCatalogue.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_of_every_block_agree_with_finite_differences(string name)
    {
        using var scope = NewDisposeScope();
        BlockCatalogue block = BlockCatalogue.Get(name);
        using Module module = block.Build(ScalarType.Float64);
        GradientCheckResult result = GradientCheck.Run(
            module,
            block.Inputs(ScalarType.Float64),
            inputs => block.Run(module, inputs),
            new GradientCheckOptions { ElementsPerTensor = 12 });
        Assert.True(result.Agrees(), result.ToString());
        Assert.True(result.Compared > 10);
    }

    [Fact]
    public void A_wrong_gradient_is_found_and_named()
    {
        using var scope = NewDisposeScope();
        using var module = new Detached();
        module.to(ScalarType.Float64);
        Tensor input = BlockProperty.Input(1, 2, 3, 3).to(ScalarType.Float64);
        GradientCheckResult result = GradientCheck.Run(module, input);
        Assert.False(result.Agrees(1e-2), result.ToString());
        Assert.Equal("factor", result.Where);
        Assert.Equal(0, result.Analytic);
        Assert.NotEqual(0, result.Numeric);
        Assert.Contains("factor", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_statistics_and_gradients_are_left_as_they_were()
    {
        using var scope = NewDisposeScope();
        using var module = new DoubleConvolution(2, 3);
        module.to(ScalarType.Float64);
        Tensor input = BlockProperty.Input(2, 2, 4, 4).to(ScalarType.Float64);
        Tensor kept = input.clone();
        module.call(input).sum().backward();
        Dictionary<string, Tensor> before = module.state_dict().ToDictionary(each => each.Key, each => each.Value.detach().clone());
        Dictionary<string, Tensor> gradients = module.named_parameters()
            .ToDictionary(each => each.name, each => each.parameter.grad!.clone());
        GradientCheck.Run(module, input);
        foreach ((string name, Tensor tensor) in module.state_dict())
        {
            Assert.True(tensor.equal(before[name]).all().item<bool>(), name);
        }

        foreach ((string name, Parameter parameter) in module.named_parameters())
        {
            Assert.True(parameter.grad!.equal(gradients[name]).all().item<bool>(), name);
        }

        Assert.True(input.equal(kept).all().item<bool>());
        Assert.False(input.requires_grad);
    }

    [Fact]
    public void Other_types_and_options_are_refused()
    {
        using var scope = NewDisposeScope();
        using var module = new SqueezeAndExcitation(2);
        Tensor input = BlockProperty.Input(1, 2, 3, 3);
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<TensorShapeException>(() => GradientCheck.Run(module, input)), "input 0", "Float64");
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<TensorShapeException>(() => GradientCheck.Run(module, input.to(ScalarType.Float64))), "parameter fc.0.weight");
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<InvalidOptionsException>(() => GradientCheck.Run(
                module, input, new GradientCheckOptions { Step = 0, ElementsPerTensor = 0 })),
            "Step",
            "ElementsPerTensor");
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using var module = new SqueezeAndExcitation(2);
        module.to(ScalarType.Float64);
        using Tensor single = BlockProperty.Input(1, 2, 3, 3);
        using Tensor input = single.to(ScalarType.Float64);
        TensorLeak.None(() => GradientCheck.Run(module, input));
    }

    /// <summary>A block that forgets a gradient.</summary>
    private sealed class Detached : Module<Tensor, Tensor>
    {
        [ComponentName(Name = "factor")]
        private readonly Parameter _factor;

        public Detached()
            : base(nameof(Detached))
        {
            _factor = Parameter(ones(1));
            _factor.DetachFromDisposeScope();
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return (input * _factor.detach() + (_factor * 0)).MoveToOuterDisposeScope();
        }
    }
}

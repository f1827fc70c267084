using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training.Optimization;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Training.Optimization;

public class OptimizerOptionsTests
{
    [Fact]
    public void Without_a_decay_there_are_an_encoder_and_a_decoder()
    {
        using MadgNetModel model = TinyModel.Create();
        IReadOnlyList<ParameterGroup> groups = new AdamOptions { EncoderRateMultiplier = 0.1 }.Group(model);
        Assert.Equal(["encoder", "decoder"], groups.Select(group => group.Name));
        Assert.Equal([0.1, 1], groups.Select(group => group.RateMultiplier));
        Assert.Equal(
            model.named_parameters().Select(parameter => parameter.name).Order(StringComparer.Ordinal),
            groups.SelectMany(group => group.Parameters).Select(parameter => parameter.Name).Order(StringComparer.Ordinal));
        Assert.All(groups[0].Parameters, parameter => Assert.StartsWith("feature_encoding.", parameter.Name, StringComparison.Ordinal));
    }

    [Fact]
    public void Norms_biases_and_gates_are_not_decayed_unless_asked_for()
    {
        using MadgNetModel model = TinyModel.Create();
        IReadOnlyList<ParameterGroup> groups = new AdamWOptions { WeightDecay = 0.3 }.Group(model);
        Assert.Equal(["encoder", "decoder", "decoder, no decay"], groups.Select(group => group.Name));
        Assert.Equal([0.3, 0.3, 0], groups.Select(group => group.WeightDecay));
        Assert.All(groups[2].Parameters, parameter => Assert.True(parameter.Value.dim() <= 1, parameter.Name));
        Assert.Contains(groups[2].Parameters, parameter => parameter.Name.Contains("alpha", StringComparison.Ordinal));
        Assert.All(groups[1].Parameters, parameter => Assert.True(parameter.Value.dim() > 1, parameter.Name));
        Assert.Equal(["encoder", "decoder"], new AdamWOptions { DecayNormsAndBiases = true }.Group(model).Select(group => group.Name));
    }

    [Fact]
    public void Frozen_parameters_stay_in_their_group()
    {
        using MadgNetModel model = TinyModel.Create();
        foreach (TorchSharp.Modules.Parameter parameter in ((nn.Module)model.Encoder).parameters())
        {
            parameter.requires_grad = false;
        }

        Assert.Equal("encoder", new SgdOptions().Group(model)[0].Name);
    }

    [Fact]
    public void Everything_that_is_wrong_is_reported()
    {
        AssertProblems(new AdamOptions { Beta1 = 1, Beta2 = -0.1, Epsilon = 0, WeightDecay = -1, EncoderRateMultiplier = 0 }, 5);
        AssertProblems(new AdamWOptions { Beta1 = double.NaN, WeightDecay = double.PositiveInfinity }, 2);
        AssertProblems(new SgdOptions { Momentum = 1, EncoderRateMultiplier = -1 }, 2);
        AssertProblems(new SgdOptions { Momentum = 0, Nesterov = true }, 1);
        Assert.Empty(new AdamOptions().Validate());
        Assert.Empty(new AdamWOptions().Validate());
        Assert.Empty(new SgdOptions().Validate());
        Assert.Equal(0.01, new AdamWOptions().WeightDecay);

        static void AssertProblems(OptimizerOptions options, int count)
        {
            Assert.Equal(count, options.Validate().Count);
            using var trainable = new Trainable();
            Assert.Equal(count, Assert.Throws<InvalidOptionsException>(() => options.Create(trainable.Groups())).Problems.Count);
        }
    }
}

using MadgNet.Core.Modules;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Support;

/// <summary>What holds for every block, whatever it is made of.</summary>
internal static class BlockProperty
{
    /// <summary>
    /// Asserts that outputs have the expected shapes and are finite, that a second module with the same seed gives the
    /// same bits, and that a backward pass in training mode gives every parameter a finite gradient.
    /// </summary>
    public static void Holds<TModule>(Func<TModule> create, Func<TModule, Tensor[]> run, params long[][] shapes)
        where TModule : Module
    {
        using var scope = NewDisposeScope();
        using TModule first = create();
        using TModule second = create();
        WeightInitialization.Apply(first, 5);
        WeightInitialization.Apply(second, 5);
        first.eval();
        second.eval();
        Tensor[] outputs = run(first);
        Tensor[] again = run(second);
        Assert.Equal(shapes.Length, outputs.Length);
        for (int i = 0; i < outputs.Length; i++)
        {
            Assert.Equal(shapes[i], outputs[i].shape);
            Assert.True(outputs[i].isfinite().all().item<bool>(), $"output {i} is not finite");
            Bits.Equal(outputs[i], again[i], $"output {i} of two modules with the same seed");
        }

        first.train();
        Tensor loss = run(first).Select(output => output.pow(2).mean()).Aggregate((a, b) => a + b);
        loss.backward();
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in first.named_parameters())
        {
            Tensor? gradient = parameter.grad;
            Assert.True(gradient is not null, $"{name} has no gradient");
            Assert.True(gradient.isfinite().all().item<bool>(), $"the gradient of {name} is not finite");
        }
    }

    /// <summary>Values −1..1 that follow from the shape alone.</summary>
    public static Tensor Input(params long[] shape) => FixtureRule.Tensor("input", shape, -1, 1);

    /// <summary>Images 0..1 that follow from the shape alone.</summary>
    public static Tensor Image(params long[] shape) => FixtureRule.Tensor("image", shape, 0, 1);

    /// <summary>Asserts that a message says what was received, what is expected and what to do.</summary>
    public static void FollowsTheMessageRule(MadgNetException exception, params string[] mentions)
    {
        Assert.Contains("received ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("; expected ", exception.Message, StringComparison.Ordinal);
        Assert.Matches(@"\. [A-Z].*\.\s*$", exception.Message);
        foreach (string mention in mentions)
        {
            Assert.Contains(mention, exception.Message, StringComparison.Ordinal);
        }
    }
}

using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Support;

/// <summary>The inputs of <c>losses.safetensors</c> that follow from the rule.</summary>
internal static class GoldenLosses
{
    /// <summary>The logits that every golden loss was computed of; a leaf without gradients.</summary>
    public static Tensor Logits(Fixture losses) => FixtureRule.Tensor(losses.Prefix + "logits", [2, 2, 40, 36], -4, 4);
}

using TorchSharp.Modules;

namespace MadgNet.Core.Training.Optimization;

/// <summary>Parameters that an <see cref="Optimizer"/> treats alike.</summary>
/// <param name="Name">What the group is called, as <c>encoder</c> or <c>decoder, no decay</c>.</param>
/// <param name="Parameters">The parameters under their names in the state dict. They stay their module's.</param>
/// <param name="RateMultiplier">What the learning rate is multiplied with for them; 0 or more.</param>
/// <param name="WeightDecay">How strongly they are drawn to zero; 0 or more.</param>
public sealed record ParameterGroup(
    string Name, IReadOnlyList<(string Name, Parameter Value)> Parameters, double RateMultiplier, double WeightDecay);

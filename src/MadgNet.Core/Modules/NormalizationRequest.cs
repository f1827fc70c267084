using static TorchSharp.torch;

namespace MadgNet.Core.Modules;

/// <summary>What a normalisation over several ranks is asked with, besides the map, the weight and the bias.</summary>
internal sealed record NormalizationRequest(
    NormalizationGroup Group, Tensor RunningMean, Tensor RunningVariance, double Momentum, double Epsilon);

namespace MadgNet.Core.Modules;

/// <summary>Distributions that the weights of fresh convolutions are drawn from.</summary>
public enum WeightInitializationScheme
{
    /// <summary>Uniform within ±1/√(fan-in), biases too: what a convolution's constructor does by default. The decoder's choice.</summary>
    UniformFanIn,

    /// <summary>
    /// Normal with variance 2 / fan-out (He et al., ICCV 2015): the choice of ResNet, ResNeSt and Res2Net. Biases as above.
    /// </summary>
    NormalFanOut,
}

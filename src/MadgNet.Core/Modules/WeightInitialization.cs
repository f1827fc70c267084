using System.Text;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Modules;

/// <summary>
/// Fresh weights that follow from a seed and from the parameters' names alone: not from the order of construction, other
/// random numbers drawn in the process, or the device. No global random state is touched.
/// </summary>
public static class WeightInitialization
{
    /// <summary>
    /// Draws every convolution's weights anew; batch normalisation starts as the identity, and everything else keeps the
    /// value that its constructor gave it.
    /// </summary>
    /// <param name="module">The module to fill, on any device.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="scheme">The distribution of the convolutions' weights.</param>
    /// <param name="prefix">What to put before the parameters' names, so that two modules of the same structure differ.</param>
    /// <exception cref="ArgumentOutOfRangeException">The scheme is unknown.</exception>
    public static void Apply(
        Module module, long seed, WeightInitializationScheme scheme = WeightInitializationScheme.UniformFanIn, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(module);
        Guard.Defined(scheme, nameof(scheme));
        using var noGrad = no_grad();

        // named_modules leaves the module itself out, which may be a convolution.
        foreach ((string name, Module part) in module.named_modules().Prepend((string.Empty, module)))
        {
            switch (part)
            {
                case Conv2d convolution:
                    Fill(convolution, seed, scheme, name.Length == 0 ? prefix : $"{prefix}{name}.");
                    break;
                case BatchNormalization normalization:
                    normalization.Reset();
                    break;
                case BatchNorm normalization when normalization.affine:
                    init.ones_(normalization.weight);
                    init.zeros_(normalization.bias);
                    normalization.reset_running_stats();
                    break;
                default:
                    break;
            }
        }
    }

    private static void Fill(Conv2d convolution, long seed, WeightInitializationScheme scheme, string start)
    {
        Parameter weight = convolution.weight;
        long area = weight.size(2) * weight.size(3);
        long fanIn = weight.size(1) * area;
        double bound = 1 / Math.Sqrt(fanIn);
        if (scheme == WeightInitializationScheme.NormalFanOut)
        {
            double deviation = Math.Sqrt(2.0 / (weight.size(0) * area));
            Draw(weight, seed, start + "weight", (values, generator) => values.normal_(0, deviation, generator));
        }
        else
        {
            Draw(weight, seed, start + "weight", (values, generator) => values.uniform_(-bound, bound, generator));
        }

        if (convolution.bias is { } bias)
        {
            Draw(bias, seed, start + "bias", (values, generator) => values.uniform_(-bound, bound, generator));
        }
    }

    private static void Draw(Parameter target, long seed, string name, Action<Tensor, Generator> fill)
    {
        // Drawn on the CPU in float32 whatever the target, because every device has random numbers of its own.
        using var generator = new Generator(Mix(seed, name), CPU);
        using Tensor values = empty(target.shape, ScalarType.Float32, CPU);
        fill(values, generator);
        using Tensor moved = values.to(target.dtype, target.device);
        target.copy_(moved);
    }

    /// <summary>FNV-1a over the seed's bytes and the name.</summary>
    private static ulong Mix(long seed, string name)
    {
        ulong hash = 0xCBF29CE484222325UL;
        foreach (byte part in BitConverter.GetBytes(seed).Concat(Encoding.UTF8.GetBytes(name)))
        {
            hash = unchecked((hash ^ part) * 0x100000001B3UL);
        }

        return hash;
    }
}

using MadgNet.Core.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Studies.Running;

/// <summary>Counts what a network computes for one image.</summary>
internal static class NetworkCost
{
    /// <summary>
    /// Billions of floating-point operations of one image: two for each multiplication of convolutions, transposed convolutions and linear
    /// layers; what lies between them is not counted.
    /// </summary>
    /// <param name="model">The network; afterwards in the mode in which it was.</param>
    /// <param name="channels">The channels of an image.</param>
    /// <param name="size">The side of a square image.</param>
    public static double Gigaflops(SegmentationModel model, int channels, int size)
    {
        double operations = 0;
        var hooks = new List<Action>();
        bool training = model.training;
        try
        {
            foreach (nn.Module module in model.modules())
            {
                if (module is nn.Module<Tensor, Tensor> layer && Weight(module) is { } weight)
                {
                    bool transposed = module is TorchSharp.Modules.ConvTranspose2d;
                    hooks.Add(layer.register_forward_hook((_, input, output) =>
                    {
                        Tensor map = transposed ? input : output;
                        double places = weight.Spatial
                            ? (double)map.size(0) * map.size(2) * map.size(3)
                            : (double)map.numel() / map.size(-1);
                        operations += 2.0 * weight.Count * places;
                        return output;
                    }).remove);
                }
            }

            model.eval();
            using DisposeScope scope = NewDisposeScope();
            using var noGradients = no_grad();
            using (model.call(zeros([1, channels, size, size], ScalarType.Float32, model.Device)))
            {
                return operations / 1e9;
            }
        }
        finally
        {
            hooks.ForEach(remove => remove());
            model.train(training);
        }
    }

    /// <summary>The number of values of a layer's weight; null for a module that is no such layer.</summary>
    private static (long Count, bool Spatial)? Weight(nn.Module module)
    {
        bool spatial = module is TorchSharp.Modules.Conv2d or TorchSharp.Modules.ConvTranspose2d;
        if (!spatial && module is not TorchSharp.Modules.Linear)
        {
            return null;
        }

        foreach ((string name, TorchSharp.Modules.Parameter parameter) in module.named_parameters(recurse: false))
        {
            if (name == "weight")
            {
                return (parameter.numel(), spatial);
            }
        }

        return null;
    }
}

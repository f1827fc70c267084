using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Tests.Support;

/// <summary>
/// The layers of a network as plain functions of its state dict, in evaluation mode: what the modules are held against. In the
/// caller's scope.
/// </summary>
internal sealed class PlainLayers(IReadOnlyDictionary<string, Tensor> state)
{
    /// <summary>Gives a module weights that are not those of a fresh one, so that a wrong name or order shows.</summary>
    public static void Fill(nn.Module module)
    {
        using var noGrad = no_grad();
        foreach ((string name, Tensor tensor) in module.state_dict())
        {
            if (FixtureRule.Range(name, tensor.shape) is var (low, high))
            {
                using Tensor values = FixtureRule.Tensor(name, tensor.shape, low, high);
                tensor.copy_(values);
            }
        }
    }

    public Tensor Convolution(Tensor x, string name, int stride = 1, int padding = 0) => functional.conv2d(
        x, state[$"{name}.weight"], state.GetValueOrDefault($"{name}.bias"), strides: [stride, stride], padding: [padding, padding]);

    public Tensor Normalization(Tensor x, string name)
    {
        Tensor Channel(string part) => state[$"{name}.{part}"].view(1, -1, 1, 1);
        return ((x - Channel("running_mean")) / (Channel("running_var") + 1e-5).sqrt() * Channel("weight")) + Channel("bias");
    }

    /// <summary>torchvision's BasicBlock.</summary>
    public Tensor BasicBlock(Tensor x, string name, int stride)
    {
        Tensor y = Normalization(Convolution(x, $"{name}.conv1", stride, 1), $"{name}.bn1").relu();
        y = Normalization(Convolution(y, $"{name}.conv2", 1, 1), $"{name}.bn2");
        return (y + Shortcut(x, name, stride)).relu();
    }

    /// <summary>torchvision's Bottleneck.</summary>
    public Tensor Bottleneck(Tensor x, string name, int stride)
    {
        Tensor y = Normalization(Convolution(x, $"{name}.conv1"), $"{name}.bn1").relu();
        y = Normalization(Convolution(y, $"{name}.conv2", stride, 1), $"{name}.bn2").relu();
        y = Normalization(Convolution(y, $"{name}.conv3"), $"{name}.bn3");
        return (y + Shortcut(x, name, stride)).relu();
    }

    /// <summary>Two 3×3 convolutions with batch normalisation and ReLU.</summary>
    public Tensor DoubleConvolution(Tensor x, string name)
    {
        Tensor y = Normalization(Convolution(x, $"{name}.conv1", 1, 1), $"{name}.bn1").relu();
        return Normalization(Convolution(y, $"{name}.conv2", 1, 1), $"{name}.bn2").relu();
    }

    private Tensor Shortcut(Tensor x, string name, int stride) => state.ContainsKey($"{name}.downsample.0.weight")
        ? Normalization(Convolution(x, $"{name}.downsample.0", stride), $"{name}.downsample.1")
        : x;
}

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Precision;

/// <summary>Tensors whose channels lie next to each other in memory: the shape N×C×H×W stays, the strides are those of N×H×W×C.</summary>
internal static class ChannelsLast
{
    /// <summary>The tensor in this layout: an alias where it lies so already, else a copy.</summary>
    public static Tensor Arrange(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Lays out every parameter with four axes, in either direction. The parameter objects, their values and their gradients
    /// stay; a gradient is laid out with its parameter.
    /// </summary>
    public static void Apply(nn.Module model, bool channelsLast)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach (Parameter parameter in model.parameters())
        {
            if (parameter.dim() != 4 || Lies(parameter, channelsLast))
            {
                continue;
            }

            using DisposeScope inner = NewDisposeScope();
            Tensor? gradient = parameter.grad;
            parameter.set_(Laid(parameter.detach(), channelsLast));
            if (gradient is not null && !Lies(gradient, channelsLast))
            {
                parameter.grad = Laid(gradient, channelsLast);
            }
        }
    }

    private static bool Lies(Tensor tensor, bool channelsLast)
    {
        if (!channelsLast)
        {
            return tensor.is_contiguous();
        }

        using Tensor view = tensor.permute(0, 2, 3, 1);
        return view.is_contiguous();
    }

    private static Tensor Laid(Tensor tensor, bool channelsLast) => channelsLast ? Arrange(tensor) : tensor.contiguous();
}

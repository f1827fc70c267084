using MadgNet.Core.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Foundation;

/// <summary>The checks that every block makes of its input, each with the message rule.</summary>
internal static class Guard
{
    /// <summary>Refuses anything but a floating-point N×C×H×W tensor with the given channels and no empty axis.</summary>
    public static void FeatureMap(Tensor input, long channels, string module, string what = "input")
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.dim() != 4 || input.size(1) != channels || !input.is_floating_point() || input.numel() == 0)
        {
            throw new TensorShapeException(new Problem(
                $"{module} {what}",
                TensorShapeException.Describe(input),
                $"a floating-point tensor N×{channels}×H×W with no empty axis",
                $"Pass a batch of feature maps with {channels} channels, or construct the module for the channels you have"));
        }
    }

    /// <summary>
    /// As <see cref="FeatureMap(Tensor,long,string,string)"/>, and refuses a tensor of another type or device than the module's
    /// weights. Under autocast any floating-point type goes, because the layers cast by themselves.
    /// </summary>
    /// <param name="input">The tensor.</param>
    /// <param name="channels">Its channels.</param>
    /// <param name="module">The module's name.</param>
    /// <param name="weight">One of the module's weights.</param>
    /// <param name="what">What the tensor is.</param>
    /// <param name="halfMaps">Whether a module of float32 weights takes 16-bit maps too.</param>
    public static void FeatureMap(Tensor input, long channels, string module, Tensor weight, string what = "input", bool halfMaps = false)
    {
        FeatureMap(input, channels, module, what);
        if (input.device_type != weight.device_type || input.device_index != weight.device_index)
        {
            throw new TensorShapeException(new Problem(
                $"{module} {what}",
                $"{TensorShapeException.Describe(input)} on {input.device}",
                $"a tensor on {weight.device}, as the module's weights",
                "Move the tensor or the module with to(device) so that both agree"));
        }

        ScalarType type = input.dtype;
        if (type != weight.dtype
            && !(halfMaps && weight.dtype == ScalarType.Float32 && type is ScalarType.BFloat16 or ScalarType.Float16)
            && !AutocastState.IsEnabled(input.device_type))
        {
            throw new TensorShapeException(new Problem(
                $"{module} {what}",
                TensorShapeException.Describe(input),
                $"a {weight.dtype} tensor, as the module's weights",
                "Convert the tensor or the module with to(type) so that both agree, or run under autocast"));
        }
    }

    /// <summary>Refuses skip features of another batch size than the deep features, or smaller than they are.</summary>
    public static void Skip(Tensor deep, Tensor skip, string module)
    {
        if (deep.size(0) != skip.size(0) || skip.size(2) < deep.size(2) || skip.size(3) < deep.size(3))
        {
            throw new TensorShapeException(new Problem(
                $"{module} skip features",
                $"{TensorShapeException.Describe(skip)} beside deep features [{string.Join(", ", deep.shape)}]",
                "the same batch size, and a height and width no smaller than the deep features'",
                "Pass the features of one batch, the finer ones as skip"));
        }
    }

    /// <summary>
    /// Refuses, while training, a batch that leaves batch normalisation a single value a channel: its variance would be zero,
    /// the output constant, and the running variance NaN from then on, without any error.
    /// </summary>
    public static void Normalizable(bool training, long batch, long height, long width, string module)
    {
        if (training && batch * height * width == 1)
        {
            throw new TensorShapeException(new Problem(
                module,
                "one value a channel (one image, 1×1 at this resolution) while training",
                "at least two, because batch normalisation has no variance over one",
                "Use a batch size of two or more or larger images, or call eval() on the module"));
        }
    }

    /// <summary>Adds a problem when a number lies outside its range.</summary>
    public static void Range(List<Problem> problems, string subject, long value, long least, long most = long.MaxValue, string? remedy = null)
    {
        if (value < least || value > most)
        {
            string expected = most == long.MaxValue ? $"{least} or more" : $"{least} to {most}";
            problems.Add(new Problem(subject, value.ToString(System.Globalization.CultureInfo.InvariantCulture), expected, remedy ?? $"Set {subject} to {expected}"));
        }
    }
}

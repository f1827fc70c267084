using MadgNet.Core.Runtime;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules;

/// <summary>What a module with weights demands of its input beyond <see cref="Guard"/>: their type and device.</summary>
internal static class ModuleGuard
{
    /// <summary>
    /// As <see cref="Guard.Normalizable"/>. A module whose normalisations look at other ranks' images too is asked about all of
    /// them by the normalisation itself.
    /// </summary>
    public static void Normalizable(nn.Module module, long batch, long height, long width, string name)
    {
        if (module.training && batch * height * width == 1 && !SharesStatistics(module))
        {
            Guard.Normalizable(true, batch, height, width, name);
        }
    }

    /// <summary>Whether a module normalises over the images of other ranks too.</summary>
    public static bool SharesStatistics(nn.Module module) =>
        module.modules().OfType<BatchNormalization>().Any(normalization => normalization.Group is { IsActive: true });

    /// <summary>
    /// As <see cref="Guard.FeatureMap"/>, and refuses a tensor of another type or device than the module's
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
        Guard.FeatureMap(input, channels, module, what);
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
}

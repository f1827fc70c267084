using MadgNet.Core.Runtime;
using static TorchSharp.torch;

namespace MadgNet.Core.Inputs;

/// <summary>What happens to a batch of images before the encoder sees it.</summary>
internal static class ImageInput
{
    /// <summary>
    /// Refuses what the network cannot take, repeats a single channel where the encoder wants three, and normalises. Never the
    /// caller's own tensor: an encoder may return the image as its finest level, and levels are disposed.
    /// </summary>
    public static Tensor Prepare(
        Tensor input, long channels, int stride, InputNormalization normalization, ScalarType type, Device device, string subject)
    {
        ArgumentNullException.ThrowIfNull(input);
        bool repeat = input.dim() == 4 && input.size(1) == 1 && channels == 3;
        Guard.FeatureMap(input, repeat ? 1 : channels, subject, "image");
        if (input.size(2) % stride != 0 || input.size(3) % stride != 0)
        {
            throw new TensorShapeException(new Problem(
                $"{subject} image",
                TensorShapeException.Describe(input),
                $"a height and width that are multiples of {stride}",
                "Pad or resize the image, or use a Predictor, which pads and crops by itself"));
        }

        if (input.dtype != type || input.device_type != device.type || input.device_index != device.index)
        {
            throw new TensorShapeException(new Problem(
                $"{subject} image",
                $"{TensorShapeException.Describe(input)} on {input.device}",
                $"{type} on {device}, as the model's weights",
                "Move image or model with to(…) so that both agree"));
        }

        if (device.type != TorchSharp.DeviceType.CPU)
        {
            NativeRuntime.EnsureVerified(device);
        }

        Tensor image = repeat ? input.expand(-1, 3, -1, -1) : input.alias();
        if (normalization == InputNormalization.ImageNet)
        {
            Tensor mean = tensor(new[] { 0.485f, 0.456f, 0.406f }, [1, 3, 1, 1]).to(image.dtype, image.device);
            Tensor deviation = tensor(new[] { 0.229f, 0.224f, 0.225f }, [1, 3, 1, 1]).to(image.dtype, image.device);
            image = (image - mean) / deviation;
        }

        return image;
    }
}

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
        Tensor input, long channels, int stride, ModelInput expected, ScalarType type, Device device, string subject)
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

        return Normalize(expected, repeat ? input.expand(-1, 3, -1, -1) : input.alias());
    }

    /// <summary>The network's own order of channels, range, mean and deviation; the image itself where there are none.</summary>
    public static Tensor Normalize(ModelInput expected, Tensor image)
    {
        if (expected.ChannelOrder == ChannelOrder.Bgr)
        {
            image = image.flip(1);
        }

        if (expected.ValueRange == ValueRange.ZeroTo255)
        {
            image = image.Times(byte.MaxValue);
        }

        Tensor? mean = Numbers(expected.SubtractedMean, image, nameof(ModelInput.Mean));
        Tensor? deviation = Numbers(expected.DividingDeviation, image, nameof(ModelInput.StandardDeviation));
        image = mean is null ? image : image - mean;
        image = deviation is null ? image : image / deviation;
        return image;
    }

    private static Tensor? Numbers(IReadOnlyList<double> numbers, Tensor image, string subject)
    {
        if (numbers.Count == 0)
        {
            return null;
        }

        if (numbers.Count != 1 && numbers.Count != image.size(1))
        {
            throw new TensorShapeException(new Problem(
                $"{nameof(ModelInput)}.{subject}",
                $"{numbers.Count} numbers for {TensorShapeException.Describe(image)}",
                $"one, or {image.size(1)}",
                "Repeat the image's channel first, or give a number for each channel"));
        }

        return tensor([.. numbers.Select(value => (float)value)], [1, numbers.Count, 1, 1]).to(image.dtype, image.device);
    }
}

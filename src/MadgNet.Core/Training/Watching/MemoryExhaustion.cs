using static TorchSharp.torch;

namespace MadgNet.Core.Training.Watching;

/// <summary>Tells when memory has run out, which libtorch reports as one exception among others, and what to do about it.</summary>
internal static class MemoryExhaustion
{
    private static readonly string[] Signs = [
        "out of memory",
        "not enough memory",
        "can't allocate memory",
        "cannot allocate memory",
        "CUDA_ERROR_OUT_OF_MEMORY"
    ];

    public static bool Is(Exception exception) =>
        exception is OutOfMemoryException
        || Signs.Any(sign => exception.Message.Contains(sign, StringComparison.OrdinalIgnoreCase))
        || (exception.InnerException is { } inner && Is(inner));

    public static TrainingException Explain(
        Exception exception, Tensor images, string when, Device device, TrainerOptions options, bool validating)
    {
        string batch = $"{images.size(0)} images of {images.size(1)}×{images.size(2)}×{images.size(3)}";
        string message = exception.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
        string remedy = validating
            ? "Validate with smaller batches (BatchLoaderOptions.BatchSize = 1) or smaller images"
            : $"Lower BatchLoaderOptions.BatchSize and raise TrainerOptions.AccumulationSteps (now {options.AccumulationSteps}) by as "
                + $"much, or use smaller images, fewer threads or a lower precision (now {options.Precision})";
        return new TrainingException(
            new Problem(
                when,
                $"an out-of-memory error on {device.type} for {batch} ({(message.Length > 300 ? message[..300] + "…" : message)})",
                "memory for the forward and backward passes of a whole batch",
                remedy),
            exception);
    }
}

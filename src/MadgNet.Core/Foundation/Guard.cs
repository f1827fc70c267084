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

    /// <summary>Refuses an argument of an enumeration that has no such member; options say so by <see cref="Problem.Undefined"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has none.</exception>
    public static T Defined<T>(T value, string parameter)
        where T : struct, Enum
    {
        return Problem.Undefined(parameter, value).FirstOrDefault() is { } problem
            ? throw new ArgumentOutOfRangeException(parameter, value, $"Expected {problem.Expected}. {problem.Remedy}.")
            : value;
    }

    /// <summary>Adds a problem when a number lies outside its range.</summary>
    public static void Range(
        List<Problem> problems, string subject, long value, long least, long most = long.MaxValue, string? remedy = null)
    {
        if (value < least || value > most)
        {
            string expected = most == long.MaxValue ? $"{least} or more" : $"{least} to {most}";
            problems.Add(new Problem(
                subject,
                value.ToString(System.Globalization.CultureInfo.InvariantCulture),
                expected,
                remedy ?? $"Set {subject} to {expected}"));
        }
    }
}

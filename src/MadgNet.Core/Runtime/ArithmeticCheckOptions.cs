using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Runtime;

/// <summary>
/// How much of libtorch's arithmetic is checked, see
/// <see cref="NativeRuntime.VerifyArithmetic(ArithmeticCheckOptions, CancellationToken)"/>.
/// </summary>
public sealed record ArithmeticCheckOptions
{
    /// <summary>The device to check. Default the processor.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>
    /// How many convolutions of random shapes are checked after the fixed operations; 0 or more. Each takes some milliseconds.
    /// Default 0.
    /// </summary>
    public int RandomConvolutions { get; init; }

    /// <summary>The seed that the random shapes follow from. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (Device is null || Device.type is not (DeviceType.CPU or DeviceType.CUDA))
        {
            problems.Add(new Problem(
                nameof(Device), Device?.ToString() ?? "null", "cpu or a CUDA device", "Choose torch.CPU or torch.device(\"cuda:0\")"));
        }

        if (RandomConvolutions < 0)
        {
            problems.Add(new Problem(
                nameof(RandomConvolutions), $"{RandomConvolutions}", "0 or more", "Choose how many convolutions to draw"));
        }

        return problems;
    }
}

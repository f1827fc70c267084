using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Support;

/// <summary>Comparisons of tensors that say how far off they are.</summary>
internal static class Close
{
    /// <summary>
    /// Asserts that two tensors have the same shape and differ by at most <paramref name="tolerance"/> of the largest
    /// absolute expected value, the measure that <c>Fixtures/README.md</c> gives its tolerances in.
    /// </summary>
    public static void Relative(Tensor expected, Tensor actual, double tolerance, string what)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        Tensor reference = expected.to(ScalarType.Float64);
        double largest = Math.Max(reference.abs().max().item<double>(), 1e-12);
        double difference = (reference - actual.detach().cpu().to(ScalarType.Float64)).abs().max().item<double>();
        Assert.True(
            difference <= tolerance * largest,
            $"{what}: differs by {difference:G4}, that is {difference / largest:G4} of the largest value {largest:G4}; allowed "
                + $"{tolerance:G4}");
    }
}

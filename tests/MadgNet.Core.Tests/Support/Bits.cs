using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Support;

/// <summary>Comparisons without any tolerance.</summary>
internal static class Bits
{
    /// <summary>Asserts that two tensors have the same type, shape and bits.</summary>
    public static void Equal(Tensor expected, Tensor actual, string what)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(expected.dtype, actual.dtype);
        if (!expected.detach().contiguous().bytes.SequenceEqual(actual.detach().contiguous().bytes))
        {
            double difference = (expected.to(ScalarType.Float64) - actual.to(ScalarType.Float64)).abs().max().item<double>();
            Assert.Fail($"{what}: the bits differ, by up to {difference:G4}");
        }
    }

    /// <summary>Asserts that two sets of maps are the same bit for bit.</summary>
    public static void Equal(TaskMaps expected, TaskMaps actual)
    {
        Equal(expected.Region, actual.Region, "region");
        Equal(expected.Distance!, actual.Distance!, "distance");
        Equal(expected.Boundary!, actual.Boundary!, "boundary");
    }
}

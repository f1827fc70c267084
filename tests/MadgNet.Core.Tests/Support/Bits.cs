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
        bool same = expected.detach().contiguous().bytes.SequenceEqual(actual.detach().contiguous().bytes);
        Assert.True(same, $"{what}: the bits differ, by up to {(expected - actual).abs().max().item<float>():G4}");
    }

    /// <summary>Asserts that two sets of maps are the same bit for bit.</summary>
    public static void Equal(TaskMaps expected, TaskMaps actual)
    {
        Equal(expected.Region, actual.Region, "region");
        Equal(expected.Distance, actual.Distance, "distance");
        Equal(expected.Boundary, actual.Boundary, "boundary");
    }
}

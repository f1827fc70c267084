using CsCheck;
using MadgNet.Core.Modules;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Attention;

public class ExtremePositionsTests
{
    /// <summary>Few distinct values, zeros above all: ties everywhere, as behind a ReLU. Exact, both forms return positions.</summary>
    [Fact]
    public void The_fused_form_finds_what_tensor_operations_find_ties_included() =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 5], Gen.Int[1, 70], Gen.Int[1, 6], Gen.Int[0, 1000]).Sample(
            (batch, channels, length, frequencies, seed) =>
            {
                using var scope = NewDisposeScope();
                var random = new Random(seed);
                Tensor plane = Values(random, [batch, channels, length]);
                Tensor basis = Values(random, [frequencies, length]);
                Assert.Equal(
                    ExtremePositions.FindByTensors(plane, basis).data<long>().ToArray(),
                    ExtremePositions.FindFused(plane, basis).data<long>().ToArray());
            },
            iter: 200,
            threads: 1);

    [Fact]
    public void A_map_that_is_no_view_of_dense_rows_is_read_in_its_own_order()
    {
        using var scope = NewDisposeScope();
        Tensor plane = rand(2, 50, 3).transpose(1, 2);
        Tensor basis = rand(4, 50) - 0.5;
        Assert.Equal(
            ExtremePositions.FindByTensors(plane, basis).data<long>().ToArray(),
            ExtremePositions.FindFused(plane, basis).data<long>().ToArray());
    }

    private static Tensor Values(Random random, long[] shape) =>
        tensor(Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => (float)Math.Max(0, random.Next(-3, 4))).ToArray(), shape);
}

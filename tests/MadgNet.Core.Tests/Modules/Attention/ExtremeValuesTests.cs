using CsCheck;
using MadgNet.Core.Modules;
using MadgNet.Core.Tests.Support;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Attention;

public class ExtremeValuesTests
{
    [Fact]
    public void The_fused_pass_gives_the_means_of_the_values_at_the_extreme_positions() =>
        Gen.Select(Gen.Int[1, 2], Gen.Int[1, 5], Gen.Int[1, 70], Gen.Int[1, 9]).Sample(
            (batch, channels, length, frequencies) =>
            {
                using var scope = NewDisposeScope();
                Tensor plane = FixtureRule.Tensor("plane", [batch, channels, length], -1, 1);
                Tensor basis = FixtureRule.Tensor("basis", [frequencies, length], -1, 1);
                Tensor products = plane.unsqueeze(2) * basis;
                (Tensor maxima, Tensor minima) = ExtremeValues.FindFused(plane, basis);
                Close.Relative(products.amax([3]).mean([2], keepdim: true), maxima, 1e-6, "maxima");
                Close.Relative(products.amin([3]).mean([2], keepdim: true), minima, 1e-6, "minima");
                (maxima, minima) = ExtremeValues.FindByTensors(plane, basis);
                Close.Relative(products.amax([3]).mean([2], keepdim: true), maxima, 1e-6, "maxima by tensors");
                Close.Relative(products.amin([3]).mean([2], keepdim: true), minima, 1e-6, "minima by tensors");
            },
            iter: 100);

    [Fact]
    public void Nothing_is_left_behind()
    {
        using Tensor plane = FixtureRule.Tensor("plane", [1, 2, 20], -1, 1);
        using Tensor basis = FixtureRule.Tensor("basis", [3, 20], -1, 1);
        TensorLeak.None(() =>
        {
            (Tensor maxima, Tensor minima) = ExtremeValues.Find(plane, basis);
            maxima.Dispose();
            minima.Dispose();
        });
    }
}

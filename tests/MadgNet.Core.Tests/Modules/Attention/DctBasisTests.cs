using CsCheck;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Attention;

public class DctBasisTests
{
    [Fact]
    public void Distinct_frequencies_are_orthonormal()
    {
        // The sum over D² products of float32 values: a rounding error of a few 1e-7.
        Gen.Select(Gen.Int[7, 60], Gen.Int[1, 32], Gen.Enum<FrequencySelection>()).Sample(
            (size, frequencies, selection) =>
            {
                using var scope = NewDisposeScope();
                using var basis = new DctBasis(size, frequencies, selection);
                Tensor images = basis.ToTensor().to(ScalarType.Float64).flatten(1);
                Tensor products = images.matmul(images.t());
                for (int a = 0; a < frequencies; a++)
                {
                    for (int b = 0; b < frequencies; b++)
                    {
                        double expected = basis.FrequencyAt(a) == basis.FrequencyAt(b) ? 1 : 0;
                        Assert.Equal(expected, products[a, b].item<double>(), 1e-6);
                    }
                }
            },
            iter: 20,
            threads: 1);
    }

    /// <summary>Pairs at several ranks, from the published lists (FcaNet, Qin et al. 2021).</summary>
    [Theory]
    [InlineData(FrequencySelection.Top, 0, 0, 0)]
    [InlineData(FrequencySelection.Top, 2, 6, 0)]
    [InlineData(FrequencySelection.Top, 15, 2, 2)]
    [InlineData(FrequencySelection.Top, 31, 1, 3)]
    [InlineData(FrequencySelection.Low, 1, 0, 1)]
    [InlineData(FrequencySelection.Low, 15, 0, 5)]
    [InlineData(FrequencySelection.Low, 31, 4, 3)]
    [InlineData(FrequencySelection.Bottom, 0, 6, 6)]
    [InlineData(FrequencySelection.Bottom, 1, 1, 4)]
    [InlineData(FrequencySelection.Bottom, 31, 6, 3)]
    public void Frequencies_are_the_published(FrequencySelection selection, int rank, int u, int v)
    {
        using var basis = new DctBasis(28, 32, selection);
        Assert.Equal((4 * u, 4 * v), basis.FrequencyAt(rank));
    }

    [Theory]
    [InlineData(7, 2, 0, 0)]
    [InlineData(14, 1, 3, 11)]
    [InlineData(15, 5, 14, 2)]
    [InlineData(56, 15, 20, 55)]
    [InlineData(112, 9, 111, 64)]
    public void Values_are_those_of_the_formula_rounded_once(int size, int rank, int row, int column)
    {
        using var basis = new DctBasis(size, 16);
        using Tensor images = basis.ToTensor();
        (int u, int v) = basis.FrequencyAt(rank);
        double normalU = u == 0 ? Math.Sqrt(1.0 / size) : Math.Sqrt(2.0 / size);
        double normalV = v == 0 ? Math.Sqrt(1.0 / size) : Math.Sqrt(2.0 / size);
        double expected = normalU * normalV * Math.Cos(Math.PI * u * (row + 0.5) / size) * Math.Cos(Math.PI * v * (column + 0.5) / size);

        // One rounding to float32 is at most 2^-24 of the value, and the largest value is 2 / D.
        Assert.Equal(expected, images[rank, row, column].item<float>(), 2.0 / size * Math.Pow(2, -24));
    }

    [Fact]
    public void Indices_of_the_seven_by_seven_grid_are_multiplied_by_the_integer_quotient()
    {
        using var basis = new DctBasis(20, 3);
        Assert.Equal((12, 0), basis.FrequencyAt(2));
    }

    [Fact]
    public void An_index_beyond_the_frequencies_is_refused()
    {
        using var basis = new DctBasis(7, 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => basis.FrequencyAt(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => basis.FrequencyAt(-1));
    }

    [Theory]
    [InlineData(6, 16, 0, "DctSize")]
    [InlineData(int.MaxValue, 16, 0, "DctSize")]
    [InlineData(7, 0, 0, "Frequencies")]
    [InlineData(7, 33, 0, "Frequencies")]
    [InlineData(7, 16, 3, "Selection")]
    public void A_value_out_of_range_is_refused(int size, int frequencies, int selection, string subject)
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new DctBasis(size, frequencies, (FrequencySelection)selection));
        Assert.Equal(subject, Assert.Single(exception.Problems).Subject);
        BlockProperty.FollowsTheMessageRule(exception, subject);
    }

    [Fact]
    public void All_values_out_of_range_are_listed_at_once()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new DctBasis(0, 99, (FrequencySelection)9));
        Assert.Equal(3, exception.Problems.Count);
    }

    [Fact]
    public void A_disposed_basis_refuses_to_be_used()
    {
        var attention = new MultiFrequencyChannelAttention(4, 7, 2);
        attention.Basis.Dispose();
        using Tensor input = BlockProperty.Input(1, 4, 7, 7);
        Assert.Throws<ObjectDisposedException>(() => attention.call(input));
        attention.Dispose();
    }
}

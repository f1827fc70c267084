using MadgNet.Core.Data;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Data;

public sealed class SupervisionTargetsTests
{
    public static TheoryData<string> Cases =>
        ["ellipse_exact", "empty_truth", "full_truth", "single_pixel", "thin_line", "touches_border", "two_lesions"];

    public static TheoryData<string> CasesWithDistances =>
        ["ellipse_exact", "empty_truth", "single_pixel", "thin_line", "touches_border", "two_lesions"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_boundary_equals_the_golden_one(string name)
    {
        using Fixture fixture = Fixture.Open("targets");
        using TaskMaps maps = SupervisionTargets.FromRegion(fixture[name + ".mask"]);
        Assert.Equal(Values(fixture[name + ".boundary"]), Values(maps.Boundary!));
    }

    [Theory]
    [MemberData(nameof(CasesWithDistances))]
    public void The_distance_equals_the_golden_one_over_its_maximum(string name)
    {
        using Fixture fixture = Fixture.Open("targets");
        float[] golden = Values(fixture[name + ".edt"]);
        float scale = Math.Max(golden.Max(), 1f);
        var distance = new float[golden.Length];
        SupervisionTargets.Distance(Values(fixture[name + ".mask"]), 96, 128, distance);

        // The golden distances are stored in single precision, so each quotient may be off by two roundings.
        Assert.All(golden.Zip(distance), pair => Assert.Equal(pair.First / scale, pair.Second, 2e-7f));
    }

    [Fact]
    public void Targets_of_several_images_and_labels_equal_the_golden_ones()
    {
        using Fixture fixture = Fixture.Open("losses");
        using TaskMaps maps = SupervisionTargets.FromRegion(fixture["mask"]);
        Close.Relative(fixture["distance_target"], maps.Distance!, 1e-6, "distance");
        Close.Relative(fixture["boundary_target"], maps.Boundary!, 0, "boundary");
        Close.Relative(fixture["mask"], maps.Region, 0, "region");
    }

    [Fact]
    public void A_full_mask_is_at_distance_one_everywhere()
    {
        var distance = new float[12];
        SupervisionTargets.Distance(Enumerable.Repeat(1f, 12).ToArray(), 3, 4, distance);
        Assert.All(distance, value => Assert.Equal(1f, value));
    }

    [Fact]
    public void An_empty_mask_is_at_distance_zero_everywhere()
    {
        float[] distance = [.. Enumerable.Repeat(5f, 12)];
        SupervisionTargets.Distance(new float[12], 3, 4, distance);
        Assert.All(distance, value => Assert.Equal(0f, value));
    }

    [Fact]
    public void A_mask_of_one_row_has_its_boundary_at_its_ends()
    {
        var boundary = new float[6];
        SupervisionTargets.Boundary([0, 0, 1, 1, 0, 0], 1, 6, boundary);
        Assert.Equal([0, 1, 1, 1, 1, 0], boundary);
    }

    [Fact]
    public void Values_between_zero_and_one_are_binarised_at_one_half()
    {
        var distance = new float[3];
        SupervisionTargets.Distance([0.49f, 0.5f, 0.9f], 1, 3, distance);
        Assert.Equal([0f, 0.5f, 1f], distance);
    }

    [Fact]
    public void Values_that_resizing_rounded_out_of_range_are_accepted()
    {
        var boundary = new float[6];
        SupervisionTargets.Boundary([-1e-7f, 0, 1.0000001f, 1, 0, 0], 1, 6, boundary);
        Assert.Equal([0, 1, 1, 1, 1, 0], boundary);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(255f)]
    [InlineData(-0.1f)]
    public void A_mask_with_other_values_is_refused_with_the_value(float value)
    {
        var exception = Assert.Throws<InvalidMapException>(() => SupervisionTargets.Boundary([0, value], 1, 2, new float[2]));
        Assert.Contains(FormattableString.Invariant($"the value {value} at index 1"), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_region_without_four_dimensions_is_refused_with_its_shape()
    {
        using Tensor region = zeros(3, 4);
        var exception = Assert.Throws<InvalidMapException>(() => SupervisionTargets.FromRegion(region));
        Assert.Contains("[3, 4]", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Targets_of_a_boolean_region_are_those_of_a_floating_one()
    {
        using Tensor boolean = tensor(new[] { false, true, true, false }, [1, 1, 1, 4]);
        using TaskMaps maps = SupervisionTargets.FromRegion(boolean);
        Assert.Equal([0, 1, 1, 0], Values(maps.Distance!));
    }

    [Fact]
    public void Targets_leave_no_tensor_behind()
    {
        using Tensor region = ones(1, 2, 4, 4);
        using Tensor illegal = region * 2;
        TensorLeak.None(() =>
        {
            SupervisionTargets.FromRegion(region).Dispose();
            Assert.Throws<InvalidMapException>(() => SupervisionTargets.FromRegion(illegal));
        });
    }

    private static float[] Values(Tensor tensor) => tensor.data<float>().ToArray();
}

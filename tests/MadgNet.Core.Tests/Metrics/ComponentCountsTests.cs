using CsCheck;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Metrics;

public sealed class ComponentCountsTests
{
    [Fact]
    public void Components_are_matched_one_to_one_from_the_best_overlap_down()
    {
        // Two true bars; the first prediction covers most of the first bar and touches the second less, the second nothing.
        bool[] truth = Mask("##...###", "........");
        bool[] prediction = Mask("##...#..", "#......#");
        Assert.Equal(new ComponentCounts(1, 2, 1), ComponentCounts.Compute(prediction, truth, 2, 8, 0.5));
    }

    [Fact]
    public void Any_overlap_can_be_accepted()
    {
        bool[] truth = Mask("##...###", "........");
        bool[] prediction = Mask("##...#..", "#......#");
        Assert.Equal(new ComponentCounts(2, 1, 0), ComponentCounts.Compute(prediction, truth, 2, 8, 1e-9));
    }

    [Fact]
    public void A_corner_joins_eight_neighbours_but_not_four()
    {
        bool[] mask = Mask("#.", ".#");
        Assert.Equal(1, ComponentCounts.Compute(mask, mask, 2, 2, connectivity: ComponentConnectivity.Eight).TruePositives);
        Assert.Equal(2, ComponentCounts.Compute(mask, mask, 2, 2, connectivity: ComponentConnectivity.Four).TruePositives);
    }

    [Fact]
    public void Branches_that_meet_late_are_one_component()
    {
        bool[] mask = Mask("#.#.#", "#.#.#", "#####");
        Assert.Equal(new ComponentCounts(1, 0, 0), ComponentCounts.Compute(mask, mask, 3, 5));
    }

    [Fact]
    public void The_number_of_components_equals_that_of_a_flood_fill() => MetricMaps.Gen.Sample(maps =>
    {
        Assert.Equal(
            FloodFill(maps.Truth, maps.Width, diagonal: true),
            ComponentCounts.Compute(maps.Truth, maps.Truth, maps.Height, maps.Width).TruePositives);
        Assert.Equal(
            FloodFill(maps.Truth, maps.Width, diagonal: false),
            ComponentCounts.Compute(
                maps.Truth, maps.Truth, maps.Height, maps.Width, connectivity: ComponentConnectivity.Four).TruePositives);
    }, iter: 200);

    [Fact]
    public void No_components_at_all_are_a_perfect_match()
    {
        ComponentCounts counts = ComponentCounts.Compute(new bool[4], new bool[4], 2, 2);
        Assert.Equal((1, 1, 1), (counts.Precision, counts.Recall, counts.F1));
    }

    [Fact]
    public void Components_of_an_empty_truth_are_all_wrong()
    {
        ComponentCounts counts = ComponentCounts.Compute([true, false], new bool[2], 1, 2);
        Assert.Equal((0, 0, 0), (counts.Precision, counts.Recall, counts.F1));
    }

    private static bool[] Mask(params string[] rows) => [.. string.Concat(rows).Select(pixel => pixel == '#')];

    private static int FloodFill(bool[] mask, int width, bool diagonal)
    {
        bool[] left = [.. mask];
        int count = 0;
        for (int start = 0; start < left.Length; start++)
        {
            if (!left[start])
            {
                continue;
            }

            count++;
            var open = new Stack<int>([start]);
            left[start] = false;
            while (open.TryPop(out int pixel))
            {
                for (int other = 0; other < left.Length; other++)
                {
                    int rows = Math.Abs((pixel / width) - (other / width));
                    int columns = Math.Abs((pixel % width) - (other % width));
                    if (left[other] && (diagonal ? Math.Max(rows, columns) == 1 : rows + columns == 1))
                    {
                        left[other] = false;
                        open.Push(other);
                    }
                }
            }
        }

        return count;
    }
}

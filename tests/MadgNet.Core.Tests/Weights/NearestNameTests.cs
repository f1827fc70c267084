using CsCheck;
using MadgNet.Core.Weights;

namespace MadgNet.Core.Tests.Weights;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("conv.weight", "conv.weight", 0)]
    [InlineData("conv.weigth", "conv.weight", 2)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    public void The_distance_counts_insertions_deletions_and_substitutions(string a, string b, int expected) =>
        Assert.Equal(expected, NearestName.Distance(a, b, 100));

    [Fact]
    public void The_distance_is_the_textbook_recurrence()
    {
        // Oracle: Wagner and Fischer's full table, without cut-offs or shortcuts.
        Gen<string> name = Gen.Char["abc."].Array[0, 12].Select(characters => new string(characters));
        Gen.Select(name, name, Gen.Int[0, 12]).Sample((a, b, limit) =>
        {
            int expected = Textbook(a, b);
            Assert.Equal(expected <= limit ? expected : null, NearestName.Distance(a, b, limit));
        });
    }

    [Fact]
    public void The_nearest_candidate_is_found() =>
        Assert.Equal(
            "layer1.0.conv1.weight", NearestName.Find("layer1.0.conv.weight", ["layer4.2.bn3.bias", "layer1.0.conv1.weight", "fc.bias"]));

    [Fact]
    public void A_name_that_is_far_from_all_has_none() =>
        Assert.Null(NearestName.Find("decoder.conv.weight", ["bn", "something.else.entirely"]));

    private static int Textbook(string a, string b)
    {
        int[,] table = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                table[i, j] = i == 0 || j == 0
                    ? i + j
                    : Math.Min(table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
            }
        }

        return table[a.Length, b.Length];
    }
}

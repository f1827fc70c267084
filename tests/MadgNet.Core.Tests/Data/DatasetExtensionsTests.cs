using MadgNet.Core.Data;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data;

public sealed class DatasetExtensionsTests
{
    private static readonly InMemoryDataset Three = new([Samples.Create("a"), Samples.Create("b"), Samples.Create("c")], ["lesion"]);

    [Fact]
    public void Subset_keeps_the_given_order() => Assert.Equal(["c", "a"], Three.Subset([2, 0]).Names());

    [Fact]
    public void Subset_with_a_sample_twice_is_refused() => Assert.Throws<DatasetException>(() => Three.Subset([1, 1]));

    [Fact]
    public void Filter_goes_by_name() => Assert.Equal(["a", "c"], Three.Where(name => name != "b").Names());

    [Fact]
    public void Combined_samples_carry_the_name_of_their_dataset()
    {
        IDataset both = DatasetExtensions.Combine(("x", Three), ("y", Three.Subset([1])));
        Assert.Equal(["x/a", "x/b", "x/c", "y/b"], both.Names());
        Assert.Equal("y/b", both.Load(3).Name);
        Assert.Equal(["lesion"], both.Labels);
    }

    [Fact]
    public void Datasets_of_other_labels_are_not_combined()
    {
        var other = new InMemoryDataset([Samples.Create("d")], ["nucleus"]);
        var error = Assert.Throws<DatasetException>(() => DatasetExtensions.Combine(("x", Three), ("y", other)));
        Assert.Contains("nucleus", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_in_memory_stay_as_they_are_whatever_is_done_with_a_loaded_one()
    {
        Sample loaded = Three.Load(0);
        loaded.Image.Data.Clear();
        Assert.NotEqual(0, Three.Load(0).Image.Data[0]);
    }

    [Fact]
    public void Two_samples_of_one_name_are_refused() =>
        Assert.Throws<DatasetException>(() => new InMemoryDataset([Samples.Create("a"), Samples.Create("a")]));
}

using CsCheck;
using MadgNet.Core.Data;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data;

public sealed class DatasetSplitTests
{
    [Fact]
    public void Folds_hold_every_sample_once_as_validation() =>
        Gen.Select(Gen.Int[2, 6], Gen.Int[6, 40], Gen.Int).Sample((folds, count, seed) =>
    {
        IReadOnlyList<DatasetSplit> splits = DatasetSplit.KFold(Dataset(count), folds, seed);
        Assert.Equal(folds, splits.Count);
        Assert.Equal(Dataset(count).Names().Order(), splits.SelectMany(split => split.NamesOf("validation")).Order());
        foreach (DatasetSplit split in splits)
        {
            Assert.Equal(count, split.NamesOf("train").Count + split.NamesOf("validation").Count);
            Assert.InRange(split.NamesOf("validation").Count, count / folds, (count / folds) + 1);
        }
    });

    [Fact]
    public void Groups_stay_together() => Gen.Int.Sample(seed =>
    {
        DatasetSplit split = DatasetSplit.Random(Dataset(30), [("train", 0.7), ("test", 0.3)], seed, name => name[..1]);
        Assert.Empty(split.NamesOf("train").Select(name => name[..1]).Intersect(split.NamesOf("test").Select(name => name[..1])));
    });

    [Fact]
    public void Same_seed_gives_the_same_split_whatever_the_order_of_the_samples()
    {
        InMemoryDataset dataset = Dataset(20);
        DatasetSplit one = DatasetSplit.Random(dataset, [("a", 0.5), ("b", 0.5)], 3);
        DatasetSplit other = DatasetSplit.Random(dataset.Subset(Enumerable.Range(0, 20).Reverse()), [("a", 0.5), ("b", 0.5)], 3);
        Assert.Equal(one.NamesOf("a"), other.NamesOf("a"));
        Assert.NotEqual(one.NamesOf("a"), DatasetSplit.Random(dataset, [("a", 0.5), ("b", 0.5)], 4).NamesOf("a"));
    }

    [Fact]
    public void Saved_split_is_loaded_as_it_was()
    {
        using var folder = new TemporaryFolder();
        var split = new DatasetSplit([("train", ["a", "with, comma", " with \"quotes\""]), ("test, really", ["b"])]);
        split.Save(folder.File("split.csv"));
        DatasetSplit loaded = DatasetSplit.Load(folder.File("split.csv"));
        Assert.Equal(split.Parts, loaded.Parts);
        Assert.Equal(["a", "with, comma", "with \"quotes\""], loaded.NamesOf("train").Select(name => name.Trim()));
    }

    [Fact]
    public void Lists_of_names_with_extensions_select_samples()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("train.txt"), "b1.png\r\n\r\nfolder/a0.jpg\r\n");
        DatasetSplit split = DatasetSplit.FromLists(("train", folder.File("train.txt")));
        Assert.Equal(["b1", "a0"], split.Of(Dataset(4), "train").Names());
    }

    [Fact]
    public void Sample_that_the_dataset_lacks_is_refused_with_its_name()
    {
        var split = new DatasetSplit([("train", ["a0", "missing one", "missing two"])]);
        var error = Assert.Throws<DatasetException>(() => split.Of(Dataset(4), "train"));
        Assert.Equal(["missing one", "missing two"], error.Problems.Select(problem => problem.Subject));
    }

    [Fact]
    public void Sample_in_two_parts_is_refused() =>
        Assert.Throws<DatasetException>(() => new DatasetSplit([("train", ["a"]), ("test", ["a"])]));

    [Theory]
    [InlineData(0.5, 0.4)]
    [InlineData(1.5, -0.5)]
    public void Shares_that_do_not_add_up_are_refused(double first, double second) =>
        Assert.Throws<DatasetException>(() => DatasetSplit.Random(Dataset(4), [("a", first), ("b", second)], 0));

    [Fact]
    public void Fewer_groups_than_folds_are_refused() =>
        Assert.Throws<DatasetException>(() => DatasetSplit.KFold(Dataset(12), 5, 0, name => name[..1] == "a" ? "a" : "other"));

    /// <summary>Samples of six patients, a to f: a0, b1, c2 …</summary>
    private static InMemoryDataset Dataset(int count) =>
        new(Enumerable.Range(0, count).Select(i => Samples.Create($"{"abcdef"[i % 6]}{i}", 1, 2, 2)));
}

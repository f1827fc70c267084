using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Data;

public sealed class DataLoaderTests
{
    private static readonly SegmentationTransform Recipe =
        new Compose(new Resize(32, 32), new HorizontalFlip(), new VerticalFlip(), new RandomRotation(5));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Any_number_of_workers_gives_the_same_bits(int workers)
    {
        List<byte[]> expected = Bytes(0, 3);
        Assert.Equal(expected, Bytes(workers, 3));
    }

    [Fact]
    public void Order_and_augmentation_change_with_the_epoch() => Assert.NotEqual(Bytes(0, 1), Bytes(0, 2));

    [Fact]
    public void Shuffled_epoch_holds_every_sample_once()
    {
        var loader = new DataLoader(Dataset(11), new DataLoaderOptions { BatchSize = 4, Transform = Recipe, Workers = 2 });
        List<string> names = [];
        foreach (Batch batch in loader.Epoch(5, TestContext.Current.CancellationToken))
        {
            using (batch)
            {
                names.AddRange(batch.Names);
            }
        }

        Assert.Equal(Enumerable.Range(0, 11).Select(i => $"case{i:00}"), names.Order());
        Assert.NotEqual(names.Order(), names);
    }

    [Fact]
    public void Batch_has_the_documented_shapes_and_keeps_the_original_sizes()
    {
        var loader = new DataLoader(Dataset(3), new DataLoaderOptions { BatchSize = 2, Transform = Recipe, Workers = 0, Shuffle = false });
        using Batch batch = loader.Epoch(0, TestContext.Current.CancellationToken).First();
        Assert.Equal([2, 3, 32, 32], batch.Images.shape);
        Assert.Equal([2, 1, 32, 32], batch.Targets.Region.shape);
        Assert.Equal([2, 1, 32, 32], batch.Targets.Distance.shape);
        Assert.Equal([2, 1, 32, 32], batch.Targets.Boundary.shape);
        Assert.Equal([(20, 24), (20, 25)], batch.OriginalSizes);
        Assert.Equal(["case00", "case01"], batch.Names);
    }

    [Fact]
    public void Targets_are_those_of_the_transformed_mask()
    {
        var loader = new DataLoader(Dataset(1), new DataLoaderOptions { BatchSize = 1, Transform = Recipe, Workers = 0 });
        using Batch batch = loader.Epoch(0, TestContext.Current.CancellationToken).First();
        using TaskMaps expected = SupervisionTargets.FromRegion(batch.Targets.Region);
        Assert.Equal(expected.Distance.bytes.ToArray(), batch.Targets.Distance.bytes.ToArray());
        Assert.Equal(expected.Boundary.bytes.ToArray(), batch.Targets.Boundary.bytes.ToArray());
    }

    [Fact]
    public void Consumer_that_stops_in_the_middle_leaves_no_tensor()
    {
        var loader = new DataLoader(Dataset(16), new DataLoaderOptions { BatchSize = 2, Transform = Recipe, Workers = 2 });
        TensorLeak.None(() =>
        {
            foreach (Batch batch in loader.Epoch(0, TestContext.Current.CancellationToken))
            {
                batch.Dispose();
                break;
            }
        });
    }

    private static InMemoryDataset Dataset(int count) => new(Enumerable.Range(0, count).Select(i => Samples.Create($"case{i:00}", 3, 20, 24 + i)));

    private static List<byte[]> Bytes(int workers, int epoch)
    {
        var loader = new DataLoader(Dataset(7), new DataLoaderOptions { BatchSize = 3, Transform = Recipe, Workers = workers, Seed = 42 });
        List<byte[]> result = [];
        foreach (Batch batch in loader.Epoch(epoch, TestContext.Current.CancellationToken))
        {
            using (batch)
            {
                foreach (Tensor tensor in new[] { batch.Images, batch.Targets.Region, batch.Targets.Distance, batch.Targets.Boundary })
                {
                    result.Add(tensor.bytes.ToArray());
                }
            }
        }

        return result;
    }
}

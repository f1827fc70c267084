using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Tests.Support;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Data;

public sealed class BatchLoaderTests
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
        var loader = new BatchLoader(Dataset(11), new BatchLoaderOptions { BatchSize = 4, Transform = Recipe, Workers = 2 });
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
        var loader = new BatchLoader(
            Dataset(3), new BatchLoaderOptions { BatchSize = 2, Transform = Recipe, Workers = 0, Shuffle = false });
        using Batch batch = loader.Epoch(0, TestContext.Current.CancellationToken).First();
        Assert.Equal([2, 3, 32, 32], batch.Images.shape);
        Assert.Equal([2, 1, 32, 32], batch.Targets.Region.shape);
        Assert.Equal([2, 1, 32, 32], batch.Targets.Distance!.shape);
        Assert.Equal([2, 1, 32, 32], batch.Targets.Boundary!.shape);
        Assert.Equal([(20, 24), (20, 25)], batch.OriginalSizes);
        Assert.Equal(["case00", "case01"], batch.Names);
    }

    [Fact]
    public void Targets_are_those_of_the_transformed_mask()
    {
        var loader = new BatchLoader(Dataset(1), new BatchLoaderOptions { BatchSize = 1, Transform = Recipe, Workers = 0 });
        using Batch batch = loader.Epoch(0, TestContext.Current.CancellationToken).First();
        using TaskMaps expected = SupervisionTargets.FromRegion(batch.Targets.Region);
        Assert.Equal(expected.Distance!.bytes.ToArray(), batch.Targets.Distance!.bytes.ToArray());
        Assert.Equal(expected.Boundary!.bytes.ToArray(), batch.Targets.Boundary!.bytes.ToArray());
    }

    [Fact]
    public void Consumer_that_stops_in_the_middle_leaves_no_tensor()
    {
        var loader = new BatchLoader(Dataset(16), new BatchLoaderOptions { BatchSize = 2, Transform = Recipe, Workers = 2 });
        TensorLeak.None(() =>
        {
            foreach (Batch batch in loader.Epoch(0, TestContext.Current.CancellationToken))
            {
                batch.Dispose();
                break;
            }
        });
    }

    private static InMemoryDataset Dataset(int count) =>
        new(Enumerable.Range(0, count).Select(i => Samples.Create($"case{i:00}", 3, 20, 24 + i)));

    private static List<byte[]> Bytes(int workers, int epoch) =>
        Bytes(new BatchLoader(
            Dataset(7), new BatchLoaderOptions { BatchSize = 3, Transform = Recipe, Workers = workers, Seed = 42 }), epoch);

    [Fact]
    public void Two_processes_give_the_same_bits()
    {
        // The digest of these very batches, computed once in another process: a change of it breaks every recorded run.
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        var flips = new Compose(new HorizontalFlip(), new VerticalFlip(), new RandomCrop(12, 12));
        var loader = new BatchLoader(Dataset(9), new BatchLoaderOptions { BatchSize = 4, Transform = flips, Workers = 2, Seed = 7 });
        foreach (Batch batch in loader.Epoch(2, TestContext.Current.CancellationToken))
        {
            using (batch)
            {
                hash.AppendData(batch.Images.bytes);
                hash.AppendData(batch.Targets.Region.bytes);
                hash.AppendData(System.Text.Encoding.UTF8.GetBytes(string.Join(",", batch.Names)));
            }
        }

        Assert.Equal("BF3271661FAD83308B03A49DBC767E8BC962740E7586F188D83693CE0D8AA081", Convert.ToHexString(hash.GetHashAndReset()));
    }

    [Fact]
    public void Bad_sample_stops_the_epoch_with_its_name()
    {
        var loader = new BatchLoader(new Broken(6, 3), new BatchLoaderOptions { BatchSize = 2, Shuffle = false, Workers = 2 });
        var seen = 0;
        var error = Assert.Throws<DataLoadException>(() =>
        {
            foreach (Batch batch in loader.Epoch(0, TestContext.Current.CancellationToken))
            {
                batch.Dispose();
                seen++;
            }
        });
        Assert.Equal(("case3", 3), (error.SampleName, error.Index));
        Assert.Contains("bad pixels", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, seen);
    }

    [Fact]
    public void Bad_sample_can_be_skipped_and_is_reported()
    {
        var failures = new Collected();
        var loader = new BatchLoader(
            new Broken(6, 3),
            new BatchLoaderOptions
            {
                BatchSize = 2,
                Shuffle = false,
                Workers = 2,
                ErrorPolicy = LoadErrorPolicy.Skip,
                Failures = failures
            });
        List<string> names = [];
        foreach (Batch batch in loader.Epoch(0, TestContext.Current.CancellationToken))
        {
            using (batch)
            {
                names.AddRange(batch.Names);
            }
        }

        Assert.Equal(["case0", "case1", "case2", "case4", "case5"], names);
        Assert.Equal(["case3"], failures.Items.Select(error => error.SampleName));
    }

    [Fact]
    public void Exception_in_the_middle_leaves_no_tensor()
    {
        var loader = new BatchLoader(new Broken(6, 3), new BatchLoaderOptions { BatchSize = 2, Shuffle = false, Workers = 2 });
        TensorLeak.None(() => Assert.Throws<DataLoadException>(() =>
        {
            foreach (Batch batch in loader.Epoch(0, TestContext.Current.CancellationToken))
            {
                batch.Dispose();
            }
        }));
    }

    [Fact]
    public void Whole_epoch_leaves_no_tensor()
    {
        var loader = new BatchLoader(Dataset(5), new BatchLoaderOptions { BatchSize = 2, Transform = Recipe, Workers = 2 });
        TensorLeak.None(() =>
        {
            foreach (Batch batch in loader.Epoch(0, TestContext.Current.CancellationToken))
            {
                batch.Dispose();
            }
        });
    }

    [Fact]
    public void Batch_outlives_the_scope_that_it_was_made_in()
    {
        var loader = new BatchLoader(Dataset(1), new BatchLoaderOptions { BatchSize = 1, Workers = 0 });
        Batch batch;
        using (NewDisposeScope())
        {
            batch = loader.Epoch(0, TestContext.Current.CancellationToken).First();
        }

        using (batch)
        {
            Assert.False(batch.Images.IsInvalid);
        }
    }

    [Fact]
    public void Workers_end_with_the_enumeration()
    {
        var dataset = new Slow();
        var loader = new BatchLoader(dataset, new BatchLoaderOptions { BatchSize = 1, Workers = 3, PrefetchBatches = 4 });
        loader.Epoch(0, TestContext.Current.CancellationToken).First().Dispose();
        int loaded = dataset.Loaded;
        Thread.Sleep(100);
        Assert.Equal(loaded, dataset.Loaded);
    }

    [Fact]
    public void Workers_run_no_further_ahead_than_the_prefetched_batches()
    {
        var dataset = new Slow();
        var loader = new BatchLoader(dataset, new BatchLoaderOptions { BatchSize = 2, Workers = 4, PrefetchBatches = 1 });
        using IEnumerator<Batch> batches = loader.Epoch(0, TestContext.Current.CancellationToken).GetEnumerator();
        Assert.True(batches.MoveNext());
        batches.Current.Dispose();
        Thread.Sleep(200);
        // The two samples handed out and the window of (1 + 1)·2 beyond them.
        Assert.InRange(dataset.Loaded, 2, 6);
    }

    [Fact]
    public void Cancellation_returns_promptly()
    {
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var loader = new BatchLoader(new Slow(), new BatchLoaderOptions { BatchSize = 50, Workers = 1 });
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Throws<OperationCanceledException>(() => loader.Epoch(0, source.Token).First());
        Assert.InRange(clock.ElapsedMilliseconds, 0, 400);
    }

    [Fact]
    public void Cache_gives_the_same_bits_and_loads_every_sample_once()
    {
        var counted = new Slow(delay: 0, count: 8);
        var options = new BatchLoaderOptions { BatchSize = 3, Workers = 2, Transform = Recipe };
        var cached = new BatchLoader(counted, options with { CacheBytes = 1 << 20 });
        for (int epoch = 0; epoch < 3; epoch++)
        {
            Assert.Equal(Bytes(new BatchLoader(new Slow(0, 8), options), epoch), Bytes(cached, epoch));
        }

        Assert.Equal(8, counted.Loaded);
    }

    [Fact]
    public void Cache_keeps_its_limit()
    {
        // A sample of 3×8×8 floats that are no multiples of 1/255, and an 8×8 mask that is one byte a value.
        const int SampleBytes = (3 * 64 * sizeof(float)) + 64;
        var loader = new BatchLoader(
            new Slow(0, 8), new BatchLoaderOptions { BatchSize = 4, Workers = 2, CacheBytes = (3 * SampleBytes) + 10 });
        Bytes(loader, 0);
        Assert.Equal(3 * SampleBytes, loader.CachedBytes);
    }

    [Fact]
    public void Samples_of_different_size_in_a_batch_are_refused_with_both_names()
    {
        var loader = new BatchLoader(Dataset(2), new BatchLoaderOptions { BatchSize = 2, Workers = 0, Shuffle = false });
        var error = Assert.Throws<DataLoadException>(() => loader.Epoch(0, TestContext.Current.CancellationToken).First());
        Assert.Contains("'case00' of 3×20×24", error.Message, StringComparison.Ordinal);
        Assert.Contains("'case01' of 3×20×25", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scales_resize_whole_batches_to_multiples_of_32()
    {
        var options = new BatchLoaderOptions { BatchSize = 2, Transform = new Resize(64, 64), Workers = 2, Scales = [0.75, 1, 1.25] };
        var loader = new BatchLoader(Dataset(8), options);
        var sizes = new HashSet<long>();
        for (int epoch = 0; epoch < 6; epoch++)
        {
            foreach (Batch batch in loader.Epoch(epoch, TestContext.Current.CancellationToken))
            {
                using (batch)
                {
                    sizes.Add(batch.Images.size(2));
                    Assert.Equal(batch.Images.size(2), batch.Targets.Region.size(2));
                }
            }
        }

        // 48 and 80 round away from zero to 64 and 96.
        Assert.Equal([64, 96], sizes.Order());
    }

    [Fact]
    public void Incomplete_batch_can_be_left_out()
    {
        var options = new BatchLoaderOptions { BatchSize = 3, Transform = Recipe, Workers = 2 };
        Assert.Equal(3, new BatchLoader(Dataset(7), options).BatchCount);
        var loader = new BatchLoader(Dataset(7), options with { DropLast = true });
        Assert.Equal(2, loader.BatchCount);
        Assert.Equal(2 * 4, Bytes(loader, 0).Count);
    }

    [Fact]
    public void Illegal_options_are_refused_all_at_once()
    {
        var options = new BatchLoaderOptions { BatchSize = 0, Workers = -1, PrefetchBatches = 0, CacheBytes = -1, Scales = [0] };
        var error = Assert.Throws<InvalidOptionsException>(() => new BatchLoader(Dataset(3), options));
        Assert.Equal(5, error.Problems.Count);
    }

    [Fact]
    public void A_dataset_without_samples_or_a_full_batch_is_refused()
    {
        Assert.Single(Assert.Throws<DatasetException>(() => new BatchLoader(new InMemoryDataset([]))).Problems);
        var full = new BatchLoaderOptions { BatchSize = 4, DropLast = true };
        Assert.Single(Assert.Throws<DatasetException>(() => new BatchLoader(Dataset(3), full)).Problems);
    }

    private static List<byte[]> Bytes(BatchLoader loader, int epoch)
    {
        List<byte[]> result = [];
        foreach (Batch batch in loader.Epoch(epoch, TestContext.Current.CancellationToken))
        {
            using (batch)
            {
                foreach (Tensor tensor in new[] { batch.Images, batch.Targets.Region, batch.Targets.Distance!, batch.Targets.Boundary! })
                {
                    result.Add(tensor.bytes.ToArray());
                }
            }
        }

        return result;
    }

    private sealed class Collected : IProgress<DataLoadException>
    {
        public List<DataLoadException> Items { get; } = [];

        public void Report(DataLoadException value) => Items.Add(value);
    }

    private sealed class Broken(int count, int bad) : IDataset
    {
        public int Count => count;

        public string NameOf(int index) => $"case{index}";

        public Sample Load(int index) =>
            index == bad ? throw new InvalidDataException("bad pixels") : Samples.Create(NameOf(index), 3, 8, 8);
    }

    private sealed class Slow(int delay = 10, int count = 100) : IDataset
    {
        private int _loaded;

        public int Loaded => _loaded;

        public int Count => count;

        public string NameOf(int index) => $"case{index}";

        public Sample Load(int index)
        {
            Interlocked.Increment(ref _loaded);
            Thread.Sleep(delay);
            return Samples.Create(NameOf(index), 3, 8, 8);
        }
    }
}

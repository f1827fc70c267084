using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Foundation;

[CollectionDefinition(nameof(StarvedPoolTests), DisableParallelization = true)]
public sealed class StarvedPoolCollection;

/// <summary>
/// A web server under load: every thread of the pool waits for results in the usual, blocking way, and none is left that could do the
/// work they wait for.
/// </summary>
[Collection(nameof(StarvedPoolTests))]
public sealed class StarvedPoolTests
{
    /// <summary>Far longer than the work takes; a test that reaches it hangs.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(2);

    [Fact]
    public void Batches_are_loaded_where_all_threads_of_the_pool_wait_for_them() => Starve(() =>
    {
        var dataset = new InMemoryDataset([.. Enumerable.Range(0, 6).Select(i => Samples.Create($"case{i}"))], ["label"]);
        var loader = new BatchLoader(dataset, new BatchLoaderOptions { BatchSize = 2, Workers = 2 });
        int batches = 0;
        foreach (Batch batch in loader.Epoch(1))
        {
            batch.Dispose();
            batches++;
        }

        return batches == 3;
    });

    [Fact]
    public void A_folder_is_predicted_where_all_threads_of_the_pool_wait_for_it()
    {
        using var folder = new TemporaryFolder();
        for (int i = 0; i < 3; i++)
        {
            ImageWriter.Write(Pictures.Pixels(3, 8, 8), folder.File($"{i}.png"));
        }

        using var predictor = new ConvolutionPredictor();
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Starve(() => predictor.PredictFolderAsync(folder.Root, null, cancellation).ToBlockingEnumerable(cancellation).Count() == 3);
    }

    /// <summary>
    /// Does the work on every thread that the pool may have. More of it is queued than there are threads: whatever it asks of the pool
    /// stands behind all of that.
    /// </summary>
    private static void Starve(Func<bool> work)
    {
        ThreadPool.GetMinThreads(out int least, out int leastPorts);
        ThreadPool.GetMaxThreads(out int most, out int mostPorts);

        // The runner of the tests holds some.
        int threads = Math.Max(ThreadPool.ThreadCount, Environment.ProcessorCount) + 2;
        Assert.True(ThreadPool.SetMaxThreads(threads, mostPorts) && ThreadPool.SetMinThreads(threads, leastPorts));
        try
        {
            int count = 2 * threads;
            int right = 0;
            int left = count;
            var done = new ManualResetEventSlim();
            for (int i = 0; i < count; i++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    _ =>
                    {
                        try
                        {
                            Interlocked.Add(ref right, work() ? 1 : 0);
                        }
                        finally
                        {
                            if (Interlocked.Decrement(ref left) == 0)
                            {
                                done.Set();
                            }
                        }
                    },
                    null);
            }

            Assert.True(done.Wait(Hang), "no thread of the pool is left for the work that it waits for");
            Assert.Equal(count, right);
        }
        finally
        {
            ThreadPool.SetMinThreads(least, leastPorts);
            ThreadPool.SetMaxThreads(most, mostPorts);
        }
    }
}

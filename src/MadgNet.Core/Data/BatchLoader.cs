using System.Runtime.InteropServices;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Runtime;
using Microsoft.Extensions.Logging;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Data;

/// <summary>
/// Loads, transforms and batches a dataset, with workers that prepare the next batches while the network is busy with the
/// current one. Order and augmentation follow from (seed, epoch, sample) alone: any number of workers gives the same bits.
/// </summary>
public sealed class BatchLoader
{
    private readonly IDataset _dataset;
    private readonly BatchLoaderOptions _options;
    private readonly SampleCache? _cache;

    /// <summary>Creates a loader; nothing is read yet.</summary>
    /// <param name="dataset">The samples.</param>
    /// <param name="options">How batches are made; null for the defaults.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    /// <exception cref="DatasetException">The dataset is empty, or has no full batch where only full ones are wanted.</exception>
    /// <exception cref="NativeLibraryException">libtorch, which batches are made of, cannot be loaded; says why.</exception>
    public BatchLoader(IDataset dataset, BatchLoaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        NativeRuntime.EnsureAvailable();
        _dataset = dataset;
        _options = options ?? new BatchLoaderOptions();
        InvalidOptionsException.ThrowIfAny(nameof(BatchLoader), _options.Validate());
        List<Problem> problems = [.. Check(dataset, _options)];
        if (problems.Count > 0)
        {
            throw new DatasetException(problems);
        }

        _cache = _options.CacheBytes > 0 ? new SampleCache(_options.CacheBytes) : null;
    }

    /// <summary>The options.</summary>
    public BatchLoaderOptions Options => _options;

    /// <summary>The samples that batches are made of.</summary>
    public IDataset Dataset => _dataset;

    /// <summary>Number of samples in the dataset.</summary>
    public int SampleCount => _dataset.Count;

    /// <summary>Number of batches in an epoch in which every sample can be loaded.</summary>
    public int BatchCount => _options.DropLast
        ? _dataset.Count / _options.BatchSize
        : (_dataset.Count + _options.BatchSize - 1) / _options.BatchSize;

    /// <summary>Bytes that the cache of decoded samples holds at the moment.</summary>
    public long CachedBytes => _cache?.UsedBytes ?? 0;

    /// <summary>
    /// The batches of one epoch. Workers start with the enumeration and have ended when it is disposed, also when the
    /// consumer leaves in the middle.
    /// </summary>
    /// <param name="epoch">The epoch's number; with the seed it decides order and augmentation.</param>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>Batches, each of which the consumer disposes. The sequence can be enumerated several times, with the same result.</returns>
    /// <exception cref="DataLoadException">While enumerating: a sample cannot be loaded (unless such samples are skipped), or samples of
    /// different shape meet in a batch.</exception>
    public IEnumerable<Batch> Epoch(int epoch, CancellationToken cancellationToken = default) => EpochFrom(epoch, 0, cancellationToken);

    /// <summary>
    /// The batches of one epoch from a certain one on, without reading the samples of those before: what a run that was
    /// interrupted in the middle of an epoch goes on with. The batches are the same, bit for bit, as in a whole epoch.
    /// </summary>
    /// <param name="epoch">The epoch's number; with the seed it decides order and augmentation.</param>
    /// <param name="firstBatch">The number of the first batch, from 0; none is left where it is <see cref="BatchCount"/>.</param>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>Batches, each of which the consumer disposes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The first batch is below 0 or above <see cref="BatchCount"/>.</exception>
    /// <exception cref="DataLoadException">While enumerating: a sample cannot be loaded (unless such samples are skipped), or samples of
    /// different shape meet in a batch.</exception>
    public IEnumerable<Batch> EpochFrom(int epoch, int firstBatch, CancellationToken cancellationToken = default)
    {
        return EpochFor(SupervisionTasks.All, epoch, firstBatch, cancellationToken);
    }

    /// <summary>As <see cref="EpochFrom"/>, with no more targets than a network needs.</summary>
    /// <param name="tasks">The tasks that targets are made for; the region's always are.</param>
    /// <param name="epoch">The epoch's number.</param>
    /// <param name="firstBatch">The number of the first batch, from 0.</param>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>Batches, each of which the consumer disposes; targets of other tasks are null.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The first batch is below 0 or above <see cref="BatchCount"/>.</exception>
    /// <exception cref="DataLoadException">While enumerating: as for the other overload.</exception>
    public IEnumerable<Batch> EpochFor(SupervisionTasks tasks, int epoch, int firstBatch, CancellationToken cancellationToken)
    {
        if (firstBatch < 0 || firstBatch > BatchCount)
        {
            throw new ArgumentOutOfRangeException(nameof(firstBatch), firstBatch, $"Expected 0 to {BatchCount}, the batches of an epoch.");
        }

        return Batches(epoch, firstBatch, tasks, cancellationToken);
    }

    /// <summary>
    /// As <see cref="EpochFor"/>, of every batch the part that one of several processes works on: their parts together are the
    /// batch. Nothing else is read.
    /// </summary>
    /// <param name="tasks">The tasks that targets are made for.</param>
    /// <param name="epoch">The epoch's number.</param>
    /// <param name="firstBatch">The number of the first batch, from 0.</param>
    /// <param name="part">How each batch is parted.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>For every batch its part; null where no sample of it is in the part, or none could be loaded.</returns>
    internal IEnumerable<Batch?> PartsFor(
        SupervisionTasks tasks, int epoch, int firstBatch, BatchPart part, CancellationToken cancellationToken) =>
        Parts(epoch, firstBatch, tasks, part, cancellationToken);

    /// <summary>The samples' names, in the order of the dataset.</summary>
    internal IEnumerable<string> SampleNames => Enumerable.Range(0, _dataset.Count).Select(_dataset.NameOf);

    private IEnumerable<Batch> Batches(int epoch, int firstBatch, SupervisionTasks tasks, CancellationToken cancellationToken)
    {
        foreach (Batch? batch in Parts(epoch, firstBatch, tasks, BatchPart.Whole, cancellationToken))
        {
            if (batch is not null)
            {
                yield return batch;
            }
        }
    }

    private IEnumerable<Batch?> Parts(
        int epoch, int firstBatch, SupervisionTasks tasks, BatchPart part, CancellationToken cancellationToken)
    {
        int[] order = Order(epoch);
        int size = _options.BatchSize;
        (int From, int To)[] ranges = [.. Enumerable.Range(firstBatch, BatchCount - firstBatch)
            .Select(batch => part.Of(batch, batch * size, Math.Min((batch + 1) * size, order.Length)))];
        int[] positions = [.. ranges.SelectMany(range => Enumerable.Range(range.From, range.To - range.From))];
        using var run = new LoaderRun(
            positions.Length,
            _options.Workers,
            (_options.PrefetchBatches + 1) * Math.Max(1, ranges.Select(range => range.To - range.From).DefaultIfEmpty(1).Max()),
            position => LoadOne(order[positions[position]], epoch, positions[position] / size, tasks),
            cancellationToken);
        var ready = new List<LoadedSample>(size);
        for (int batch = firstBatch; batch < BatchCount; batch++)
        {
            ready.Clear();
            (int from, int to) = ranges[batch - firstBatch];
            for (int i = from; i < to; i++)
            {
                LoadedSample loaded = run.Next();
                if (loaded.Error is { } error)
                {
                    Report(error);
                }
                else
                {
                    ready.Add(loaded);
                }
            }

            yield return ready.Count > 0 ? MakeBatch(batch, ready, tasks) : null;
        }
    }

    private static IEnumerable<Problem> Check(IDataset dataset, BatchLoaderOptions options)
    {
        if (dataset.Count == 0)
        {
            yield return new Problem("dataset", "no samples", "at least one", "Check the folder, filter or split that it was made with");
        }
        else if (options.DropLast && options.BatchSize > dataset.Count)
        {
            yield return new Problem(
                nameof(options.DropLast),
                $"batches of {options.BatchSize} from {dataset.Count} samples",
                "at least one full batch",
                "Make batches smaller or keep the last one");
        }
    }

    private int[] Order(int epoch)
    {
        int[] order = [.. Enumerable.Range(0, _dataset.Count)];
        if (_options.Shuffle)
        {
            // −1 is no sample's number, so the order shares no random numbers with any augmentation.
            new SampleRandom(_options.Seed, epoch, -1).Shuffle(order);
        }

        return order;
    }

    private LoadedSample LoadOne(int index, int epoch, int batch, SupervisionTasks tasks)
    {
        string name = $"number {index}";
        try
        {
            name = _dataset.NameOf(index);
            Sample? sample = _cache?.Find(index);
            if (sample is null)
            {
                sample = _dataset.Load(index);
                _cache?.Keep(index, sample);
            }

            if (_options.Transform is { } transform)
            {
                sample = sample.Transformed(each => transform.Apply(each, new SampleRandom(_options.Seed, epoch, index)));
            }

            return LoadedSample.WithTargets(index, Scale(sample, epoch, batch), tasks);
        }
        catch (Exception error)
        {
            // Whatever a dataset or a transform throws reaches the consumer with the sample's name, in its own thread.
            return LoadedSample.Failed(index, name, error);
        }
    }

    private Sample Scale(Sample sample, int epoch, int batch)
    {
        if (_options.Scales.Count == 0)
        {
            return sample;
        }

        // Numbers below −1 are the batches', so that a batch's samples agree on its scale without talking to one another.
        var random = new SampleRandom(_options.Seed, epoch, -2L - batch);
        double scale = _options.Scales[random.Next(_options.Scales.Count)];
        int multiple = _options.ScaleMultiple;
        var resize = new Resize(Multiple(sample.Image.Height * scale), Multiple(sample.Image.Width * scale));
        return sample.Transformed(each => resize.Apply(each, random));

        int Multiple(double size) => Math.Max(1, (int)Math.Round(size / multiple, MidpointRounding.AwayFromZero)) * multiple;
    }

    private void Report(DataLoadException error)
    {
        if (_options.ErrorPolicy == LoadErrorPolicy.Stop)
        {
            throw error;
        }

        _options.Logger.LogWarning(error, "Skipped sample {Name}: {Reason}", error.SampleName, error.Message);
        _options.Failures?.Report(error);
    }

    private Batch MakeBatch(int number, List<LoadedSample> samples, SupervisionTasks tasks)
    {
        Sample first = samples[0].Sample!;
        (int channels, int height, int width) = (first.Image.Channels, first.Image.Height, first.Image.Width);
        int labels = first.Masks.Count;
        foreach (LoadedSample loaded in samples)
        {
            Sample sample = loaded.Sample!;
            if (sample.Image.Channels != channels
                || sample.Image.Height != height
                || sample.Image.Width != width
                || sample.Masks.Count != labels)
            {
                throw new DataLoadException(
                    sample.Name,
                    loaded.Index,
                    new Problem(
                        $"batch {number}",
                        $"'{first.Name}' of {channels}×{height}×{width} with {labels} labels and '{sample.Name}' of "
                            + $"{sample.Image.Channels}×{sample.Image.Height}×{sample.Image.Width} with {sample.Masks.Count} labels",
                        "samples of one shape",
                        "Add a Resize or RandomCrop transform, read all images as RGB or grey, or use batches of 1").ToString());
            }
        }

        // Everything made here belongs to the batch, whatever scope the consumer is in; the scope only catches exceptions.
        using var scope = NewDisposeScope();
        Tensor images = Stack(samples, channels, height, width, loaded => [loaded.Sample!.Image]);
        Tensor region = Stack(samples, labels, height, width, loaded => loaded.Regions);
        Tensor? distance = tasks.HasFlag(SupervisionTasks.Distance)
            ? Stack(samples, labels, height, width, loaded => loaded.Distances)
            : null;
        Tensor? boundary = tasks.HasFlag(SupervisionTasks.Boundary)
            ? Stack(samples, labels, height, width, loaded => loaded.Boundaries)
            : null;
        Tensor? ignored = samples.Exists(loaded => loaded.Sample!.Ignored is not null)
            ? Stack(samples, 1, height, width, loaded => [loaded.Sample!.Ignored ?? new FloatImage(1, height, width)])
            : null;
        return new Batch(
            number,
            images.DetachFromDisposeScope(),
            new TaskMaps(region.DetachFromDisposeScope(), distance?.DetachFromDisposeScope(), boundary?.DetachFromDisposeScope()),
            [.. samples.Select(loaded => loaded.Name)],
            [.. samples.Select(loaded => (loaded.Sample!.OriginalHeight, loaded.Sample.OriginalWidth))])
        {
            Ignored = ignored?.DetachFromDisposeScope(),
        };
    }

    private Tensor Stack(List<LoadedSample> samples, int planes, int height, int width, Func<LoadedSample, FloatImage[]> select)
    {
        Tensor stacked = empty([samples.Count, planes, height, width], ScalarType.Float32);
        Span<float> target = planes == 0 ? [] : MemoryMarshal.Cast<byte, float>(stacked.bytes);
        foreach (LoadedSample loaded in samples)
        {
            foreach (FloatImage image in select(loaded))
            {
                image.Data.CopyTo(target);
                target = target[image.Data.Length..];
            }
        }

        return _options.Device.type switch
        {
            DeviceType.CPU => stacked,
            DeviceType.CUDA => stacked.pin_memory().to(_options.Device, non_blocking: true),
            _ => stacked.to(_options.Device),
        };
    }
}

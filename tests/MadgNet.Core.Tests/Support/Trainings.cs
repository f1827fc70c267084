using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Models;
using MadgNet.Core.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Support;

/// <summary>What tests of training runs share: loaders of discs, a small run, and its weights as bytes.</summary>
internal static class Trainings
{
    public static BatchLoader Loader(IDataset dataset, int batchSize = 4, bool dropLast = false) =>
        new(dataset, new BatchLoaderOptions
        {
            BatchSize = batchSize,
            Seed = 3,
            Workers = 1,
            DropLast = dropLast,
            Transform = new HorizontalFlip()
        });

    /// <summary>A set in its order and as it is.</summary>
    public static BatchLoader Validation(IDataset dataset, int batchSize = 4) =>
        new(dataset, new BatchLoaderOptions { BatchSize = batchSize, Shuffle = false, Workers = 1 });

    /// <summary>Every tensor of a model as bytes, by name.</summary>
    public static SortedDictionary<string, byte[]> Weights(SegmentationModel model)
    {
        using var scope = NewDisposeScope();
        return new(
            model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().contiguous().bytes.ToArray()),
            StringComparer.Ordinal);
    }

    /// <summary>Asserts that two models hold the same bits.</summary>
    public static void Equal(SortedDictionary<string, byte[]> expected, SortedDictionary<string, byte[]> actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        string[] different = [.. expected.Keys.Where(name => !expected[name].AsSpan().SequenceEqual(actual[name]))];
        Assert.True(different.Length == 0, $"{different.Length} of {expected.Count} tensors differ, such as {different.FirstOrDefault()}");
    }

    /// <summary>Calls an action at every report.</summary>
    public sealed class Recorder(List<TrainingProgress> reports, Action? after = null) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            reports.Add(value);
            after?.Invoke();
        }
    }

    /// <summary>Keeps everything that an observer is told.</summary>
    public sealed class Observer : ITrainingObserver
    {
        public List<object> Events { get; } = [];

        public IEnumerable<T> Of<T>() => Events.OfType<T>();

        public void RunStarted(TrainingRun run) => Events.Add(run);

        public void StepCompleted(StepReport step) => Events.Add(step);

        public void ValidationCompleted(ValidationReport validation) => Events.Add(validation);

        public void EpochCompleted(EpochRecord epoch) => Events.Add(epoch);

        public void Warned(TrainingWarning warning) => Events.Add(warning);

        public void RunEnded(TrainingRunEnd end) => Events.Add(end);
    }
}

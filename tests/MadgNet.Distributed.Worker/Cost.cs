using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Models;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Training;
using TorchSharp;

namespace MadgNet.Distributed.Worker;

/// <summary>
/// What working together costs: a line with the latency of a short sum and the bandwidth of a long one, and a line with what a
/// training step of the published network spends on it.
/// </summary>
internal static class Cost
{
    private const int LongSum = 6_553_600;

    public static void Measure(ProcessGroup ranks, Settings settings)
    {
        torch.set_num_threads(1);
        (double latency, double bandwidth) = MeasureSums(ranks);
        if (ranks.Leads)
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"sums of {ranks.Size}: {latency * 1e6:F0} us for 1 KB, {bandwidth / 1e9:F2} GB/s for 26 MB"));
            Console.Out.Flush();
        }

        var group = new MeasuredGroup(ranks);
        int side = settings.Count("size", 64);
        int batch = settings.Count("batch", 4);
        var watch = new Watch(group);
        using MadgNetModel model = new MadgNetBuilder().WithSeed(1).Build();
        new Trainer(model, new TrainerOptions { Steps = settings.Count("steps", 4), ProcessGroup = group, Observers = [watch] }).Train(
            new BatchLoader(Discs.Dataset(4 * batch, side, side), new BatchLoaderOptions { BatchSize = batch, Workers = 1 }));
        if (ranks.Leads)
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"cost {ranks.Size} {latency} {bandwidth} {watch.Steps} {watch.Seconds / watch.Steps} {group.Seconds / watch.Steps} "
                    + $"{group.LargeBytes / watch.Steps} {group.SmallCalls / watch.Steps} {model.ParameterCount}"));
            Console.Out.Flush();
        }
    }

    private static (double Latency, double Bandwidth) MeasureSums(ProcessGroup group)
    {
        double[] small = new double[128];
        float[] large = new float[LongSum];
        group.Sum(small.AsSpan());
        group.Sum(large.AsSpan());
        group.Barrier();
        double[] latencies = [.. Enumerable.Range(0, 200).Select(_ =>
        {
            long began = Stopwatch.GetTimestamp();
            group.Sum(small.AsSpan());
            return Stopwatch.GetElapsedTime(began).TotalSeconds;
        }).Order()];
        double[] times = [.. Enumerable.Range(0, 7).Select(_ =>
        {
            group.Barrier();
            long began = Stopwatch.GetTimestamp();
            group.Sum(large.AsSpan());
            return Stopwatch.GetElapsedTime(began).TotalSeconds;
        }).Order()];
        return (latencies[latencies.Length / 2], LongSum * sizeof(float) / times[times.Length / 2]);
    }

    /// <summary>Leaves the first step out, in which memory is taken and code compiled.</summary>
    private sealed class Watch(MeasuredGroup group) : ITrainingObserver
    {
        private long _began;

        public int Steps { get; private set; }

        public double Seconds { get; private set; }

        public void StepCompleted(StepReport step)
        {
            if (step.Step == 1)
            {
                group.Reset();
                _began = Stopwatch.GetTimestamp();
                return;
            }

            Steps++;
            Seconds = Stopwatch.GetElapsedTime(_began).TotalSeconds;
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Losses;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using MemoryLayout = MadgNet.Core.Training.Precision.MemoryLayout;
using Optimizer = MadgNet.Core.Training.Optimization.Optimizer;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// The parts of a training step of the published network in every precision and memory layout, the loss after a few of them,
/// and what the fused passes over its parameters take beside TorchSharp's.
/// </summary>
internal sealed class PrecisionBenchmark : IBench
{
    private const int Side = 352;
    private const int Batch = 2;
    private const int Steps = 3;
    private const int Repetitions = 8;

    public string Name => "precision";

    public string Summary =>
        "A training step of the published network by precision and memory layout, and the fused passes over its parameters.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        MeasurePasses(output, cancellationToken);
        double first = 0;
        foreach ((TrainingPrecision precision, MemoryLayout layout) in new[]
        {
            (TrainingPrecision.Float32, MemoryLayout.Contiguous),
            (TrainingPrecision.Float32, MemoryLayout.ChannelsLast),
            (TrainingPrecision.BFloat16, MemoryLayout.Contiguous),
            (TrainingPrecision.BFloat16, MemoryLayout.ChannelsLast),
        })
        {
            PrecisionPlan plan = PrecisionPlan.Choose(precision, layout, CPU);
            (double[] parts, double loss) = MeasureSteps(plan, cancellationToken);
            double total = parts.Sum();
            first = first == 0 ? total : first;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{plan.Describe(),-34} {total,6:F0} ms a step of {Batch} ({total / first:P0}): forward {parts[0]:F0}, loss "
                    + $"{parts[1]:F0}, backward {parts[2]:F0}, optimizer {parts[3]:F0}; loss of step {Steps + 1}: {loss:F4}"));
        }
    }

    /// <summary>Milliseconds of forward, loss, backward and optimizer, each the least of a few, and the last step's loss.</summary>
    private static (double[] Parts, double Loss) MeasureSteps(PrecisionPlan plan, CancellationToken cancellationToken)
    {
        using var model = new MadgNetModel();
        plan.Prepare(model);
        var options = new AdamOptions();
        using Optimizer optimizer = options.Create(options.Group(model));
        var loss = new DeepSupervisionLoss();
        using Tensor images = Images();
        using Tensor region = images.narrow(1, 0, 1).gt(0.6).to(ScalarType.Float32);
        using TaskMaps targets = SupervisionTargets.FromRegion(region);
        double[] best = [double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue];
        double last = 0;
        for (int step = 0; step <= Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            optimizer.ZeroGradients();
            Tensor input = plan.Arrange(images);
            var parts = new double[4];
            long start = Stopwatch.GetTimestamp();
            SegmentationOutput result;
            using (plan.Enter())
            {
                result = model.call(input);
            }

            Lap(0);
            DeepSupervisionResult value = loss.Compute(result.Stages, targets);
            Lap(1);
            value.Total.backward();
            Lap(2);
            optimizer.Step(1e-4);
            Lap(3);
            last = value.Total.item<float>();

            // The first step takes the memory from the system.
            for (int part = 0; step > 0 && part < parts.Length; part++)
            {
                best[part] = Math.Min(best[part], parts[part]);
            }

            void Lap(int part)
            {
                parts[part] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                start = Stopwatch.GetTimestamp();
            }
        }

        return (best, last);
    }

    private static void MeasurePasses(TextWriter output, CancellationToken cancellationToken)
    {
        using var model = new MadgNetModel();
        Parameter[] parameters = [.. model.parameters()];
        foreach (Parameter parameter in parameters)
        {
            using DisposeScope scope = NewDisposeScope();
            parameter.grad = full_like(parameter, 1e-3);
        }

        var options = new AdamOptions();
        IReadOnlyList<ParameterGroup> groups = options.Group(model);
        using Optimizer fused = options.Create(groups);
        using var torch = optim.Adam(parameters, 1e-6);
        using var average = new EmaWeights(model);
        var clipping = new GradientClipping { Norm = 1e-3 };
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"Over {model.ParameterCount:N0} parameters, on {get_num_threads()} threads, in milliseconds:"));
        Time("Adam, fused", () => fused.Step(1e-6));
        Time("Adam of TorchSharp", () => torch.step());
        Time("norm of the gradients", () => GradientClipping.Measure(groups));
        Time("clipping by norm", () => clipping.Apply(groups));
        Time("clip_grad_norm_ of TorchSharp", () => nn.utils.clip_grad_norm_(parameters, 1e-3));
        Time("weight average", average.Update);
        Time("swapping it in and out", () => average.Apply().Dispose());

        void Time(string name, Action action)
        {
            double best = double.MaxValue;
            for (int i = 0; i < Repetitions; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using DisposeScope scope = NewDisposeScope();
                long start = Stopwatch.GetTimestamp();
                action();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-34} {best,6:F1}"));
        }
    }

    /// <summary>Smooth images: noise alone would say little about gradients.</summary>
    private static Tensor Images()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(7, CPU);
        Tensor coarse = rand([Batch, 3, 11, 11], ScalarType.Float32, CPU, generator: generator);
        return nn.functional.interpolate(coarse, [Side, Side], mode: InterpolationMode.Bilinear, align_corners: false)
            .MoveToOuterDisposeScope();
    }
}

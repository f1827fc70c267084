using MadgNet.Core.Benchmarks.Published;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Precision;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// A training step of the published network, two images of 352×352, against the straightforward port with TorchSharp's Adam.
/// </summary>
internal sealed class TrainingBenchmark : IBench
{
    private const int Rounds = 3;

    public string Name => "training";

    public string Summary => "A training step at 352x352, batch 2, against a straightforward port: single precision and bfloat16.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        using DisposeScope scope = NewDisposeScope();
        using Tensor images = TrainingStep.Images();
        using TaskMaps targets = TrainingStep.Targets();
        using var model = new MadgNetModel();
        using var port = new PublishedTraining(model, images, targets);
        using var plain = new TrainingStep(images, targets, TrainingPrecision.Float32, MemoryLayout.Contiguous);
        using var single = new TrainingStep(images, targets, TrainingPrecision.Float32, MemoryLayout.ChannelsLast);
        using var half = new TrainingStep(images, targets, TrainingPrecision.BFloat16, MemoryLayout.ChannelsLast);

        // All begin from the same weights: the first losses are those of the same network.
        double expected = port.Step();
        foreach ((string name, double loss, double allowed) in new[]
        {
            ("contiguous", plain.Step(), 1e-4),
            ("channels last", single.Step(), 1e-4),
            ("bfloat16", half.Step(), 1e-2)
        })
        {
            output.WriteLine(Measuring.Text($"{name}: first loss {loss:F5}, port {expected:F5}"));
            if (Math.Abs(loss - expected) > allowed * expected)
            {
                throw new InvalidOperationException(Measuring.Text(
                    $"{name}: received a first loss of {loss}; expected {expected} within {allowed:E0} of it."));
            }
        }

        double[] times = Measuring.Interleaved(
            Rounds, [() => port.Step(), () => plain.Step(), () => single.Step(), () => half.Step()], cancellationToken, warmUp: 1);
        output.WriteLine(Measuring.Text(
            $"medians of {Rounds} rounds: port {times[0]:F0} ms, float32 contiguous {times[1]:F0} ms, float32 channels last {times[2]:F0} ms, bfloat16 channels last {times[3]:F0} ms"));
        output.WriteLine(Measuring.Text($"bench training fp32: {times[0] / times[2]:F2}x"));
        output.WriteLine(Measuring.Text($"bench training bf16: {times[0] / times[3]:F2}x"));
    }
}

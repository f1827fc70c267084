using MadgNet.Core.Models;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Training.Precision;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// MADGNet's decoder on a ResNet-18 beside the published network on ResNeSt-50, at 352×352: a prediction of one image and a training step
/// of two, each in the form of either that is the fastest here.
/// </summary>
internal sealed class SmallBenchmark : IBench
{
    private const int PredictionRounds = 9;
    private const int TrainingRounds = 3;

    private static readonly MadgNetOptions Small = new() { Encoder = EncoderNames.ResNet18 };

    public string Name => "small";

    public string Summary => "A prediction and a training step of a network on ResNet-18 against the published network's best form.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        Predict(output, cancellationToken);
        Train(output, cancellationToken);
    }

    private static void Predict(TextWriter output, CancellationToken cancellationToken)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor image = TrainingStep.Images(batch: 1);
        using InferenceModel published = Form(new MadgNetOptions(), InferencePrecision.Float32);
        using InferenceModel publishedHalf = Form(new MadgNetOptions(), InferencePrecision.BFloat16);
        using InferenceModel small = Form(Small, InferencePrecision.Float32);
        using InferenceModel smallHalf = Form(Small, InferencePrecision.BFloat16);
        double[] times = Measuring.Interleaved(
            PredictionRounds,
            [.. new[] { published, publishedHalf, small, smallHalf }.Select(form => (Action)(() => form.Predict(image).Dispose()))],
            cancellationToken);
        output.WriteLine(Measuring.Text(
            $"prediction, medians of {PredictionRounds} rounds: published float32 {times[0]:F0} ms, bfloat16 {times[1]:F0} ms; ResNet-18 float32 {times[2]:F0} ms, bfloat16 {times[3]:F0} ms"));
        output.WriteLine(Measuring.Text($"bench small inference: {Ratio(times):F2}x"));
    }

    private static void Train(TextWriter output, CancellationToken cancellationToken)
    {
        using Tensor images = TrainingStep.Images();
        using TaskMaps targets = TrainingStep.Targets();
        using var published = new TrainingStep(images, targets, TrainingPrecision.Float32, MemoryLayout.ChannelsLast);
        using var publishedHalf = new TrainingStep(images, targets, TrainingPrecision.BFloat16, MemoryLayout.ChannelsLast);
        using var small = new TrainingStep(images, targets, TrainingPrecision.Float32, MemoryLayout.ChannelsLast, Small);
        using var smallHalf = new TrainingStep(images, targets, TrainingPrecision.BFloat16, MemoryLayout.ChannelsLast, Small);
        double[] times = Measuring.Interleaved(
            TrainingRounds,
            [.. new[] { published, publishedHalf, small, smallHalf }.Select(step => (Action)(() => step.Step()))],
            cancellationToken,
            warmUp: 1);
        output.WriteLine(Measuring.Text(
            $"training step, medians of {TrainingRounds} rounds: published float32 {times[0]:F0} ms, bfloat16 {times[1]:F0} ms; ResNet-18 float32 {times[2]:F0} ms, bfloat16 {times[3]:F0} ms"));
        output.WriteLine(Measuring.Text($"bench small training: {Ratio(times):F2}x"));
    }

    /// <summary>How many times as long the published network's faster form takes as the small network's.</summary>
    private static double Ratio(double[] times) => Math.Min(times[0], times[1]) / Math.Min(times[2], times[3]);

    private static InferenceModel Form(MadgNetOptions options, InferencePrecision precision)
    {
        using var model = new MadgNetModel(options);
        model.eval();
        return model.ForInference(precision);
    }
}

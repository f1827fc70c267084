using MadgNet.Core.Benchmarks.Published;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using MadgNet.Onnx;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// One prediction of the published network at 352×352 against the straightforward port, with the same weights: a short
/// training on the quick start's nuclei, so that the maps to compare are maps of something.
/// </summary>
internal sealed class InferenceBenchmark : IBench
{
    private const int TrainingSteps = 40;
    private const double Allowed = 1e-4;

    public string Name => "inference";

    public string Summary => "A prediction at 352x352 against a straightforward port: single precision, bfloat16, ONNX Runtime.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        using DisposeScope scope = NewDisposeScope();
        using MadgNetModel model = Train(cancellationToken);
        using var noGrad = no_grad();
        using PublishedNetwork port = PublishedNetwork.Like(model);
        using InferenceModel single = model.ForInference();
        using InferenceModel half = model.ForInference(InferencePrecision.BFloat16);
        string file = Path.Combine(Path.GetTempPath(), $"madgnet-bench-{Guid.NewGuid():N}.onnx");
        string smallFile = Path.ChangeExtension(file, ".int8.onnx");
        try
        {
            OnnxExporter.Export(model, file, new OnnxExportOptions { Sigmoid = false });
            OnnxExporter.Export(model, smallFile, new OnnxExportOptions { Sigmoid = false, Precision = OnnxPrecision.Int8 });
            using var session = new InferenceSession(file);
            using var quantized = new InferenceSession(smallFile);
            Tensor one = Nuclei("validation", 352, 1, cancellationToken).First().Images;
            Tensor eight = one.repeat(8, 1, 1, 1);
            float[] values = one.data<float>().ToArray();
            Compare(
                output,
                port,
                one,
                ("the library's plain form", model.Predict(one)),
                ("float32", single.Predict(one)),
                ("ONNX Runtime", tensor(RunOnnx(session, values), [1, 1, 352, 352])));
            CompareDice(output, single, half, quantized, cancellationToken);

            Action[] forms =
            [
                () => Port(port, one),
                () => Plain(model, one),
                () => Predict(single, one),
                () => Predict(half, one),
                () => RunOnnx(session, values),
                () => RunOnnx(quantized, values),
            ];
            double[] times = Measuring.Interleaved(9, forms, cancellationToken);
            double[] batch = Measuring.Interleaved(
                9, [() => Port(port, eight), () => Predict(single, eight), () => Predict(half, eight)], cancellationToken, warmUp: 1);
            output.WriteLine(Measuring.Text(
                $"batch 1, medians of 9 rounds: port {times[0]:F0} ms, plain {times[1]:F0} ms, float32 {times[2]:F0} ms, bfloat16 {times[3]:F0} ms, ONNX Runtime {times[4]:F0} ms, int8 {times[5]:F0} ms"));
            output.WriteLine(Measuring.Text(
                $"batch 8, medians of 9 rounds: port {batch[0]:F0} ms, float32 {batch[1]:F0} ms, bfloat16 {batch[2]:F0} ms"));
            output.WriteLine(Measuring.Text($"bench inference fp32-b1: {times[0] / times[2]:F2}x"));
            output.WriteLine(Measuring.Text($"bench inference fp32-b8: {batch[0] / batch[1]:F2}x"));
            output.WriteLine(Measuring.Text($"bench inference bf16-b1: {times[0] / times[3]:F2}x"));
            output.WriteLine(Measuring.Text($"bench inference onnx-fp32-b1: {times[0] / times[4]:F2}x"));
            output.WriteLine(Measuring.Text($"bench inference int8-b1: {times[0] / times[5]:F2}x"));
        }
        finally
        {
            File.Delete(file);
            File.Delete(smallFile);
        }
    }

    private static void Port(PublishedNetwork port, Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        port.call(images);
    }

    private static void Plain(MadgNetModel model, Tensor images) => model.Predict(images).Dispose();

    private static void Predict(InferenceModel model, Tensor images) => model.Predict(images).Dispose();

    private static float[] RunOnnx(InferenceSession session, float[] values, int side = 352)
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(values, [1, 3, side, side]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(
            options, [OnnxExporter.InputName], [input], [OnnxExporter.RegionName]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>Stops the bench where a faster form does not compute what the port computes.</summary>
    private static void Compare(TextWriter output, PublishedNetwork port, Tensor image, params (string Name, Tensor Region)[] forms)
    {
        Tensor expected = port.call(image)[^1][0];
        double largest = expected.abs().max().item<float>();
        foreach ((string name, Tensor region) in forms)
        {
            double difference = (expected - region).abs().max().item<float>();
            output.WriteLine(Measuring.Text($"{name}: logits differ by {difference:E1} of {largest:F2} at most"));
            if (difference > Allowed * largest)
            {
                throw new InvalidOperationException(Measuring.Text(
                    $"{name} differs by {difference / largest:E1} of the largest logit; expected at most {Allowed:E1}."));
            }
        }
    }

    private static void CompareDice(
        TextWriter output, InferenceModel single, InferenceModel half, InferenceSession quantized, CancellationToken cancellationToken)
    {
        const int Side = 256;
        var scores = new List<(double Single, double Half, double Quantized)>();
        foreach (Batch batch in Nuclei("validation", Side, 1, cancellationToken))
        {
            using (batch)
            {
                using DisposeScope scope = NewDisposeScope();
                float[] values = batch.Images.data<float>().ToArray();
                scores.Add((
                    Dice(single.Predict(batch.Images)),
                    Dice(half.Predict(batch.Images)),
                    Dice(tensor(RunOnnx(quantized, values, Side), [1, 1, Side, Side]))));

                double Dice(Tensor logits) => ConfusionCounts.FromBatch(logits.sigmoid(), batch.Targets.Region)[0][0].Dice;
            }
        }

        (double single32, double half16) = (scores.Average(score => score.Single), scores.Average(score => score.Half));
        double int8 = scores.Average(score => score.Quantized);
        output.WriteLine(Measuring.Text(
            $"Dice on {scores.Count} real images: float32 {single32:F4}, bfloat16 {half16:F4}, difference {Math.Abs(single32 - half16):F4}, int8 {int8:F4}, difference {Math.Abs(single32 - int8):F4}"));
    }

    private static MadgNetModel Train(CancellationToken cancellationToken)
    {
        var model = new MadgNetModel(new MadgNetOptions { BatchNormMomentum = 0.3 });
        PrecisionPlan plan = PrecisionPlan.Choose(TrainingPrecision.Float32, MemoryLayout.ChannelsLast, CPU);
        plan.Prepare(model);
        var options = new AdamOptions();
        using Optimizer optimizer = options.Create(options.Group(model));
        var loss = new DeepSupervisionLoss();
        int step = 0;
        for (int epoch = 0; step < TrainingSteps; epoch++)
        {
            foreach (Batch batch in Nuclei("train", 96, 8, cancellationToken, epoch))
            {
                using (batch)
                {
                    if (step++ < TrainingSteps)
                    {
                        using DisposeScope scope = NewDisposeScope();
                        optimizer.ZeroGradients();
                        SegmentationOutput maps = model.call(plan.Arrange(batch.Images));
                        loss.Compute(maps.Stages, batch.Targets).Total.backward();
                        optimizer.Step(1e-3);
                    }
                }
            }
        }

        model.eval();
        return model;
    }

    private static IEnumerable<Batch> Nuclei(string part, int side, int batchSize, CancellationToken cancellationToken, int epoch = 0)
    {
        var dataset = new FolderDataset(
            Path.Combine(Repository.Folder("samples/QuickStart/data"), part), new FolderDatasetOptions { Window = IntensityWindow.MinMax });
        return new BatchLoader(
            dataset,
            new BatchLoaderOptions
            {
                BatchSize = batchSize,
                DropLast = batchSize > 1,
                Shuffle = batchSize > 1,
                Transform = new RandomCrop(side, side)
            })
            .Epoch(epoch, cancellationToken);
    }
}

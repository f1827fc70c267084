using System.Globalization;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Encoders;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// How the cost of a prediction grows: with the image's size, the batch, the scales S and the frequencies F, each for itself
/// from the published configuration (352×352, one image, S = 3, F = 16); other networks at some sizes. Every row in a process of
/// its own. The memory is that of prediction, folded weights included. Where there is a CUDA device, the same rows for it in four forms.
/// </summary>
internal sealed class CostBenchmark : IBench
{
    private const int Repetitions = 7;
    private const int WarmUp = 3;
    private const string Network = "network";
    private const string Plain = "plain";
    private const string Single = "single";
    private const string Tensor32 = "tf32";
    private const string Brain = "bf16";
    private static readonly string[] CudaForms = [Plain, Single, Tensor32, Brain];

    /// <summary>What a prediction of one 352×352 image takes at most, weights apart; larger ones in proportion.</summary>
    private const double MegabytesPerImage = 400;

    public string Name => "cost";

    public string Summary => "Parameters, GFLOP, time and peak memory of a prediction over image sizes, batches, scales and frequencies.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        if (Child.Part is { } part)
        {
            string[] words = part.Split(' ');
            if (words[0] == Network)
            {
                int[] shape = [.. words[2].Split(',').Select(value => int.Parse(value, CultureInfo.InvariantCulture))];
                output.WriteLine(Measure(Others().Single(other => other.Key == words[1]).Options, shape[0], shape[1]));
                return;
            }

            int[] values = [.. words[1].Split(',').Select(value => int.Parse(value, CultureInfo.InvariantCulture))];
            output.WriteLine(
                words[0] == "row"
                    ? Measure(Options(values[2], values[3]), values[0], values[1])
                    : MeasureOnCuda(words[0], values[0], values[1], values[2], values[3]));
            return;
        }

        var measured = new List<(int Side, int Batch, bool Published, double Time, double Memory)>();
        output.WriteLine("| side | batch | S | F | parameters | GFLOP | time, ms | ms an image | peak memory, MB |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach ((int side, int batch, int scales, int frequencies) in Rows())
        {
            cancellationToken.ThrowIfCancellationRequested();
            string row = Measuring.Text($"| {side} | {batch} | {scales} | {frequencies} |");
            double needed = MegabytesPerImage * batch * side * side / (352.0 * 352) * 1.2;
            double available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 20);
            if (needed > available / 2)
            {
                output.WriteLine(Measuring.Text($"{row} left out: may need {needed:F0} MB of {available:F0} MB | | | | |"));
                continue;
            }

            double[] cost = Child.Run(Name, "row", Measuring.Text($"{side},{batch},{scales},{frequencies}")).Values;
            output.WriteLine(Measuring.Text($"{row} {cost[0]:F0} | {cost[1]:F1} | {cost[2]:F0} | {cost[2] / batch:F0} | {cost[3]:F0} |"));
            measured.Add((side, batch, scales == 3 && frequencies == 16, cost[2], cost[3]));
        }

        RunOthers(output, cancellationToken);
        var sizes = measured.Where(row => row.Published && row.Batch == 1).Distinct().ToList();
        var batches = measured.Where(row => row.Published && row.Side == 352).Distinct().ToList();
        foreach ((string name, double exponent) in new[]
        {
            ("pixels-time", Exponent(sizes.Select(row => ((double)row.Side * row.Side, row.Time)))),
            ("pixels-memory", Exponent(sizes.Select(row => ((double)row.Side * row.Side, row.Memory)))),
            ("batch-time", Exponent(batches.Select(row => ((double)row.Batch, row.Time)))),
            ("batch-memory", Exponent(batches.Select(row => ((double)row.Batch, row.Memory)))),
        })
        {
            output.WriteLine(Measuring.Text($"bench cost {name}: {exponent:F2} exponent"));
        }

        if (cuda.is_available())
        {
            RunOnCuda(output, cancellationToken);
        }
        else
        {
            output.WriteLine("No CUDA device: its rows are left out.");
        }
    }

    /// <summary>Other networks at some sizes.</summary>
    private void RunOthers(TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine();
        output.WriteLine("| network | side | batch | parameters | GFLOP | time, ms | ms an image | peak memory, MB |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach ((string key, string title, _) in Others())
        {
            foreach ((int side, int batch) in new[] { (256, 1), (352, 1), (512, 1), (352, 8) })
            {
                cancellationToken.ThrowIfCancellationRequested();
                double[] cost = Child.Run(Name, Network, Measuring.Text($"{key} {side},{batch}")).Values;
                output.WriteLine(Measuring.Text(
                    $"| {title} | {side} | {batch} | {cost[0]:F0} | {cost[1]:F1} | {cost[2]:F0} | {cost[2] / batch:F0} | {cost[3]:F0} |"));
            }
        }

        output.WriteLine();
    }

    /// <summary>The power of x by which y grows: the slope of a straight line through the logarithms, by least squares.</summary>
    private static double Exponent(IEnumerable<(double X, double Y)> points)
    {
        (double X, double Y)[] logarithms = [.. points.Select(point => (Math.Log(point.X), Math.Log(point.Y)))];
        (double x, double y) = (logarithms.Average(point => point.X), logarithms.Average(point => point.Y));
        return logarithms.Sum(point => (point.X - x) * (point.Y - y)) / logarithms.Sum(point => (point.X - x) * (point.X - x));
    }

    /// <summary>Milliseconds a batch on the first CUDA device, and images a second; the published code takes 24 ms an image.</summary>
    private void RunOnCuda(TextWriter output, CancellationToken cancellationToken)
    {
        output.WriteLine("| side | batch | S | F | plain float32 | float32 | TF32 | bfloat16 | images a second, bfloat16 |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach ((int side, int batch, int scales, int frequencies) in Rows())
        {
            cancellationToken.ThrowIfCancellationRequested();
            double[] times = [.. CudaForms.Select(form => Child.Run(
                Name, form, Measuring.Text($"{side},{batch},{scales},{frequencies}")).Values[0])];
            output.WriteLine(Measuring.Text(
                $"| {side} | {batch} | {scales} | {frequencies} | {times[0]:F1} | {times[1]:F1} | {times[2]:F1} | {times[3]:F1} | {1000 * batch / times[3]:F0} |"));
        }
    }

    private static string MeasureOnCuda(string form, int side, int batch, int scales, int frequencies)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        backends.cuda.matmul.allow_tf32 = form == Tensor32;
        backends.cudnn.allow_tf32 = form == Tensor32;
        using Tensor images = rand([batch, 3, side, side], device: CUDA);
        using var model = new MadgNetModel(Options(scales, frequencies));
        model.to(CUDA);
        model.eval();
        using InferenceModel folded = model.ForInference(form == Brain ? InferencePrecision.BFloat16 : InferencePrecision.Float32);
        double[] time = Measuring.Interleaved(
            Repetitions,
            [() =>
            {
                using Tensor region = form == Plain ? model.Predict(images) : folded.Predict(images);
                cuda.synchronize();
            }],
            CancellationToken.None,
            WarmUp);
        return Measuring.Text($"{time[0]:F2}");
    }

    private static MadgNetOptions Options(int scales, int frequencies) =>
        new() { Attention = new MultiFrequencyMultiScaleOptions { Scales = scales, Frequencies = frequencies } };

    private static IEnumerable<(string Key, string Title, NetworkOptions Options)> Others() =>
    [
        ("unet", "U-Net", new UNetOptions()),
        ("unet-resnet18", "U-Net on ResNet-18", new UNetOptions { Encoder = EncoderNames.ResNet18 }),
        ("madgnet-resnet18", "MADGNet on ResNet-18", new MadgNetOptions { Encoder = EncoderNames.ResNet18 }),
    ];

    private static IEnumerable<(int Side, int Batch, int Scales, int Frequencies)> Rows() =>
        new[] { 128, 256, 352, 512, 768, 1024 }.Select(side => (side, 1, 3, 16))
            .Concat(new[] { 2, 4, 8, 16 }.Select(batch => (352, batch, 3, 16)))
            .Concat(new[] { 1, 2, 4 }.Select(scales => (352, 1, scales, 16)))
            .Concat(new[] { 0, 1, 2, 4, 8, 32 }.Select(frequencies => (352, 1, 3, frequencies)));

    private static string Measure(NetworkOptions options, int side, int batch)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        using Tensor images = rand(batch, 3, side, side);
        double before = Child.Resident();
        long parameters;
        InferenceModel folded;
        using (SegmentationModel model = options.Build(ModelRegistry.BuiltIn, 1))
        {
            model.eval();
            parameters = model.ParameterCount;
            folded = model.ForInference();
        }

        Child.ResetPeak();
        double[] time = Measuring.Interleaved(Repetitions, [() => folded.Predict(images).Dispose()], CancellationToken.None, WarmUp);
        double peak = Child.Peak() - before;
        folded.Dispose();
        return Measuring.Text($"{parameters} {batch * Operations(options, side) / 1e9:F2} {time[0]:F1} {peak:F0}");
    }

    /// <summary>Twice the multiplications of the convolutions of one image.</summary>
    private static double Operations(NetworkOptions options, int side)
    {
        using SegmentationModel model = options.Build(ModelRegistry.BuiltIn, 1);
        model.eval();
        double sum = 0;
        foreach (nn.Module part in model.modules())
        {
            if (part is Conv2d convolution)
            {
                convolution.register_forward_hook((_, _, result) =>
                {
                    sum += 2.0 * convolution.weight.numel() * result.size(2) * result.size(3);
                    return result;
                });
            }
        }

        using Tensor image = zeros(1, 3, side, side);
        model.Predict(image).Dispose();
        return sum;
    }
}

using System.Globalization;
using MadgNet.Core.Modules;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks;

/// <summary>
/// How the cost of a prediction grows: with the image's size, the batch, the scales S and the frequencies F, each for itself
/// from the published configuration (352×352, one image, S = 3, F = 16). Every row in a process of its own.
/// </summary>
internal sealed class CostBenchmark : IBench
{
    private const int Repetitions = 3;

    /// <summary>What a prediction of one 352×352 image takes at most, weights apart; larger ones in proportion.</summary>
    private const double MegabytesPerImage = 400;

    public string Name => "cost";

    public string Summary => "Parameters, GFLOP, time and peak memory of a prediction over image sizes, batches, scales and frequencies.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        if (Child.Part is { } part)
        {
            int[] values = [.. part.Split(' ')[1].Split(',').Select(value => int.Parse(value, CultureInfo.InvariantCulture))];
            output.WriteLine(Measure(values[0], values[1], values[2], values[3]));
            return;
        }

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
        }
    }

    private static IEnumerable<(int Side, int Batch, int Scales, int Frequencies)> Rows() =>
        new[] { 128, 256, 352, 512, 768, 1024 }.Select(side => (side, 1, 3, 16))
            .Concat(new[] { 2, 4, 8, 16 }.Select(batch => (352, batch, 3, 16)))
            .Concat(new[] { 1, 2, 4 }.Select(scales => (352, 1, scales, 16)))
            .Concat(new[] { 0, 1, 2, 4, 8, 32 }.Select(frequencies => (352, 1, 3, frequencies)));

    private static string Measure(int side, int batch, int scales, int frequencies)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        using Tensor images = rand(batch, 3, side, side);
        double before = Child.Resident();
        var options = new MadgNetOptions { Attention = new MultiFrequencyMultiScaleOptions { Scales = scales, Frequencies = frequencies } };
        long parameters;
        InferenceModel folded;
        using (var model = new MadgNetModel(options))
        {
            model.eval();
            parameters = model.ParameterCount;
            folded = model.ForInference();
        }

        double[] time = Measuring.Interleaved(Repetitions, [() => folded.Predict(images).Dispose()], CancellationToken.None, warmUp: 1);
        double peak = Child.Peak() - before;
        folded.Dispose();
        return Measuring.Text($"{parameters} {batch * Operations(options, side) / 1e9:F2} {time[0]:F1} {peak:F0}");
    }

    /// <summary>Twice the multiplications of the convolutions of one image.</summary>
    private static double Operations(MadgNetOptions options, int side)
    {
        using var model = new MadgNetModel(options);
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

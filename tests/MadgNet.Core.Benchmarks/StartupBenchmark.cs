using System.Diagnostics;
using MadgNet.Core.Models;
using MadgNet.Core.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Benchmarks;

/// <summary>From the start of a process to the first prediction at 352×352, beyond what loading libtorch takes.</summary>
internal sealed class StartupBenchmark : IBench
{
    private const int Rounds = 5;

    public string Name => "startup";

    public string Summary => "Process start, model construction and first prediction, beyond the time that loading libtorch takes.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        if (Child.Part is { } part)
        {
            output.WriteLine(part == "library" ? Load() : Predict());
            return;
        }

        var library = new List<double>();
        var whole = new List<double>();
        double[] parts = [];
        for (int round = 0; round <= Rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (double[] loading, _) = Child.Run(Name, "library");
            (parts, double seconds) = Child.Run(Name, "whole");
            if (round > 0)
            {
                library.Add(loading[0]);
                whole.Add(seconds);
            }
        }

        (double loaded, double all) = (Measuring.Median(library), Measuring.Median(whole));
        output.WriteLine(Measuring.Text($"medians of {Rounds}: whole process {all:F2} s, of it loading libtorch {loaded:F2} s"));
        output.WriteLine(Measuring.Text($"in the last one: construction {parts[0]:F2} s, first prediction {parts[1]:F2} s"));
        output.WriteLine(Measuring.Text($"bench startup total: {all - loaded:F2} s"));
    }

    /// <summary>Loading libtorch alone, and a first operation.</summary>
    private static string Load()
    {
        long start = Stopwatch.GetTimestamp();
        NativeRuntime.EnsureAvailable();
        ones(1).Dispose();
        return Measuring.Text($"{Stopwatch.GetElapsedTime(start).TotalSeconds:F3}");
    }

    private static string Predict()
    {
        NativeRuntime.EnsureAvailable();
        long start = Stopwatch.GetTimestamp();
        using var model = new MadgNetModel();
        model.eval();
        double construction = Stopwatch.GetElapsedTime(start).TotalSeconds;
        using Tensor image = zeros(1, 3, 352, 352);
        using var noGrad = no_grad();
        model.Predict(image).Dispose();
        double all = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return Measuring.Text($"{construction:F3} {all - construction:F3}");
    }
}

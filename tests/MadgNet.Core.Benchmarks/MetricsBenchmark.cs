using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Metrics;

namespace MadgNet.Core.Benchmarks;

/// <summary>The metrics of one 352×352 case on one core, as medians over runs that alternate between them.</summary>
internal sealed class MetricsBenchmark : IBench
{
    private const int Size = 352;
    private const int Repetitions = 41;

    public string Name => "metrics";

    public string Summary => "Metrics of one 352x352 case on one core, in milliseconds.";

    public void Run(TextWriter output, CancellationToken cancellationToken)
    {
        (float[] prediction, bool[] truth) = Case();
        bool[] binary = [.. prediction.Select(probability => probability >= 0.5f)];
        var standard = new MetricOptions { Groups = MetricGroups.Overlap | MetricGroups.Structure };
        var surface = new MetricOptions { Groups = standard.Groups | MetricGroups.Surface };
        (string Name, Action Run)[] measured =
        [
            ("standard", () => MapMetrics.Compute(prediction, truth, Size, Size, standard)),
            ("surface", () => MapMetrics.Compute(prediction, truth, Size, Size, surface)),
            ("all", () => MapMetrics.Compute(prediction, truth, Size, Size)),
            ("official",
                () => MapMetrics.Compute(prediction, truth, Size, Size, standard with { Profile = MetricProfile.MadgNetOfficial })),
            ("  overlap", () => ConfusionCounts.FromMaps(prediction, truth, Size, Size)),
            ("  structure", () => StructureMeasure.Compute(prediction, truth, Size, Size)),
            ("  weighted F", () => WeightedFMeasure.Compute(prediction, truth, Size, Size)),
            ("  F curve", () => FMeasure.Compute(prediction, truth, Size, Size)),
            ("  alignment curve", () => EnhancedAlignmentMeasure.Compute(prediction, truth, Size, Size)),
            ("  ranking", () => PixelRanking.Compute(prediction, truth, Size, Size)),
            ("  calibration", () => CalibrationTable.Compute(prediction, truth, Size, Size)),
            ("  surfaces alone", () => SurfaceDistances.Compute(binary, truth, Size, Size)),
            ("  components", () => ComponentCounts.Compute(binary, truth, Size, Size)),
        ];

        // Rounds over all of them, the first ones to let the compiler settle, so that a slow spell of the machine hits all alike.
        var times = measured.Select(_ => new List<double>()).ToArray();
        for (int round = 0; round < 2 * Repetitions; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int i = 0; i < measured.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                measured[i].Run();
                double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (round >= Repetitions)
                {
                    times[i].Add(elapsed);
                }
            }
        }

        output.WriteLine($"One {Size}x{Size} case, one core, medians of {Repetitions}:");
        for (int i = 0; i < measured.Length; i++)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{measured[i].Name,-18} {Median(times[i]),8:F3} ms"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bench metrics standard: {Median(times[0]):F3} ms"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bench metrics surface: {Median(times[1]):F3} ms"));
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    /// <summary>Two lesions of a tenth of the image, predicted with soft, displaced and ragged edges and some noise.</summary>
    private static (float[] Prediction, bool[] Truth) Case()
    {
        var random = new Random(1);
        var prediction = new float[Size * Size];
        var truth = new bool[Size * Size];
        for (int row = 0; row < Size; row++)
        {
            for (int column = 0; column < Size; column++)
            {
                int i = (row * Size) + column;
                double inside = Math.Max(Ellipse(row, column, 120, 130, 50, 60), Ellipse(row, column, 260, 250, 25, 30));
                double predicted = Math.Max(Ellipse(row, column, 124, 126, 52, 57), Ellipse(row, column, 262, 247, 22, 33));
                truth[i] = inside > 0;
                prediction[i] = (float)Math.Clamp(1 / (1 + Math.Exp(-8 * predicted)) + (0.1 * (random.NextDouble() - 0.5)), 0, 1);
            }
        }

        return (prediction, truth);

        static double Ellipse(int row, int column, double y, double x, double height, double width) =>
            1 - Math.Sqrt(Math.Pow((row - y) / height, 2) + Math.Pow((column - x) / width, 2));
    }
}

using System.Diagnostics;
using System.Globalization;

namespace MadgNet.Core.Benchmarks;

/// <summary>What the benches that compare variants share.</summary>
internal static class Measuring
{
    /// <summary>
    /// Medians in milliseconds of actions that are timed in turn, round after round, so that a slow spell of the machine hits
    /// all alike. The first rounds, which take memory from the system and let the compiler settle, do not count.
    /// </summary>
    public static double[] Interleaved(int rounds, IReadOnlyList<Action> actions, CancellationToken cancellationToken, int warmUp = 2)
    {
        var times = actions.Select(_ => new List<double>()).ToArray();
        for (int round = 0; round < rounds + warmUp; round++)
        {
            for (int i = 0; i < actions.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                long start = Stopwatch.GetTimestamp();
                actions[i]();
                double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (round >= warmUp)
                {
                    times[i].Add(elapsed);
                }
            }
        }

        return [.. times.Select(Median)];
    }

    public static double Median(List<double> values)
    {
        List<double> sorted = [.. values.Order()];
        int middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

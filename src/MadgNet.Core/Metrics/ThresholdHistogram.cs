using System.Runtime.InteropServices;

namespace MadgNet.Core.Metrics;

/// <summary>
/// What the thresholded measures need of a map and its truth: how many pixels, and how many of the truth's, are at or above
/// each threshold. One pass over the map serves all of them.
/// </summary>
internal readonly ref struct ThresholdHistogram
{
    internal const int Levels = 256;

    /// <summary>β² of the F measure in papers on saliency and camouflage.</summary>
    internal const double BetaSquared = 0.3;

    private readonly long[] _foregroundAtLeast;
    private readonly long[] _pixelsAtLeast;

    internal ThresholdHistogram(ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth)
    {
        ReadOnlySpan<byte> foreground = MemoryMarshal.AsBytes(truth);
        Span<int> histogram = stackalloc int[2 * Levels];
        double sum = 0;
        for (int i = 0; i < prediction.Length; i++)
        {
            sum += prediction[i];
            int level = (int)(255.0 * prediction[i]);
            histogram[(2 * level) + (foreground[i] != 0 ? 1 : 0)]++;
        }

        Pixels = prediction.Length;
        MapMean = sum / prediction.Length;
        _foregroundAtLeast = new long[Levels];
        _pixelsAtLeast = new long[Levels];
        long foregroundSoFar = 0;
        long pixelsSoFar = 0;
        for (int step = 0; step < Levels; step++)
        {
            int level = Levels - 1 - step;
            foregroundSoFar += histogram[(2 * level) + 1];
            pixelsSoFar += histogram[2 * level] + histogram[(2 * level) + 1];
            _foregroundAtLeast[step] = foregroundSoFar;
            _pixelsAtLeast[step] = pixelsSoFar;
        }

        double threshold = Math.Min(2 * MapMean, 1);
        Adaptive = ConfusionCounts.Count(prediction, foreground, threshold);
    }

    internal long Pixels { get; }

    internal double MapMean { get; }

    internal long Foreground => _foregroundAtLeast[^1];

    /// <summary>The table at twice the map's mean, or at 1 where that is less.</summary>
    internal ConfusionCounts Adaptive { get; }

    /// <summary>The table at the threshold 255 − step.</summary>
    internal ConfusionCounts At(int step) =>
        ConfusionCounts.FromSums(_foregroundAtLeast[step], _pixelsAtLeast[step], Foreground, Pixels);

    /// <summary>The mean over the thresholds of what follows from the table at each.</summary>
    internal double Mean(Func<ConfusionCounts, double> ofCounts)
    {
        double sum = 0;
        for (int step = 0; step < Levels; step++)
        {
            sum += ofCounts(At(step));
        }

        return sum / Levels;
    }

    internal ThresholdCurve FMeasure()
    {
        var values = new double[Levels];
        for (int step = 0; step < Levels; step++)
        {
            values[step] = F(At(step));
        }

        return new ThresholdCurve(F(Adaptive), values);
    }

    internal ThresholdCurve EnhancedAlignment(double epsilon)
    {
        var values = new double[Levels];
        for (int step = 0; step < Levels; step++)
        {
            values[step] = EnhancedAlignmentMeasure.FromCounts(At(step), epsilon);
        }

        return new ThresholdCurve(EnhancedAlignmentMeasure.FromCounts(Adaptive, epsilon), values);
    }

    /// <summary>The F measure of the saliency papers, which is 0 without a true positive, whatever the truth.</summary>
    private static double F(ConfusionCounts counts) => counts.TruePositives == 0 ? 0 : counts.F(BetaSquared);
}

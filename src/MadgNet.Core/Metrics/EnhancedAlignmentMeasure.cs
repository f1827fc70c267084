namespace MadgNet.Core.Metrics;

/// <summary>
/// Enhanced-alignment measure (E-measure) at an adaptive threshold and over 256 fixed ones: how well the binarised map and the
/// truth, each less its mean, point the same way at every pixel, <c>Σ (a + 1)²/4 / (N − 1)</c> with
/// <c>a = 2·x·y / (x² + y²)</c>.
/// </summary>
/// <remarks>
/// Source: Fan et al., "Enhanced-alignment measure for binary foreground map evaluation", IJCAI 2018. The division by N − 1 is
/// that of the authors' code, so that a perfect match gives N/(N − 1), a little above 1. An empty truth gives the count of
/// predicted background over N − 1, a full one that of the predicted foreground. In a map of one pixel N − 1 is taken as 1.
/// </remarks>
public static class EnhancedAlignmentMeasure
{
    /// <summary>Keeps 0/0 from the quotient a, as PySODMetrics does.</summary>
    internal const double StandardEpsilon = 2.220446049250313e-16;

    /// <summary>The same in the published evaluation code of MADGNet, where it is large enough to be seen.</summary>
    internal const double OfficialEpsilon = 1e-8;

    /// <summary>Computes the measure on the probabilities.</summary>
    /// <param name="prediction">H×W probabilities, 0..1.</param>
    /// <param name="truth">H×W truth.</param>
    /// <param name="height">Rows of both, at least 1.</param>
    /// <param name="width">Columns of both, at least 1.</param>
    /// <returns>The measure at the adaptive threshold and the curve, 0..N/(N − 1).</returns>
    /// <exception cref="InvalidMapException">The sizes differ, or a probability is NaN or outside of 0..1.</exception>
    public static ThresholdCurve Compute(ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth, int height, int width)
    {
        MapCheck.Pair(prediction, truth, height, width);
        return new ThresholdHistogram(prediction, truth).EnhancedAlignment(StandardEpsilon);
    }

    /// <summary>The measure of a binary map. There are only four kinds of pixels, so counts are all it takes.</summary>
    internal static double FromCounts(ConfusionCounts counts, double epsilon)
    {
        double total = counts.Total;
        double norm = Math.Max(total - 1, 1);
        long foreground = counts.TruePositives + counts.FalseNegatives;
        if (foreground == 0)
        {
            return counts.TrueNegatives / norm;
        }

        if (foreground == counts.Total)
        {
            return counts.TruePositives / norm;
        }

        double predictedMean = (counts.TruePositives + counts.FalsePositives) / total;
        double trueMean = foreground / total;
        double sum = (counts.TruePositives * Enhanced(1 - predictedMean, 1 - trueMean))
            + (counts.FalsePositives * Enhanced(1 - predictedMean, -trueMean))
            + (counts.FalseNegatives * Enhanced(-predictedMean, 1 - trueMean))
            + (counts.TrueNegatives * Enhanced(-predictedMean, -trueMean));
        return sum / norm;

        double Enhanced(double predicted, double actual)
        {
            double alignment = 2 * predicted * actual / ((predicted * predicted) + (actual * actual) + epsilon);
            return (alignment + 1) * (alignment + 1) / 4;
        }
    }
}

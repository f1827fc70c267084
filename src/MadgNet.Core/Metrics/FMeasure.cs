namespace MadgNet.Core.Metrics;

/// <summary>
/// F measure with β² = 0.3 at an adaptive threshold and over 256 fixed ones, as papers on saliency and camouflage report it:
/// <c>(1 + β²)·precision·recall / (β²·precision + recall)</c>.
/// </summary>
/// <remarks>
/// Source: Achanta et al., "Frequency-tuned salient region detection", CVPR 2009, section 4.2. Without a true positive the
/// measure is 0, also where truth and prediction are both empty: that is the source's convention, and the reason to look at
/// Dice where empty truths occur.
/// </remarks>
public static class FMeasure
{
    /// <summary>Computes the measure.</summary>
    /// <param name="prediction">H×W probabilities, 0..1.</param>
    /// <param name="truth">H×W truth.</param>
    /// <param name="height">Rows of both, at least 1.</param>
    /// <param name="width">Columns of both, at least 1.</param>
    /// <returns>The measure at the adaptive threshold and the curve, 0..1.</returns>
    /// <exception cref="InvalidMapException">The sizes differ, or a probability is NaN or outside of 0..1.</exception>
    public static ThresholdCurve Compute(ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth, int height, int width)
    {
        MapCheck.Pair(prediction, truth, height, width);
        return new ThresholdHistogram(prediction, truth).FMeasure();
    }
}

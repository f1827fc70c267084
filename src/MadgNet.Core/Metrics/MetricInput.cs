using MadgNet.Core.Imaging;

namespace MadgNet.Core.Metrics;

/// <summary>One label of one case, as a <see cref="CustomMetric"/> sees it. The spans are valid during the call only.</summary>
public readonly ref struct MetricInput
{
    internal MetricInput(
        ReadOnlySpan<float> probability,
        ReadOnlySpan<bool> truth,
        int height,
        int width,
        double threshold,
        PixelSpacing spacing,
        ConfusionCounts counts)
    {
        Probability = probability;
        Truth = truth;
        Height = height;
        Width = width;
        Threshold = threshold;
        Spacing = spacing;
        Counts = counts;
    }

    /// <summary>H×W probabilities row by row, 0..1 to within 1e-5.</summary>
    public ReadOnlySpan<float> Probability { get; }

    /// <summary>H×W truth row by row.</summary>
    public ReadOnlySpan<bool> Truth { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>A pixel is predicted as foreground from this probability on.</summary>
    public double Threshold { get; }

    /// <summary>The size of a pixel.</summary>
    public PixelSpacing Spacing { get; }

    /// <summary>The confusion table at the threshold.</summary>
    public ConfusionCounts Counts { get; }
}

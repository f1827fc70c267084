using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data.Transforms;

/// <summary>
/// Stretches every image's intensities to 0..1, from its smallest to its largest value over all channels together; a
/// constant image becomes 0. For microscopy whose dim nuclei use a small part of the range.
/// </summary>
public sealed class MinMaxIntensity : SegmentationTransform
{
    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random)
    {
        float low = float.PositiveInfinity;
        float high = float.NegativeInfinity;
        foreach (float value in sample.Image.Data)
        {
            low = MathF.Min(low, value);
            high = MathF.Max(high, value);
        }

        FloatImage result = sample.Image.Clone();
        float scale = high > low ? 1 / (high - low) : 0;
        Span<float> data = result.Data;
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = (data[i] - low) * scale;
        }

        return sample.With(result);
    }
}

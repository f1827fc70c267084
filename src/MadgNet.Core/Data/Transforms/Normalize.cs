using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data.Transforms;

/// <summary>
/// Subtracts a mean and divides by a standard deviation, per channel. The published protocol uses none: only for weights
/// that were trained so. Put it last, as other transforms expect 0..1, and give a predictor the same numbers.
/// </summary>
public sealed class Normalize : SegmentationTransform
{
    /// <summary>Creates the transform.</summary>
    /// <param name="mean">Mean of each channel.</param>
    /// <param name="standardDeviation">Standard deviation of each channel, positive.</param>
    /// <exception cref="ArgumentException">The lists differ in length, are empty, or hold a value that is not finite or a deviation that is
    /// not positive.</exception>
    public Normalize(IReadOnlyList<float> mean, IReadOnlyList<float> standardDeviation)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(standardDeviation);
        if (mean.Count == 0
            || mean.Count != standardDeviation.Count
            || !mean.All(float.IsFinite)
            || !standardDeviation.All(value => value > 0 && float.IsFinite(value)))
        {
            throw new ArgumentException(
                $"received means [{string.Join(", ", mean)}] and deviations [{string.Join(", ", standardDeviation)}]; expected one "
                    + $"finite mean and one positive deviation per channel. Use Normalize.ImageNet for weights pre-trained there.",
                nameof(mean));
        }

        Mean = [.. mean];
        StandardDeviation = [.. standardDeviation];
    }

    /// <summary>The numbers of ImageNet's RGB images, which pre-trained backbones usually expect.</summary>
    public static Normalize ImageNet { get; } = new([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]);

    /// <summary>Mean of each channel.</summary>
    public IReadOnlyList<float> Mean { get; }

    /// <summary>Standard deviation of each channel.</summary>
    public IReadOnlyList<float> StandardDeviation { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Mean), Mean),
        (nameof(StandardDeviation), StandardDeviation),
    ];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random)
    {
        if (sample.Image.Channels != Mean.Count)
        {
            throw new DatasetException(new Problem(
                sample.Name,
                $"an image of {sample.Image.Channels} channels",
                $"{Mean.Count}, as the normalisation has numbers for",
                "Read images with ImageChannels.Rgb, or give one number per channel"));
        }

        FloatImage image = sample.Image.Clone();
        for (int c = 0; c < image.Channels; c++)
        {
            Span<float> plane = image.Plane(c);
            (float mean, float deviation) = (Mean[c], StandardDeviation[c]);
            for (int i = 0; i < plane.Length; i++)
            {
                plane[i] = (plane[i] - mean) / deviation;
            }
        }

        return sample.With(image);
    }
}

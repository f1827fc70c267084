using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>What the doctor learns about one sample.</summary>
/// <param name="Findings">What is wrong with it; empty where nothing is.</param>
/// <param name="Height">The image's height; 0 where it cannot be read.</param>
/// <param name="Width">The image's width; 0 where it cannot be read.</param>
/// <param name="Channels">The image's channels as stored; 0 where it cannot be read.</param>
/// <param name="Foreground">Share of foreground in its largest mask, 0..1; null where it is not known.</param>
/// <param name="Thumbnail">The image's grey at 32×32, by which images are compared; null where it cannot be read.</param>
/// <param name="Content">The same without the image's dark margins, so that a padded copy is known again; null where it cannot be
/// read.</param>
public sealed record SampleExamination(
    IReadOnlyList<Finding> Findings, int Height, int Width, int Channels, double? Foreground, FloatImage? Thumbnail, FloatImage? Content)
{
    /// <summary>Rows and columns at the edge whose mean lies below this (ten grey levels of 255) are margin.</summary>
    private const float Dark = 0.04f;

    /// <summary>An image that is dark altogether (microscopy) has no margins: at least this share of it must remain.</summary>
    private const double LeastContent = 0.25;

    /// <summary>Side of a thumbnail in pixels.</summary>
    internal const int ThumbnailSize = 32;

    /// <summary>
    /// Examines a sample as it was loaded: its size, whether its values lie within 0..1, and whether its masks are empty or full.
    /// </summary>
    /// <param name="sample">The sample.</param>
    /// <returns>What was found.</returns>
    public static SampleExamination Of(Sample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var findings = new List<Finding>();
        double? largest = null;
        for (int label = 0; label < sample.Masks.Count; label++)
        {
            int foreground = 0;
            foreach (float value in sample.Masks[label].Data)
            {
                foreground += value >= 0.5f ? 1 : 0;
            }

            int count = sample.Masks[label].Data.Length;
            largest = Math.Max(largest ?? 0, (double)foreground / count);
            if (foreground == 0)
            {
                findings.Add(new Finding(
                    FindingKind.EmptyMask,
                    FindingSeverity.Warning,
                    new Problem(
                        sample.Name,
                        $"mask {label} without foreground",
                        "some foreground",
                        "Check that it is meant so: an image without the object is legal")));
            }
            else if (foreground == count)
            {
                findings.Add(new Finding(
                    FindingKind.FullMask,
                    FindingSeverity.Warning,
                    new Problem(
                        sample.Name,
                        $"mask {label} that is foreground everywhere",
                        "some background",
                        "Check whether the mask is inverted or empty")));
            }
        }

        FloatImage image = sample.Image;
        if (image.OutOfRange() is { } range)
        {
            findings.Add(new Finding(
                FindingKind.ValuesOutOfRange,
                FindingSeverity.Error,
                new Problem(
                    sample.Name,
                    float.IsNaN(range.Low)
                        ? "values that are no numbers"
                        : FormattableString.Invariant($"values from {range.Low} to {range.High}"),
                    "values from 0 to 1",
                    "Divide 8-bit values by 255 (FloatImage.FromBytes does), and normalise in the network's input or a transform")));
        }

        FloatImage gray = image.Channels is 1 or 3
            ? image.WithChannels(ImageChannels.Gray)
            : new FloatImage(1, image.Height, image.Width, image.Plane(0).ToArray());
        return new SampleExamination(
            findings, image.Height, image.Width, image.Channels, largest, Shrink(gray), Shrink(WithoutMargins(gray)));
    }

    /// <summary>A grey image at the size of a thumbnail.</summary>
    internal static FloatImage Shrink(FloatImage gray) => ImageResizer.Bilinear(gray, ThumbnailSize, ThumbnailSize);

    /// <summary>A grey image without the dark rows and columns at its edges; the image itself where little would remain.</summary>
    internal static FloatImage WithoutMargins(FloatImage gray)
    {
        var rows = new float[gray.Height];
        var columns = new float[gray.Width];
        for (int y = 0; y < gray.Height; y++)
        {
            ReadOnlySpan<float> row = gray.Row(0, y);
            for (int x = 0; x < row.Length; x++)
            {
                rows[y] += row[x] / gray.Width;
                columns[x] += row[x] / gray.Height;
            }
        }

        (int top, int bottom) = Bright(rows);
        (int left, int right) = Bright(columns);
        if ((bottom - top) * (double)(right - left) < LeastContent * gray.Width * gray.Height
            || (bottom - top, right - left) == (gray.Height, gray.Width))
        {
            return gray;
        }

        var content = new FloatImage(1, bottom - top, right - left);
        for (int y = top; y < bottom; y++)
        {
            gray.Row(0, y)[left..right].CopyTo(content.Row(0, y - top));
        }

        return content;
    }

    private static (int From, int To) Bright(float[] means)
    {
        int from = Array.FindIndex(means, mean => mean >= Dark);
        return from < 0 ? (0, 0) : (from, Array.FindLastIndex(means, mean => mean >= Dark) + 1);
    }
}

using System.Numerics;

namespace MadgNet.Core.Metrics;

/// <summary>Checks of the maps that metrics are computed of, in one wording.</summary>
internal static class MapCheck
{
    /// <summary>How far outside of 0..1 a value may lie: resizing adds up weights that round, and leaves a 1 at 1.0000001.</summary>
    internal const float Slack = 1e-5f;

    /// <summary>Refuses maps whose sizes differ, or predictions that are no probabilities.</summary>
    internal static void Pair(ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth, int height, int width)
    {
        Plane(truth, height, width, "truth");
        Length(prediction.Length, (long)height * width, "prediction");
        Probabilities(prediction);
    }

    internal static void Plane(ReadOnlySpan<bool> mask, int height, int width, string name)
    {
        if (height < 1 || width < 1)
        {
            throw new InvalidMapException(new Problem(
                name, $"a size of {height}×{width}", "at least 1×1", "Pass the height and width of the map in pixels"));
        }

        Length(mask.Length, (long)height * width, name);
    }

    /// <summary>Foreground is what reaches 0.5; values that are no part of a mask are refused.</summary>
    internal static void Binarise(ReadOnlySpan<float> mask, Span<bool> foreground)
    {
        for (int i = 0; i < mask.Length; i++)
        {
            if (!IsInRange(mask[i]))
            {
                throw new InvalidMapException(new Problem(
                    "truth",
                    FormattableString.Invariant($"the value {mask[i]} at index {i}"),
                    "values from 0 to 1",
                    "Divide a mask of 8-bit grey values by 255"));
            }

            foreground[i] = mask[i] >= 0.5f;
        }
    }

    /// <summary>
    /// A map stretched so that its smallest value is 0 and its largest 1; one of a single value is copied. Pixels that are ignored stay
    /// as they are and count for nothing.
    /// </summary>
    internal static float[] Stretched(ReadOnlySpan<float> map, ReadOnlySpan<float> ignored)
    {
        float smallest = float.PositiveInfinity;
        float largest = float.NegativeInfinity;
        for (int i = 0; i < map.Length; i++)
        {
            if (ignored.IsEmpty || ignored[i] == 0)
            {
                smallest = Math.Min(smallest, map[i]);
                largest = Math.Max(largest, map[i]);
            }
        }

        float[] stretched = map.ToArray();
        double range = (double)largest - smallest;
        if (!(range > 0))
        {
            return stretched;
        }

        for (int i = 0; i < stretched.Length; i++)
        {
            if (ignored.IsEmpty || ignored[i] == 0)
            {
                stretched[i] = (float)(((double)map[i] - smallest) / range);
            }
        }

        return stretched;
    }

    internal static void Threshold(double threshold)
    {
        if (!(threshold >= 0 && threshold <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(threshold),
                FormattableString.Invariant(
                    $"threshold: received {threshold}; expected a number from 0 to 1. Use 0.5 where nothing speaks for another."));
        }
    }

    private static bool IsInRange(float value) => value >= -Slack && value <= 1 + Slack;

    private static void Length(int length, long count, string name)
    {
        if (length != count)
        {
            throw new InvalidMapException(new Problem(
                name, $"{length} pixels", $"{count}, height · width", "Resize prediction and truth to the same size"));
        }
    }

    private static void Probabilities(ReadOnlySpan<float> prediction)
    {
        int i = 0;
        for (; i <= prediction.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var values = new Vector<float>(prediction[i..]);
            if (!(Vector.GreaterThanOrEqualAll(values, new Vector<float>(-Slack))
                && Vector.LessThanOrEqualAll(values, new Vector<float>(1 + Slack))))
            {
                break;
            }
        }

        for (; i < prediction.Length; i++)
        {
            if (!IsInRange(prediction[i]))
            {
                throw new InvalidMapException(new Problem(
                    "prediction",
                    FormattableString.Invariant($"the value {prediction[i]} at index {i}"),
                    "probabilities from 0 to 1",
                    "Apply the sigmoid to logits first; a NaN points to training that diverged"));
            }
        }
    }
}

using System.Numerics;

namespace MadgNet.Core.Inference;

/// <summary>Refuses what would become an empty mask without a word: a comparison with NaN is never true.</summary>
internal static class FiniteValues
{
    /// <summary>How far outside of 0..1 a probability may lie by rounding.</summary>
    private const float Slack = 1e-4f;

    /// <summary>Refuses an image with values that are no finite numbers.</summary>
    public static void RefuseImage(ReadOnlySpan<float> values, string predictor)
    {
        int at = FirstOutside(values, float.MinValue, float.MaxValue);
        if (at >= 0)
        {
            throw new InvalidMapException(new Problem(
                $"{predictor} image",
                FormattableString.Invariant($"the value {values[at]} at index {at}"),
                "finite numbers",
                "Replace what is missing in the image, for example by its smallest value"));
        }
    }

    /// <summary>Refuses what a network gives where it is no probability.</summary>
    public static void RefuseProbabilities(ReadOnlySpan<float> values, string predictor)
    {
        int at = FirstOutside(values, -Slack, 1 + Slack);
        if (at >= 0)
        {
            throw new InvalidMapException(new Problem(
                $"{predictor} output",
                FormattableString.Invariant($"the value {values[at]} at index {at}"),
                "probabilities from 0 to 1",
                float.IsFinite(values[at])
                    ? "Put a sigmoid behind the network's output: these are logits"
                    : "Restore the weights: they hold NaN or infinity, usually of a training that diverged"));
        }
    }

    private static int FirstOutside(ReadOnlySpan<float> values, float low, float high)
    {
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var piece = new Vector<float>(values[i..]);
            if (!(Vector.GreaterThanOrEqualAll(piece, new Vector<float>(low)) && Vector.LessThanOrEqualAll(piece, new Vector<float>(high))))
            {
                break;
            }
        }

        for (; i < values.Length; i++)
        {
            if (!(values[i] >= low && values[i] <= high))
            {
                return i;
            }
        }

        return -1;
    }
}

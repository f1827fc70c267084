using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Watching;

/// <summary>Looks at the first batch of a session: values outside of 0..1 are what a host gets that forgets to divide by 255.</summary>
internal sealed class ValueRangeWatch(SegmentationTransform? transform)
{
    /// <summary>Resizing and rounding leave a 1 a little above 1.</summary>
    private const double Slack = 1e-2;

    // Who normalises means other values; a host's own transform may do so too, and knows.
    private bool _done = Normalizes(transform);

    /// <summary>Looks at a batch.</summary>
    /// <returns>What is wrong; null where nothing is, or a batch was looked at before.</returns>
    public Problem? Look(Tensor images)
    {
        if (_done)
        {
            return null;
        }

        _done = true;
        using DisposeScope scope = NewDisposeScope();
        double low = images.min().to(ScalarType.Float64).item<double>();
        double high = images.max().to(ScalarType.Float64).item<double>();
        return low >= -Slack && high <= 1 + Slack ? null : new Problem(
            "training images",
            FormattableString.Invariant($"values from {low:0.###} to {high:0.###}"),
            "values from 0 to 1",
            "Divide 8-bit values by 255 (FloatImage.FromBytes does); normalise in the network's input or with the Normalize transform");
    }

    private static bool Normalizes(SegmentationTransform? transform) =>
        transform is Normalize || (transform is Compose compose && compose.Transforms.Any(Normalizes));
}

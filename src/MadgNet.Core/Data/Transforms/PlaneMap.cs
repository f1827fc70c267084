using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data.Transforms;

/// <summary>Applies one rearrangement of pixels to an image and every mask.</summary>
internal static class PlaneMap
{
    /// <summary>Makes a sample of the same size or with height and width given, plane by plane.</summary>
    public static Sample Rearrange(Sample sample, int height, int width, Action<FloatImage, FloatImage> copy)
    {
        return sample.With(Map(sample.Image), [.. sample.Masks.Select(Map)]);

        FloatImage Map(FloatImage source)
        {
            FloatImage target = FloatImage.Uninitialized(source.Channels, height, width);
            copy(source, target);
            return target;
        }
    }
}

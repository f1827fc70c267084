namespace MadgNet.Core.Data.Transforms;

/// <summary>Mirrors top and bottom. The published recipe uses it with probability 0.5, which is the default here.</summary>
public sealed class VerticalFlip : SegmentationTransform
{
    /// <summary>Creates the transform with probability 0.5.</summary>
    public VerticalFlip() => Probability = 0.5;

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random) =>
        PlaneMap.Rearrange(sample, sample.Image.Height, sample.Image.Width, (source, target) =>
        {
            for (int c = 0; c < target.Channels; c++)
            {
                for (int y = 0; y < target.Height; y++)
                {
                    source.Row(c, source.Height - 1 - y).CopyTo(target.Row(c, y));
                }
            }
        });
}

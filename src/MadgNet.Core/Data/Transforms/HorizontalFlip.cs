namespace MadgNet.Core.Data.Transforms;

/// <summary>Mirrors left and right. The published recipe uses it with probability 0.5, which is the default here.</summary>
public sealed class HorizontalFlip : SegmentationTransform
{
    /// <summary>Creates the transform with probability 0.5.</summary>
    public HorizontalFlip() => Probability = 0.5;

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random) =>
        PlaneMap.Rearrange(sample, sample.Image.Height, sample.Image.Width, (source, target) =>
        {
            source.Data.CopyTo(target.Data);
            for (int c = 0; c < target.Channels; c++)
            {
                for (int y = 0; y < target.Height; y++)
                {
                    target.Row(c, y).Reverse();
                }
            }
        });
}

namespace MadgNet.Core.Data.Transforms;

/// <summary>
/// Turns by 0°, 90°, 180° or 270°, each as likely. Height and width change places for 90° and 270°: put it before a
/// resize or crop unless the images are square.
/// </summary>
public sealed class RandomRightAngle : SegmentationTransform
{
    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random) => Turn(sample, random.Next(4));

    /// <summary>Turns counter-clockwise by a number of right angles.</summary>
    internal static Sample Turn(Sample sample, int quarters)
    {
        (int height, int width) = (sample.Image.Height, sample.Image.Width);
        return quarters switch
        {
            0 => sample,
            1 => PlaneMap.Rearrange(sample, width, height, (source, target) => Fill(source, target, (y, x) => (x, width - 1 - y))),
            2 => PlaneMap.Rearrange(
                sample, height, width, (source, target) => Fill(source, target, (y, x) => (height - 1 - y, width - 1 - x))),
            _ => PlaneMap.Rearrange(sample, width, height, (source, target) => Fill(source, target, (y, x) => (height - 1 - x, y))),
        };
    }

    private static void Fill(Imaging.FloatImage source, Imaging.FloatImage target, Func<int, int, (int Y, int X)> place)
    {
        for (int c = 0; c < target.Channels; c++)
        {
            Span<float> from = source.Plane(c);
            for (int y = 0; y < target.Height; y++)
            {
                Span<float> row = target.Row(c, y);
                for (int x = 0; x < row.Length; x++)
                {
                    (int sourceY, int sourceX) = place(y, x);
                    row[x] = from[(sourceY * source.Width) + sourceX];
                }
            }
        }
    }
}

using MadgNet.Core.Data;
using MadgNet.Core.Imaging;

namespace MadgNet.Samples.CustomPipeline;

/// <summary>A transform of one's own is one method: here dark ground and bright nuclei change places.</summary>
internal sealed class InvertSometimes : SegmentationTransform
{
    protected override Sample Transform(Sample sample, Random random)
    {
        FloatImage image = sample.Image.Clone();
        foreach (ref float value in image.Data)
        {
            value = 1 - value;
        }

        return sample.With(image);
    }
}

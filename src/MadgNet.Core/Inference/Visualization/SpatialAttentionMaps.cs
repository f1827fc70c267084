using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>The spatial attention (MSSA) of one scale: where it sees foreground, and how foreground and background are weighed.</summary>
/// <param name="Foreground">The foreground map M at the image's size, 1×H×W, 0..1.</param>
/// <param name="Stored">The foreground map as the network computed it, at the scale's resolution and with the padding.</param>
/// <param name="Alpha">α, the learned weight of the background; 1 before training.</param>
/// <param name="Beta">β, the learned weight of the foreground; 1 before training.</param>
public sealed record SpatialAttentionMaps(FloatImage Foreground, FloatImage Stored, double Alpha, double Beta)
{
    /// <summary>The background map 1 − M at the image's size.</summary>
    /// <returns>1×H×W, 0..1.</returns>
    public FloatImage Background()
    {
        FloatImage background = Foreground.Clone();
        foreach (ref float value in background.Data)
        {
            value = 1 - value;
        }

        return background;
    }
}

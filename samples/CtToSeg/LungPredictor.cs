using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;

namespace MadgNet.Samples.CtToSeg;

/// <summary>
/// Stands in for a trained network, so that the sample runs without weights: dark pixels that a body surrounds are lung. A network of your
/// own takes its place by <c>Predictor.Load("lung.safetensors")</c>: it brings its window with it, and nothing else changes.
/// </summary>
internal sealed class LungPredictor() : SegmentationPredictor(
    new NetworkDescription
    {
        // The lung window in Hounsfield units: what a network was trained with is saved with it.
        Input = new ModelInput { Channels = 1, Windows = [new InputWindow(Center: -600, Width: 1500)] },
        LabelNames = ["lung"],
        Stride = 8,
    },
    new PredictorOptions { PostProcessing = new PostProcessing { MinimumArea = 30, FillHolesUpTo = 200 } })
{
    /// <summary>−350 Hounsfield units in the window: between lung and soft tissue.</summary>
    private const float Border = (1500f / 2 + 250) / 1500;

    protected override void Run(ReadOnlySpan<float> images, int count, int height, int width, Span<float> probabilities)
    {
        int plane = height * width;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> image = images.Slice(i * plane, plane);
            bool[] outside = Outside(image, height, width);
            for (int p = 0; p < plane; p++)
            {
                float dark = 1 / (1 + MathF.Exp(25 * (image[p] - Border)));
                probabilities[(i * plane) + p] = outside[p] ? 0 : dark;
            }
        }
    }

    /// <summary>The air around the body: dark pixels that are connected to the edge of the picture.</summary>
    private static bool[] Outside(ReadOnlySpan<float> image, int height, int width)
    {
        var outside = new bool[image.Length];
        var open = new Stack<int>();
        for (int p = 0; p < image.Length; p++)
        {
            int x = p % width;
            int y = p / width;
            if ((x == 0 || y == 0 || x == width - 1 || y == height - 1) && image[p] < Border)
            {
                outside[p] = true;
                open.Push(p);
            }
        }

        while (open.TryPop(out int p))
        {
            int x = p % width;
            ReadOnlySpan<int> neighbours = [x > 0 ? p - 1 : p, x < width - 1 ? p + 1 : p, p - width, p + width];
            foreach (int next in neighbours)
            {
                if (next >= 0 && next < image.Length && !outside[next] && image[next] < Border)
                {
                    outside[next] = true;
                    open.Push(next);
                }
            }
        }

        return outside;
    }
}

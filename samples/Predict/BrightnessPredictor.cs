using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;

namespace MadgNet.Samples.Predict;

/// <summary>
/// Stands in for a trained network, so that the sample runs without weights: what is brighter than its surroundings is a
/// nucleus. Like MADGNet's channel attention it looks at the whole of its input, so that neighbouring tiles disagree where they
/// meet. Everything around the network is what <see cref="SegmentationPredictor"/> does for any other.
/// </summary>
internal sealed class BrightnessPredictor(PredictorOptions options)
    : SegmentationPredictor(
        new NetworkDescription
        {
            Input = new ModelInput { Channels = 1, Scaling = IntensityScaling.MinMax },
            LabelNames = ["nucleus"],
            Stride = 8
        },
        options)
{
    protected override void Run(ReadOnlySpan<float> images, int count, int height, int width, Span<float> probabilities)
    {
        int plane = height * width;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> image = images.Slice(i * plane, plane);
            double mean = 0;
            double square = 0;
            foreach (float value in image)
            {
                mean += value / (double)plane;
                square += value * (double)value / plane;
            }

            double deviation = Math.Sqrt(Math.Max(square - (mean * mean), 1e-6));
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    float sum = 0;
                    int pixels = 0;
                    for (int v = Math.Max(0, y - 1); v <= Math.Min(height - 1, y + 1); v++)
                    {
                        // Not symmetric, as no trained network is: mirrored views disagree.
                        for (int u = Math.Max(0, x - 2); u <= x; u++)
                        {
                            sum += image[(v * width) + u];
                            pixels++;
                        }
                    }

                    double contrast = ((sum / pixels) - mean) / (deviation + 0.05);
                    probabilities[(i * plane) + (y * width) + x] = (float)(1 / (1 + Math.Exp(-4 * (contrast - 0.6))));
                }
            }
        }
    }
}

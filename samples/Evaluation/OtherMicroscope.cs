using MadgNet.Core.Data;
using MadgNet.Core.Imaging;

namespace MadgNet.Samples.Evaluation;

/// <summary>
/// The images of another dataset as a worse microscope would take them: out of focus, unevenly lit and noisy. A stand-in for a
/// set of another origin, whose masks are known.
/// </summary>
internal sealed class OtherMicroscope(IDataset inner) : IDataset
{
    private const int Blur = 2;
    private const double Noise = 0.15;

    public int Count => inner.Count;

    public IReadOnlyList<string> Labels => inner.Labels;

    public string NameOf(int index) => inner.NameOf(index);

    public Sample Load(int index)
    {
        Sample sample = inner.Load(index);
        return sample.With(Degrade(sample.Image, seed: index));
    }

    private static FloatImage Degrade(FloatImage image, int seed)
    {
        var random = new Random(seed);
        var result = new FloatImage(image.Channels, image.Height, image.Width);
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                double light = 1 - (0.6 * x / image.Width);
                double noise = Noise * (random.NextDouble() - 0.5);
                for (int channel = 0; channel < image.Channels; channel++)
                {
                    result[channel, y, x] = (float)Math.Clamp((light * Mean(image, channel, y, x)) + noise, 0, 1);
                }
            }
        }

        return result;
    }

    private static double Mean(FloatImage image, int channel, int y, int x)
    {
        double sum = 0;
        int count = 0;
        for (int row = Math.Max(y - Blur, 0); row <= Math.Min(y + Blur, image.Height - 1); row++)
        {
            for (int column = Math.Max(x - Blur, 0); column <= Math.Min(x + Blur, image.Width - 1); column++)
            {
                sum += image[channel, row, column];
                count++;
            }
        }

        return sum / count;
    }
}

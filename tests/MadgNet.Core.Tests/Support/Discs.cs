using MadgNet.Core.Data;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Tests.Support;

/// <summary>Bright discs on a dark, noisy ground with their masks: the easiest thing that can be segmented.</summary>
internal static class Discs
{
    public static InMemoryDataset Dataset(int count, int height = 32, int width = 32, int seed = 1) =>
        new(Enumerable.Range(0, count).Select(index => Sample(index, height, width, seed)));

    public static Sample Sample(int index, int height, int width, int seed)
    {
        var random = new Random((seed * 1000) + index);
        var image = new FloatImage(3, height, width);
        var mask = new FloatImage(1, height, width);
        double centerY = height * (0.3 + (0.4 * random.NextDouble()));
        double centerX = width * (0.3 + (0.4 * random.NextDouble()));
        double radius = Math.Min(height, width) * (0.15 + (0.15 * random.NextDouble()));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                bool inside = Math.Sqrt(((y - centerY) * (y - centerY)) + ((x - centerX) * (x - centerX))) <= radius;
                mask.Row(0, y)[x] = inside ? 1 : 0;
                for (int c = 0; c < 3; c++)
                {
                    image.Row(c, y)[x] = (float)((inside ? 0.7 : 0.2) + (0.1 * random.NextDouble()));
                }
            }
        }

        return new Sample($"disc{index}", image, [mask]);
    }
}

using MadgNet.Core.Imaging;

namespace MadgNet.Samples.Predict;

/// <summary>Measures what an eye would see of tiles.</summary>
internal static class Seams
{
    /// <summary>The mean absolute step from one column to the next, over the columns at multiples of a distance (and an offset).</summary>
    public static double Step(FloatImage map, int every, int offset = 0)
    {
        double sum = 0;
        int count = 0;
        for (int x = every - offset; x < map.Width; x += every)
        {
            for (int y = 0; y < map.Height; y++)
            {
                sum += Math.Abs(map[0, y, x] - map[0, y, x - 1]);
                count++;
            }
        }

        return sum / count;
    }
}

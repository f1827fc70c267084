using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;

namespace MadgNet.Core.Tests.Support;

/// <summary>Small cases of two labels with discs that are predicted more or less well.</summary>
internal static class EvaluationCases
{
    public const int Size = 24;

    /// <summary>Cases <c>case 000</c>, <c>case 001</c> …; every fifth has an empty first label.</summary>
    /// <param name="count">Number of cases.</param>
    /// <param name="noise">How far the predictions are off, 0..1.</param>
    /// <param name="groupSize">Cases that share a group.</param>
    public static IEnumerable<EvaluationCase> Make(int count, double noise = 0.3, int groupSize = 3) =>
        Enumerable.Range(0, count).Select(index => One(index, noise, groupSize));

    private static EvaluationCase One(int index, double noise, int groupSize)
    {
        var random = new Random(index + 1);
        var truth = new FloatImage[2];
        var probability = new FloatImage(2, Size, Size);
        for (int label = 0; label < 2; label++)
        {
            truth[label] = new FloatImage(1, Size, Size);
            double row = 8 + (8 * random.NextDouble());
            double column = 8 + (8 * random.NextDouble());
            double radius = index % 5 == 0 && label == 0 ? -1 : 3 + (4 * random.NextDouble());
            for (int i = 0; i < Size * Size; i++)
            {
                bool inside = Math.Sqrt(Math.Pow((i / Size) - row, 2) + Math.Pow((i % Size) - column, 2)) <= radius;
                truth[label].Data[i] = inside ? 1 : 0;
                double value = (inside ? 1 : 0) + (noise * 2 * (random.NextDouble() - 0.5) * (1 + random.NextDouble()));
                probability.Plane(label)[i] = (float)Math.Clamp(value, 0, 1);
            }
        }

        return new EvaluationCase($"case {index:000}", probability, truth) { Group = $"patient {index / groupSize}" };
    }
}

namespace MadgNet.Core.Data.Transforms;

/// <summary>Normally distributed numbers (Box and Muller 1958).</summary>
internal static class Normal
{
    public static (double First, double Second) Pair(Random random)
    {
        // 1 − u lies in (0, 1], where the logarithm is finite.
        double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
        (double sin, double cos) = Math.SinCos(2 * Math.PI * random.NextDouble());
        return (radius * cos, radius * sin);
    }
}

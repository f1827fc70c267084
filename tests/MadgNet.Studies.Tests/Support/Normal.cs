namespace MadgNet.Studies.Tests.Support;

/// <summary>Numbers of the standard normal distribution that follow from a seed (Box and Muller, 1958).</summary>
internal sealed class Normal(int seed)
{
    private readonly Random _random = new(seed);

    public double Next() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    public double[] Next(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];
}

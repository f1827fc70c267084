namespace MadgNet.Studies.Tests.Support;

/// <summary>Differences of a simulated study: a known mean, with known variances of seeds, cases and what is left.</summary>
internal static class CrossedStudy
{
    public static double[][] Draw(
        Normal normal, int seeds, int cases, double seedDeviation, double caseDeviation, double restDeviation, double mean = 0)
    {
        double[] ofSeed = normal.Next(seeds);
        double[] ofCase = normal.Next(cases);
        return [.. Enumerable.Range(0, seeds).Select(seed => Enumerable.Range(0, cases).Select(index =>
            mean + (seedDeviation * ofSeed[seed]) + (caseDeviation * ofCase[index]) + (restDeviation * normal.Next())).ToArray())];
    }
}

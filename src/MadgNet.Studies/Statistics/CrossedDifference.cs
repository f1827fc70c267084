using MadgNet.Core.Metrics;
using MathNet.Numerics.Distributions;

namespace MadgNet.Studies.Statistics;

/// <summary>
/// The difference of two variants that were trained from the same seeds and tested on the same cases, where both seeds and cases stand for
/// others that might have been drawn: a model with two crossed random effects.
/// </summary>
/// <remarks>
/// <para>The difference of case c from seed s is <c>μ + a_s + b_c + e_sc</c>. The variance of the mean over S seeds and C cases is
/// <c>(MS_seeds + MS_cases − MS_rest) / (S·C)</c>, but no less than either of the first two alone; its degrees of freedom are
/// Satterthwaite's, rounded down, at least those of the smaller factor, and at most three times those of the seeds. Interval and test are
/// Student's with them. Source: Searle, Casella, McCulloch, "Variance Components", 1992; Satterthwaite, Biometrics Bulletin 2(6), 1946; for
/// readers and cases in place of seeds and cases Hillis, Statistics in Medicine 26(3), 2007.</para>
/// <para>Without the bound and the rounding, three seeds raise up to 7 false alarms in 100 where seeds differ: the mean square of three
/// seeds is small by chance too often. With them simulated studies (in the tests) raise 1 to 6 in 100 from three seeds on, where 5 are
/// claimed, and up to 7 with two seeds.</para>
/// </remarks>
public sealed record CrossedDifference
{
    private const double Level = 0.95;

    /// <summary>Degrees of freedom for each of the seeds, at most: found by simulation, see the remarks.</summary>
    private const double MostFreedom = 3;

    // A whole number that rounding has left a little below itself.
    private const double Slack = 1e-9;

    private CrossedDifference()
    {
    }

    /// <summary>S, the number of seeds.</summary>
    public int Seeds { get; private init; }

    /// <summary>C, the number of cases.</summary>
    public int Cases { get; private init; }

    /// <summary>The mean difference over seeds and cases; NaN without any.</summary>
    public double Mean { get; private init; }

    /// <summary>The standard error of the mean; NaN where there are fewer than two seeds.</summary>
    public double StandardError { get; private init; }

    /// <summary>The degrees of freedom of the standard error; NaN where there is none.</summary>
    public double DegreesOfFreedom { get; private init; }

    /// <summary>The interval of 95 % of the mean; NaN where there are fewer than two seeds.</summary>
    public ConfidenceInterval Interval { get; private init; }

    /// <summary>The two-sided p-value of the test against a mean of 0; NaN where there are fewer than two seeds; 1 where all differences
    /// are 0.</summary>
    public double PValue { get; private init; }

    /// <summary>The variance of the seeds' effect, 0 or more.</summary>
    public double SeedVariance { get; private init; }

    /// <summary>The variance of the cases' effect, 0 or more.</summary>
    public double CaseVariance { get; private init; }

    /// <summary>The variance of what is left: of a case from one seed to the next.</summary>
    public double RestVariance { get; private init; }

    /// <summary>
    /// The mean difference over the standard deviation of the cases' differences, each the mean over the seeds (Cohen's d of pairs); NaN
    /// where all differences are the same.
    /// </summary>
    public double CohensD { get; private init; }

    /// <summary>
    /// Wilcoxon's signed-rank test over the cases, each the mean over the seeds. It takes the seeds as given: it says whether these
    /// networks
    /// differ on other cases, not whether other seeds would give the same.
    /// </summary>
    public WilcoxonSignedRank CasesTest { get; private init; }

    /// <summary>Whether the interval leaves out 0; false where there is none.</summary>
    public bool IsClear => Interval.Lower > 0 || Interval.Upper < 0;

    /// <summary>Analyses differences.</summary>
    /// <param name="differences">One row a seed, one value a case, all rows of the same length and finite.</param>
    /// <returns>The analysis.</returns>
    /// <exception cref="ArgumentException">Rows differ in length, or a value is not finite.</exception>
    public static CrossedDifference Of(IReadOnlyList<IReadOnlyList<double>> differences)
    {
        ArgumentNullException.ThrowIfNull(differences);
        int seeds = differences.Count;
        int cases = seeds == 0 ? 0 : differences[0].Count;
        if (differences.Any(row => row.Count != cases || row.Any(value => !double.IsFinite(value))))
        {
            throw new ArgumentException(
                "Differences: received rows of different lengths, or a value that is not finite; expected one finite value for every seed "
                    + "and case. Leave out cases of which one value is undefined.",
                nameof(differences));
        }

        if (cases == 0)
        {
            return new CrossedDifference
            {
                Seeds = seeds,
                Mean = double.NaN,
                StandardError = double.NaN,
                DegreesOfFreedom = double.NaN,
                Interval = Unknown,
                PValue = double.NaN,
                CohensD = double.NaN,
            };
        }

        double[] bySeed = [.. differences.Select(row => row.Average())];
        double[] byCase = [.. Enumerable.Range(0, cases).Select(index => differences.Average(row => row[index]))];
        double mean = bySeed.Average();
        var result = new CrossedDifference
        {
            Seeds = seeds,
            Cases = cases,
            Mean = mean,
            StandardError = double.NaN,
            DegreesOfFreedom = double.NaN,
            Interval = Unknown,
            PValue = double.NaN,
            CohensD = Deviation(byCase, mean) is > 0 and var deviation ? mean / deviation : double.NaN,
            CasesTest = WilcoxonSignedRank.Test(byCase),
        };
        return seeds < 2 ? result : result.WithVariances(differences, bySeed, byCase);
    }

    /// <summary>
    /// How many seeds would tell this difference from 0 with a chance of 80 %, if seeds and cases go on to vary as they do: at the level
    /// of 5 %, with the same number of cases.
    /// </summary>
    /// <returns>The number, 2 or more; null where no number would do on these cases, or where nothing is known.</returns>
    public int? SeedsNeeded()
    {
        const int most = 1000;
        if (double.IsNaN(StandardError) || Mean == 0)
        {
            return null;
        }

        for (int seeds = 2; seeds <= most; seeds++)
        {
            if (Detectable(seeds) <= Math.Abs(Mean))
            {
                return seeds;
            }
        }

        return null;
    }

    /// <summary>The smallest difference that a number of seeds tells from 0 with a chance of 80 %, on as many cases.</summary>
    /// <param name="seeds">The number of seeds, 2 or more.</param>
    /// <returns>The difference, 0 or more; NaN where the variances are not known.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two seeds.</exception>
    public double Detectable(int seeds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seeds, 2);
        const double power = 0.8;
        if (double.IsNaN(StandardError))
        {
            return double.NaN;
        }

        double msRest = RestVariance;
        double msSeeds = msRest + (Cases * SeedVariance);
        double msCases = msRest + (seeds * CaseVariance);
        (double variance, double freedom) = OfMean(seeds, Cases, msSeeds, msCases, msRest);
        double reach = StudentT.InvCDF(0, 1, freedom, 1 - ((1 - Level) / 2)) + StudentT.InvCDF(0, 1, freedom, power);
        return reach * Math.Sqrt(variance);
    }

    private static ConfidenceInterval Unknown => new(double.NaN, double.NaN, Level);

    private static double Deviation(double[] values, double mean) =>
        values.Length < 2 ? 0 : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));

    /// <summary>The variance of the mean and its degrees of freedom, from the mean squares.</summary>
    private static (double Variance, double Freedom) OfMean(int seeds, int cases, double msSeeds, double msCases, double msRest)
    {
        if (cases == 1)
        {
            return (msSeeds / seeds, seeds - 1);
        }

        double sum = Math.Max(msSeeds + msCases - msRest, Math.Max(msSeeds, msCases));
        double spread = (msSeeds * msSeeds / (seeds - 1))
            + (msCases * msCases / (cases - 1))
            + (msRest * msRest / ((seeds - 1.0) * (cases - 1)));
        double least = Math.Min(seeds, cases) - 1;
        double most = Math.Max(least, Math.Min(Math.Max(seeds, cases) - 1, MostFreedom * (seeds - 1)));
        double freedom = spread > 0 ? Math.Clamp(Math.Floor((sum * sum / spread) + Slack), least, most) : least;
        return (sum / ((double)seeds * cases), freedom);
    }

    private CrossedDifference WithVariances(IReadOnlyList<IReadOnlyList<double>> differences, double[] bySeed, double[] byCase)
    {
        double msSeeds = Cases * bySeed.Sum(value => (value - Mean) * (value - Mean)) / (Seeds - 1);
        double msCases = Cases < 2 ? 0 : Seeds * byCase.Sum(value => (value - Mean) * (value - Mean)) / (Cases - 1);
        double rest = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            for (int index = 0; index < Cases; index++)
            {
                double left = differences[seed][index] - bySeed[seed] - byCase[index] + Mean;
                rest += left * left;
            }
        }

        double msRest = Cases < 2 ? 0 : rest / ((Seeds - 1.0) * (Cases - 1));
        (double variance, double freedom) = OfMean(Seeds, Cases, msSeeds, msCases, msRest);
        double error = Math.Sqrt(variance);
        double reach = StudentT.InvCDF(0, 1, freedom, 1 - ((1 - Level) / 2)) * error;
        double p = error > 0
            ? 2 * StudentT.CDF(0, 1, freedom, -Math.Abs(Mean) / error)
            : Mean == 0 ? 1 : 0;
        return this with
        {
            StandardError = error,
            DegreesOfFreedom = freedom,
            Interval = new ConfidenceInterval(Mean - reach, Mean + reach, Level),
            PValue = Math.Min(1, p),
            SeedVariance = Math.Max(0, (msSeeds - msRest) / Cases),
            CaseVariance = Cases < 2 ? 0 : Math.Max(0, (msCases - msRest) / Seeds),
            RestVariance = msRest,
        };
    }
}

using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Reports.Pages;

namespace MadgNet.Reports.Tests.Support;

/// <summary>Small evaluations of discs, with names that try to break out of a page.</summary>
internal static class Evaluations
{
    /// <summary>A name of a file or label that is an attack where it is not escaped.</summary>
    public const string Hostile = "</script><script>window.broken=1</script><img src=x onerror=\"window.broken=1\">\"'&|";

    private const int Size = 24;

    public static EvaluationReport Make(double noise, EvaluationCurves? curves = null, string model = "a", int count = 12)
    {
        IEnumerable<EvaluationCase> cases = Cases(noise, count);
        return new Evaluator(new EvaluatorOptions { SetName = Hostile, ModelName = model, LabelNames = [Hostile] })
            .Evaluate(curves is null ? cases : curves.Watch(cases));
    }

    public static IEnumerable<EvaluationCase> Cases(double noise, int count = 12) => Enumerable.Range(0, count).Select(i =>
    {
        CaseMaps maps = Maps(i, noise);
        return new EvaluationCase($"{i:00} {Hostile}", maps.Probability, maps.Truth);
    });

    public static CaseMaps Maps(int seed, double noise)
    {
        var random = new Random(seed + 1);
        var image = new FloatImage(1, Size, Size);
        var truth = new FloatImage(1, Size, Size);
        var probability = new FloatImage(1, Size, Size);
        double radius = 3 + (6 * random.NextDouble());
        for (int i = 0; i < Size * Size; i++)
        {
            bool inside = Math.Sqrt(Math.Pow((i / Size) - 12, 2) + Math.Pow((i % Size) - 12, 2)) <= radius;
            image.Data[i] = inside ? 0.7f : 0.2f;
            truth.Data[i] = inside ? 1 : 0;
            probability.Data[i] = (float)Math.Clamp((inside ? 0.8 : 0.2) + (noise * (random.NextDouble() - 0.5)), 0, 1);
        }

        return new CaseMaps(image, probability, [truth]);
    }
}

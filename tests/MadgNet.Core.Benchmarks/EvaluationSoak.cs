using System.Globalization;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;

namespace MadgNet.Core.Benchmarks;

/// <summary>Evaluates many cases of 352×352, each with maps of its own, and checks that memory does not grow with them.</summary>
internal sealed class EvaluationSoak : ISoak
{
    private const int Size = 352;

    /// <summary>What a case may leave behind: its name and thirty numbers, with the collections around them.</summary>
    private const int BytesForEachCase = 1536;

    /// <summary>
    /// The maps of the cases that happen to be in the evaluator's hands when memory is looked at: a few, however many cases there are.
    /// </summary>
    private const long BytesInHand = 4L * Size * Size * 2 * sizeof(float);

    public string Name => "evaluation";

    public string Summary => "Evaluates cases of 352x352 with all metrics; memory may grow by their numbers only.";

    public int DefaultCount => 10_000;

    public bool Run(int count, TextWriter output, CancellationToken cancellationToken)
    {
        int settled = Math.Max(count / 10, 1);
        long early = 0;
        long late = 0;
        EvaluationReport report = new Evaluator().Evaluate(Cases(), null, cancellationToken);
        long grown = late - early;
        long allowed = BytesInHand + ((long)BytesForEachCase * (count - settled));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Cases.Count} cases, mean Dice {report.Summarize(Metric.Dice).Mean:F4}; live memory {early / 1048576.0:F1} MB "
                + $"after {settled}, {late / 1048576.0:F1} MB at the end; {allowed / 1048576.0:F1} MB of growth allowed."));
        return grown <= allowed;

        IEnumerable<EvaluationCase> Cases()
        {
            for (int i = 0; i < count; i++)
            {
                if (i == settled)
                {
                    early = GC.GetTotalMemory(forceFullCollection: true);
                }

                if (i == count - 1)
                {
                    late = GC.GetTotalMemory(forceFullCollection: true);
                }

                yield return Case(i);
            }
        }
    }

    private static EvaluationCase Case(int index)
    {
        var random = new Random(index);
        var probability = new FloatImage(1, Size, Size);
        var truth = new FloatImage(1, Size, Size);
        double row = Size * random.NextDouble();
        double column = Size * random.NextDouble();
        double radius = Size * 0.3 * random.NextDouble();
        for (int i = 0; i < Size * Size; i++)
        {
            double distance = Math.Sqrt(Math.Pow((i / Size) - row, 2) + Math.Pow((i % Size) - column, 2));
            truth.Data[i] = distance <= radius ? 1 : 0;
            probability.Data[i] = (float)(1 / (1 + Math.Exp((distance - (0.9 * radius)) / 5)));
        }

        return new EvaluationCase($"case {index:000000}", probability, [truth]);
    }
}

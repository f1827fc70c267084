using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;

namespace MadgNet.Core.Tests.Support;

/// <summary>Evaluations and sweeps that end with the test they belong to.</summary>
internal static class Evaluation
{
    public static EvaluationReport Run(this Evaluator evaluator, IEnumerable<EvaluationCase> cases) =>
        evaluator.Evaluate(cases, cancellationToken: TestContext.Current.CancellationToken);

    public static EvaluationReport RunOn(
        this Evaluator evaluator, IDataset dataset, Func<Sample, FloatImage> predict, Func<string, string?>? groupOf = null) =>
        evaluator.EvaluateDataset(dataset, predict, groupOf, cancellationToken: TestContext.Current.CancellationToken);

    public static ThresholdSweep Sweep(string set, IEnumerable<EvaluationCase> cases, Metric? metric = null) =>
        ThresholdSweep.Run(set, cases, metric, TestContext.Current.CancellationToken);
}

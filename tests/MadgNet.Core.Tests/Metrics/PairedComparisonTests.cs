using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Metrics;

public sealed class PairedComparisonTests
{
    [Fact]
    public void A_better_model_is_found_better()
    {
        PairedComparison comparison = PairedComparison.Compare(
            Evaluate("bad", noise: 0.9), Evaluate("good", noise: 0.4), [Metric.Dice, Metric.MeanAbsoluteError], label: 1);
        MetricComparison dice = comparison.Metrics[0];
        Assert.True(dice.MeanDifference > 0 && dice.Confidence.Lower > 0);
        Assert.True(dice.WilcoxonAdjustedPValue < 0.01 && dice.PermutationAdjustedPValue < 0.01);
        Assert.True(dice.CohensD > 0 && dice.RankBiserialCorrelation > 0.5);
        Assert.True(comparison.Metrics[1].MeanDifference < 0);
    }

    [Fact]
    public void The_numbers_are_those_of_the_differences_case_by_case()
    {
        EvaluationReport first = Evaluate("first", 0.6);
        EvaluationReport second = Evaluate("second", 0.5);
        MetricComparison dice = PairedComparison.Compare(first, second, [Metric.Dice]).Metrics[0];
        double[] differences = [.. first.Cases.Zip(second.Cases, (a, b) => b.Value(Metric.Dice) - a.Value(Metric.Dice))];
        double mean = differences.Average();
        Assert.Equal(mean, dice.MeanDifference, 1e-12);
        Assert.Equal(mean / Math.Sqrt(differences.Sum(d => Math.Pow(d - mean, 2)) / (differences.Length - 1)), dice.CohensD, 1e-9);
        Assert.Equal(WilcoxonSignedRank.Test(differences).PValue, dice.WilcoxonPValue);
        Assert.Equal(dice.WilcoxonPValue, dice.WilcoxonAdjustedPValue);
    }

    [Fact]
    public void P_values_are_corrected_for_the_number_of_metrics()
    {
        PairedComparison comparison = PairedComparison.Compare(
            Evaluate("first", 0.6), Evaluate("second", 0.5), [Metric.Dice, Metric.Recall, Metric.Precision]);
        double[] expected = [.. HolmCorrection.Adjust([.. comparison.Metrics.Select(metric => metric.WilcoxonPValue)])];
        Assert.Equal(expected, comparison.Metrics.Select(metric => metric.WilcoxonAdjustedPValue));
    }

    [Fact]
    public void Equal_models_differ_in_nothing()
    {
        MetricComparison dice = PairedComparison.Compare(Evaluate("a", 0.5), Evaluate("b", 0.5), [Metric.Dice]).Metrics[0];
        Assert.Equal(
            (0, 1, 1, double.NaN, 0),
            (dice.MeanDifference, dice.WilcoxonPValue, dice.PermutationPValue, dice.CohensD, dice.RankBiserialCorrelation));
    }

    [Fact]
    public void Cases_with_undefined_values_are_left_out_and_listed()
    {
        MetricComparison auc = PairedComparison.Compare(Evaluate("a", 0.5), Evaluate("b", 0.4), [Metric.RocAuc], label: 0).Metrics[0];
        Assert.Equal(["case 000", "case 005", "case 010"], auc.Excluded);
        Assert.Equal(12, auc.Pairs);
    }

    [Fact]
    public void Reports_on_different_cases_are_refused_with_an_example()
    {
        EvaluationReport shorter = new Evaluator().Run(EvaluationCases.Make(14));
        var exception = Assert.Throws<EvaluationException>(() => PairedComparison.Compare(Evaluate("a", 0.5), shorter));
        Assert.Contains("'case 014'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_under_different_settings_are_refused_with_the_difference()
    {
        var official = new Evaluator(new EvaluatorOptions { Metrics = new MetricOptions { Profile = MetricProfile.MadgNetOfficial } });
        var exception = Assert.Throws<EvaluationException>(() => PairedComparison.Compare(
            Evaluate("a", 0.5), official.Run(EvaluationCases.Make(15))));
        Assert.Contains("profile: Standard and MadgNetOfficial", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_markdown_has_one_line_for_each_metric() =>
        Assert.Equal(
            4,
            PairedComparison.Compare(Evaluate("a", 0.5), Evaluate("b", 0.4), [Metric.Dice, Metric.Recall])
                .ToMarkdown()
                .Trim()
                .Split('\n').Length);

    private static EvaluationReport Evaluate(string model, double noise) =>
        new Evaluator(new EvaluatorOptions { ModelName = model }).Run(EvaluationCases.Make(15, noise));
}

using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Metrics;

public sealed class ThresholdSweepTests
{
    [Fact]
    public void Every_score_is_that_of_an_evaluation_at_the_threshold()
    {
        EvaluationCase[] cases = [.. EvaluationCases.Make(5, noise: 0.8)];
        ThresholdSweep sweep = Evaluation.Sweep("validation", cases);
        for (int step = 0; step < sweep.Thresholds.Count; step += 7)
        {
            var evaluator = new Evaluator(new EvaluatorOptions
            {
                Metrics = new MetricOptions { Threshold = sweep.Thresholds[step], Groups = MetricGroups.Overlap }
            });
            Assert.Equal(evaluator.Run(cases).Summarize(Metric.Dice, 1).Mean, sweep.Scores[1][step], 1e-12);
        }
    }

    [Fact]
    public void The_selection_is_the_best_threshold_of_each_label()
    {
        ThresholdSweep sweep = Evaluation.Sweep("validation", EvaluationCases.Make(5, noise: 0.8), Metric.IntersectionOverUnion);
        Assert.Equal(sweep.Scores.Select(label => label.Max()), sweep.Selection.Scores);
        Assert.Equal((Metric.IntersectionOverUnion, "validation"), (sweep.Selection.Metric, sweep.Selection.SetName));
    }

    [Fact]
    public void Among_equal_thresholds_the_one_nearest_to_a_half_is_taken()
    {
        var truth = new FloatImage(1, 1, 2, [0, 1]);
        ThresholdSweep sweep = Evaluation.Sweep("validation", [new EvaluationCase("case", new FloatImage(1, 1, 2, [0.2f, 0.9f]), [truth])]);
        Assert.Equal(0.5, sweep.Selection.Thresholds[0]);
    }

    [Fact]
    public void A_selection_reads_its_json_back()
    {
        using var folder = new TemporaryFolder();
        ThresholdSelection selection = Evaluation.Sweep("validation", EvaluationCases.Make(3)).Selection;
        selection.SaveJson(folder.File("thresholds.json"));
        ThresholdSelection read = ThresholdSelection.LoadJson(folder.File("thresholds.json"));
        Assert.Equal((selection.SetName, selection.Metric), (read.SetName, read.Metric));
        Assert.Equal(selection.Thresholds, read.Thresholds);
        Assert.Equal(selection.Scores, read.Scores);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"schema\":\"madgnet-thresholds\",\"version\":1,\"setName\":\"v\",\"metric\":\"Dice\",\"labels\":[]}")]
    [InlineData("{\"schema\":\"madgnet-thresholds\",\"version\":1,\"setName\":\"v\",\"metric\":\"Dice\","
        + "\"labels\":[{\"threshold\":2,\"score\":1}]}")]
    public void A_file_that_is_no_selection_is_refused(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("thresholds.json"), content);
        Assert.Throws<EvaluationException>(() => ThresholdSelection.LoadJson(folder.File("thresholds.json")));
    }

    [Fact]
    public void No_cases_are_refused() => Assert.Throws<EvaluationException>(() => Evaluation.Sweep("validation", []));

    [Fact]
    public void Other_metrics_are_refused() =>
        Assert.Throws<ArgumentException>(() => Evaluation.Sweep("validation", EvaluationCases.Make(1), Metric.Accuracy));
}

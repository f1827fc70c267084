using System.Text.Json.Nodes;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Metrics;

/// <summary>Empty truths in means: scored, or left out as other packages do.</summary>
public sealed class EmptyTruthsTests
{
    /// <summary>Project-MONAI/MONAI, tests/metrics/test_compute_meandice.py, TEST_CASE_4 and 5: two images of three labels, 2×2.</summary>
    private static readonly (string[] Prediction, string[] Truth)[] Monai =
    [
        (["1110", "0100", "0111"], ["1111", "0000", "0000"]),
        (["1011", "0111", "0110"], ["0001", "1100", "0010"]),
    ];

    [Fact]
    public void Monai_means_leave_empty_truths_out()
    {
        // mean_batch and mean of Dice, and of intersection over union in test_compute_meaniou.py.
        EvaluationReport report = Evaluate(EmptyTruths.LeftOut, Monai);
        Expect(report, Metric.Dice, [0.6786, 0.4, 0.6667], 0.689683);
        Expect(report, Metric.IntersectionOverUnion, [0.5416, 0.25, 0.5], 0.5555);
        Assert.Equal(["case 0"], report.Summarize(Metric.Dice, 1).LeftOut);
        Assert.Equal((1, 0), (report.Summarize(Metric.Dice, 1).Count, report.Summarize(Metric.Dice, 1).Undefined.Count));
        Assert.Empty(report.Summarize(Metric.Dice).LeftOut);

        // TEST_CASE_7: both images the first one.
        EvaluationReport twice = Evaluate(EmptyTruths.LeftOut, [Monai[0], Monai[0]]);
        Assert.Equal(0.857143, twice.Summarize(Metric.Dice).Mean, 1e-6);
        Assert.Equal(double.NaN, twice.Summarize(Metric.Dice, 2).Mean);

        static void Expect(EvaluationReport report, Metric metric, double[] labels, double mean)
        {
            Assert.Equal(labels, labels.Select((_, label) => report.Summarize(metric, label).Mean), (a, b) => Math.Abs(a - b) < 1e-4);
            Assert.Equal(mean, report.Summarize(metric).Mean, 1e-4);
        }
    }

    [Fact]
    public void Scored_empty_truths_count_and_their_values_are_kept_under_every_rule()
    {
        EvaluationReport scored = Evaluate(EmptyTruths.Scored, Monai);
        EvaluationReport leftOut = Evaluate(EmptyTruths.LeftOut, Monai);
        Assert.Equal(0.2, scored.Summarize(Metric.Dice, 1).Mean, 1e-12);
        Assert.Equal(0, leftOut.Cases[0].Labels[1].Values[Metric.Dice]);
        Assert.Equal(scored.ToCsv(), leftOut.ToCsv());
        Assert.Equal(scored.Micro(Metric.Dice), leftOut.Micro(Metric.Dice));
    }

    [Fact]
    public void Only_agreed_emptiness_is_left_out_where_that_is_asked_for()
    {
        // torchmetrics, src/torchmetrics/functional/segmentation/dice.py: 0/0 is NaN and left out by nanmean, a false alarm is 0.
        EvaluationReport report = Evaluate(
            EmptyTruths.LeftOutWhereAgreed, [(["0000"], ["0000"]), (["0100"], ["0000"]), (["0011"], ["0011"])]);
        Assert.Equal(0.5, report.Summarize(Metric.Dice).Mean);
        Assert.Equal(["case 0"], report.Summarize(Metric.Dice).LeftOut);
        Assert.Equal(["case 1", "case 2"], report.Worst(Metric.Dice).Select(result => result.Name));
    }

    [Fact]
    public void The_set_value_and_comparisons_leave_out_the_same()
    {
        EvaluationReport all = Evaluate(EmptyTruths.LeftOut, [.. Monai, (["0000", "0000", "0000"], ["0000", "0000", "0000"])]);
        EvaluationReport some = Evaluate(EmptyTruths.LeftOut, Monai);
        Assert.Equal(some.Summarize(Metric.MaxFMeasure, 1).SetValue, all.Summarize(Metric.MaxFMeasure, 1).SetValue, 1e-12);
        Assert.Equal(some.Summarize(Metric.MaxFMeasure).SetValue, all.Summarize(Metric.MaxFMeasure).SetValue, 1e-12);
        MetricComparison comparison = PairedComparison.Compare(all, all, [Metric.Dice]).Metrics[0];
        Assert.Equal((2, "case 2"), (comparison.Pairs, Assert.Single(comparison.Excluded)));
    }

    [Fact]
    public void A_set_of_empty_truths_alone_has_no_means()
    {
        EvaluationReport report = Evaluate(EmptyTruths.LeftOut, [(["0100"], ["0000"])]);
        MetricSummary summary = report.Summarize(Metric.MaxFMeasure);
        Assert.Equal((0, double.NaN, double.NaN), (summary.Count, summary.Mean, summary.SetValue));
        Assert.Empty(report.Worst(Metric.Dice));
        Assert.Contains("Left out of means: 1 of 1 maps", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_keep_the_choices_and_are_not_compared_with_others()
    {
        using var folder = new TemporaryFolder();
        var options = new EvaluatorOptions
        {
            EmptyTruths = EmptyTruths.LeftOut,
            SurfaceTolerances = [1, 2, 3],
            Metrics = new MetricOptions { StretchMaps = true, HausdorffPercentiles = [99, 50.5], Groups = MetricGroups.All },
        };
        EvaluationReport report = new Evaluator(options).Run(Cases(Monai));
        report.SaveJson(folder.File("report.json"));
        EvaluationReport read = EvaluationReport.LoadJson(folder.File("report.json"));
        Assert.Equal(report.ToMarkdown(), read.ToMarkdown());
        Assert.Equal(
            report.Summarize(Metric.HausdorffDistanceAt(50.5), 0).Mean, read.Summarize(Metric.HausdorffDistanceAt(50.5), 0).Mean);
        Assert.Empty(report.Settings.Differences(read.Settings));
        Assert.Equal(
            ["empty truths", "stretched maps", "surface tolerance"],
            Evaluate(EmptyTruths.Scored, Monai).Settings.Differences(report.Settings).Select(text => text[..text.IndexOf(':')]).Order());
        Assert.Contains("stretched to its own minimum and maximum", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("Surface tolerances: 1, 2, 3.", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_without_the_choices_is_written_and_read_as_before()
    {
        using var folder = new TemporaryFolder();
        Evaluate(EmptyTruths.Scored, Monai).SaveJson(folder.File("report.json"));
        JsonObject settings = JsonNode.Parse(File.ReadAllText(folder.File("report.json")))!["settings"]!.AsObject();
        Assert.All(
            new[] { "stretchedMaps", "hausdorffPercentiles", "emptyTruths", "surfaceTolerances" },
            name => Assert.False(settings.ContainsKey(name)));
        Assert.Equal(EmptyTruths.Scored, EvaluationReport.LoadJson(folder.File("report.json")).Settings.EmptyTruths);
    }

    [Fact]
    public void Shards_leave_out_what_the_whole_does()
    {
        var evaluator = new Evaluator(new EvaluatorOptions { EmptyTruths = EmptyTruths.LeftOut });
        string[] names = ["case 0", "case 1"];
        EvaluationShard[] shards = [.. Enumerable.Range(1, 2).Select(number => evaluator.EvaluateShard(
            new Shard(number, 2), names, [Cases(Monai)[number - 1]], cancellationToken: TestContext.Current.CancellationToken))];
        Assert.Equal(evaluator.Run(Cases(Monai)).ToMarkdown(), EvaluationShard.Merge(shards).ToMarkdown());
    }

    [Fact]
    public void Choices_that_cannot_be_are_refused()
    {
        Assert.Single(new EvaluatorOptions { EmptyTruths = (EmptyTruths)9 }.Validate());
        Assert.Single(new EvaluatorOptions { SurfaceTolerances = [1, -1] }.Validate());
        Assert.Single(new EvaluatorOptions { SurfaceTolerances = [1], LabelNames = ["a", "b"] }.Validate());
        var exception = Assert.Throws<EvaluationException>(() =>
            new Evaluator(new EvaluatorOptions { SurfaceTolerances = [1, 2] }).Run(Cases(Monai)));
        Assert.Contains("3 labels with 2 surface tolerances", exception.Message, StringComparison.Ordinal);
        ThresholdSelection thresholds = Evaluation.Sweep("validation", Cases(Monai)).Selection;
        Assert.Single(new EvaluatorOptions { Thresholds = thresholds, Metrics = new MetricOptions { StretchMaps = true } }.Validate());
    }

    private static EvaluationReport Evaluate(EmptyTruths rule, (string[] Prediction, string[] Truth)[] images) =>
        new Evaluator(new EvaluatorOptions { EmptyTruths = rule }).Run(Cases(images));

    private static EvaluationCase[] Cases((string[] Prediction, string[] Truth)[] images) =>
    [
        .. images.Select((image, i) => new EvaluationCase(
            $"case {i}",
            new FloatImage(image.Prediction.Length, 2, 2, [.. image.Prediction.SelectMany(Values)]),
            [.. image.Truth.Select(plane => new FloatImage(1, 2, 2, [.. Values(plane)]))])),
    ];

    private static IEnumerable<float> Values(string text) => text.Select(c => (float)(c - '0'));
}

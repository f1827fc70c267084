using System.Text.Json.Nodes;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Metrics;

public sealed class EvaluationReportTests
{
    [Fact]
    public void A_summary_holds_the_statistics_of_the_cases()
    {
        // Dice of 1/2, 2/3, 4/5 and 1, from a truth of six pixels in a row.
        EvaluationReport report = Evaluate(("a", 2), ("b", 3), ("c", 4), ("d", 6));
        MetricSummary summary = report.Summarize(Metric.Dice, 0);
        double[] values = [0.5, 2.0 / 3, 0.8, 1];
        double mean = values.Average();
        Assert.Equal(mean, summary.Mean, 1e-12);
        Assert.Equal(Math.Sqrt(values.Sum(value => Math.Pow(value - mean, 2)) / 3), summary.StandardDeviation, 1e-12);
        Assert.Equal(((2.0 / 3) + 0.8) / 2, summary.Median, 1e-12);
        Assert.Equal(0.5 + (0.75 * ((2.0 / 3) - 0.5)), summary.LowerQuartile, 1e-12);
        Assert.Equal(0.8 + (0.25 * 0.2), summary.UpperQuartile, 1e-12);
        Assert.Equal((0.5, 1.0, 4), (summary.Minimum, summary.Maximum, summary.Count));
    }

    [Fact]
    public void Cases_without_a_defined_distance_are_listed_and_not_averaged()
    {
        EvaluationReport report = Evaluate(("defined", 6), ("empty prediction", 0));
        MetricSummary summary = report.Summarize(Metric.HausdorffDistance);
        Assert.Equal((1, 0.0), (summary.Count, summary.Mean));
        Assert.Equal(["empty prediction"], summary.Undefined);
    }

    [Fact]
    public void A_metric_without_any_defined_value_is_undefined_itself()
    {
        MetricSummary summary = Evaluate(("empty prediction", 0)).Summarize(Metric.HausdorffDistance);
        Assert.Equal((0, double.NaN, double.NaN), (summary.Count, summary.Mean, summary.Confidence.Lower));
    }

    [Fact]
    public void The_macro_value_of_a_case_is_the_mean_over_its_labels()
    {
        EvaluationReport report = new Evaluator().Run(EvaluationCases.Make(6));
        CaseResult result = report.Cases[1];
        Assert.Equal((result.Value(Metric.Dice, 0) + result.Value(Metric.Dice, 1)) / 2, result.Value(Metric.Dice), 1e-15);
    }

    [Fact]
    public void The_micro_value_is_that_of_all_pixels_together() =>
        Assert.Equal(2.0 * 8 / (8 + 12), Evaluate(("a", 2), ("b", 6)).Micro(Metric.Dice), 1e-15);

    [Fact]
    public void Components_and_calibration_have_micro_values()
    {
        EvaluationReport report = Evaluate(("a", 2), ("b", 6));
        Assert.Equal(0.5, report.Micro(Metric.ComponentRecall));
        Assert.Equal(4.0 / 16, report.Micro(Metric.BrierScore, 0), 1e-12);
    }

    [Fact]
    public void A_distance_has_no_micro_value() =>
        Assert.Throws<ArgumentException>(() => Evaluate(("a", 2)).Micro(Metric.HausdorffDistance));

    [Fact]
    public void The_set_value_of_a_maximum_is_that_of_the_mean_curve()
    {
        EvaluationReport report = new Evaluator().Run(EvaluationCases.Make(8, noise: 0.9));
        MetricSummary summary = report.Summarize(Metric.MaxFMeasure, 1);
        Assert.Equal(report.Totals[1].FMeasureCurve!.Max(), summary.SetValue);
        Assert.True(summary.SetValue < summary.Mean, "the best threshold of each case was taken instead of one for all");
        Assert.Equal(report.Summarize(Metric.MeanFMeasure, 1).Mean, report.Totals[1].FMeasureCurve!.Average(), 1e-12);
    }

    [Fact]
    public void The_worst_cases_come_first_and_undefined_ones_before_them()
    {
        EvaluationReport report = Evaluate(("good", 6), ("bad", 2), ("undefined", 0));
        Assert.Equal(["undefined", "bad", "good"], report.Worst(Metric.HausdorffDistance).Select(result => result.Name));
        Assert.Equal(["undefined", "bad"], report.Worst(Metric.Dice, 2).Select(result => result.Name));
    }

    [Fact]
    public void The_same_seed_gives_the_same_interval_and_another_one_another()
    {
        EvaluationReport report = new Evaluator().Run(EvaluationCases.Make(12));
        Assert.Equal(report.Summarize(Metric.Dice, 0), report.Summarize(Metric.Dice, 0), (a, b) => a!.Confidence == b!.Confidence);
        Assert.NotEqual(
            report.Summarize(Metric.Dice, 0).Confidence, report.Summarize(Metric.Dice, 0, new BootstrapOptions { Seed = 2 }).Confidence);
    }

    [Fact]
    public void A_report_reads_its_json_back_in_every_number()
    {
        using var folder = new TemporaryFolder();
        EvaluationReport report = new Evaluator(new EvaluatorOptions
        {
            SetName = "set, \"quoted\"",
            ModelName = "model",
            LabelNames = ["cup", "disc"],
            Thresholds = Evaluation.Sweep("validation", EvaluationCases.Make(3)).Selection,
            Metrics = new MetricOptions { Spacing = new PixelSpacing(0.5, 0.7), Connectivity = ComponentConnectivity.Four },
        }).Run(EvaluationCases.Make(6));
        report.SaveJson(folder.File("report.json"));
        EvaluationReport read = EvaluationReport.LoadJson(folder.File("report.json"));
        read.SaveJson(folder.File("again.json"));
        Assert.Equal(File.ReadAllText(folder.File("report.json")), File.ReadAllText(folder.File("again.json")));
        Assert.Equal(report.ToMarkdown(), read.ToMarkdown());
        Assert.Equal(report.ToCsv(), read.ToCsv());
        Assert.Equal(report.Settings.Metrics, read.Settings.Metrics);
    }

    [Fact]
    public void An_official_report_reads_its_json_back_without_curves()
    {
        using var folder = new TemporaryFolder();
        var options = new EvaluatorOptions
        {
            Metrics = new MetricOptions { Profile = MetricProfile.MadgNetOfficial },
            NetworkSize = (24, 24)
        };
        EvaluationReport report = new Evaluator(options).Run(EvaluationCases.Make(2));
        report.SaveJson(folder.File("report.json"));
        EvaluationReport read = EvaluationReport.LoadJson(folder.File("report.json"));
        Assert.Null(read.Totals[0].FMeasureCurve);
        Assert.Equal("network, 24×24", read.Settings.Resolution);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"schema\":\"madgnet-evaluation\",\"version\":1}")]
    [InlineData("{\"schema\":\"madgnet-evaluation\",\"version\":2}")]
    [InlineData("{\"schema\":\"another\",\"version\":1}")]
    [InlineData("{\"schema\":3,\"version\":\"1\"}")]
    public void A_file_that_is_no_report_is_refused_with_its_path(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("report.json"), content);
        var exception = Assert.Throws<EvaluationException>(() => EvaluationReport.LoadJson(folder.File("report.json")));
        Assert.Contains("report.json", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_with_any_value_of_another_kind_is_refused()
    {
        using var folder = new TemporaryFolder();
        new Evaluator().Run(EvaluationCases.Make(1)).SaveJson(folder.File("report.json"));
        string text = File.ReadAllText(folder.File("report.json"));
        foreach (string path in Paths(JsonNode.Parse(text)!).Distinct())
        {
            JsonNode root = JsonNode.Parse(text)!;
            Replace(root, path.Split('/'), JsonNode.Parse("{\"a\":[[]]}")!);
            File.WriteAllText(folder.File("damaged.json"), root.ToJsonString());
            Assert.Throws<EvaluationException>(() => EvaluationReport.LoadJson(folder.File("damaged.json")));
        }
    }

    [Fact]
    public void The_csv_has_one_line_for_each_case_and_label_with_empty_undefined_values()
    {
        EvaluationReport report = Evaluate(("a, \"b\"", 0));
        string[] lines = report.ToCsv().Split("\r\n");
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("case,group,label,height,width,Dice,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("\"a, \"\"b\"\"\",,label 0,1,8,0,0,", lines[1], StringComparison.Ordinal);
        Assert.Contains(",,,,", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_markdown_names_profile_resolution_interval_worst_and_undefined_cases()
    {
        string markdown = Evaluate(("good", 6), ("pipe | case", 0)).ToMarkdown();
        Assert.All(
            new[] { "Profile: Standard", "Resolution: native", "2000 resamples of cases, seed 1", "pipe \\| case | 0.0000",
                "HausdorffDistance95" },
            part => Assert.Contains(part, markdown, StringComparison.Ordinal));
    }

    [Fact]
    public void A_label_that_does_not_exist_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate(("a", 2)).Summarize(Metric.Dice, 1));

    [Fact]
    public void A_metric_that_was_not_computed_is_refused_with_those_that_were()
    {
        var evaluator = new Evaluator(new EvaluatorOptions { Metrics = new MetricOptions { Groups = MetricGroups.Surface } });
        var exception = Assert.Throws<ArgumentException>(() => evaluator.Run(EvaluationCases.Make(1)).Summarize(Metric.Dice));
        Assert.Contains("NormalizedSurfaceDistance", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Cases whose truth is six pixels of a row of eight and whose prediction is the first of them.</summary>
    private static EvaluationReport Evaluate(params (string Name, int Found)[] cases) =>
        new Evaluator().Run(cases.Select(entry =>
        {
            var truth = new FloatImage(1, 1, 8);
            truth.Data[..6].Fill(1);
            var probability = new FloatImage(1, 1, 8);
            probability.Data[..entry.Found].Fill(1);
            return new EvaluationCase(entry.Name, probability, [truth]);
        }));

    private static IEnumerable<string> Paths(JsonNode node, string prefix = "") => node switch
    {
        JsonObject members => members.SelectMany(member => Below(member.Value, prefix + member.Key)),
        JsonArray elements => elements.Take(1).SelectMany(element => Below(element, prefix + "0")),
        _ => [],
    };

    private static IEnumerable<string> Below(JsonNode? node, string path) =>
        node is null ? [path] : [path, .. Paths(node, path + "/")];

    private static void Replace(JsonNode root, string[] path, JsonNode value)
    {
        JsonNode parent = path[..^1].Aggregate(root, (node, key) => node is JsonArray array ? array[int.Parse(key)]! : node[key]!);
        if (parent is JsonArray array)
        {
            array[int.Parse(path[^1])] = value;
        }
        else
        {
            parent[path[^1]] = value;
        }
    }
}

using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Metrics;

/// <summary>A metric of a host's beside those of the library.</summary>
public sealed class CustomMetricTests
{
    private static readonly VolumeError Volume = new();
    private static readonly MetricOptions Options = new() { Groups = MetricGroups.Overlap, Custom = [Volume] };

    [Fact]
    public void Its_values_stand_in_cases_and_summary()
    {
        EvaluationReport report = Report();

        Assert.Equal(Volume, report.Metrics[^1]);
        Assert.Equal(0.5, report.Cases[0].Value(Volume), 12);
        Assert.Equal(0, report.Cases[1].Value(Volume), 12);
        MetricSummary summary = report.Summarize(Volume);
        Assert.Equal(2, summary.Count);
        Assert.Equal(["c-empty"], summary.Undefined);
        Assert.Equal(0.25, summary.Mean, 12);
        Assert.InRange(summary.Confidence.Lower, 0, 0.25);
        Assert.InRange(summary.Confidence.Upper, 0.25, 0.5);
        Assert.Equal(["c-empty", "a-missed", "b-perfect"], report.Worst(Volume).Select(result => result.Name));
    }

    [Fact]
    public void It_stands_in_the_reports()
    {
        EvaluationReport report = Report();

        string[] lines = report.ToCsv().Split("\r\n");
        Assert.EndsWith(",VolumeError", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(",0.5", lines[1], StringComparison.Ordinal);
        Assert.Contains("| VolumeError | 0.2500 |", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_that_was_read_is_asked_with_the_host_s_own_metric()
    {
        using var folder = new TemporaryFolder();
        EvaluationReport report = Report();
        report.SaveJson(folder.File("report.json"));

        EvaluationReport read = EvaluationReport.LoadJson(folder.File("report.json"));

        Assert.Equal(report.Metrics, read.Metrics);
        Assert.Equal(report.Summarize(Volume).Mean, read.Summarize(Volume).Mean);
        Assert.True(read.Settings.Metrics.Custom[0].IsLowerBetter);
        Assert.Equal("weight 1", read.Settings.Metrics.Custom[0].Definition);
        Assert.Contains(PairedComparison.Compare(report, read, [Volume]).Metrics, row => row.Metric == Volume && row.Pairs == 2);
        Assert.Throws<InvalidOperationException>(() => MapMetrics.Compute([0f], [false], 1, 1, read.Settings.Metrics));
    }

    [Fact]
    public void Numbers_of_another_definition_are_not_compared()
    {
        EvaluationReport other = Report(new VolumeError(weight: 2));
        EvaluationException refused = Assert.Throws<EvaluationException>(() => PairedComparison.Compare(Report(), other, [Volume]));
        Assert.Contains("metric VolumeError", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_has_no_micro_average_and_says_so() =>
        Assert.Throws<ArgumentException>(() => Report().Micro(Volume));

    [Theory]
    [InlineData("Dice")]
    [InlineData("dice")]
    [InlineData("a,b")]
    [InlineData("two\nlines")]
    public void A_name_that_is_taken_or_breaks_a_table_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => new Constant(name, 0));

    [Fact]
    public void An_infinite_value_is_refused_with_the_case()
    {
        var options = new EvaluatorOptions { Metrics = Options with { Custom = [new Constant("Ratio", double.PositiveInfinity)] } };
        EvaluationException refused = Assert.Throws<EvaluationException>(() => new Evaluator(options).Evaluate(Cases()));
        Assert.Contains("metric 'Ratio'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_name_twice_is_refused() =>
        Assert.Throws<InvalidOptionsException>(() => new Evaluator(new EvaluatorOptions
        {
            Metrics = Options with { Custom = [Volume, new VolumeError()] }
        }));

    [Fact]
    public void It_may_be_the_only_metric()
    {
        var options = new MetricOptions { Groups = MetricGroups.None, Custom = [Volume] };
        Assert.Equal(1, MapMetrics.Compute([0f, 0f], [true, true], 1, 2, options)[Volume]);
    }

    [Fact]
    public void Every_metric_of_the_library_is_found_by_its_name() =>
        Assert.All(Metric.BuiltIn, metric => Assert.Same(metric, Metric.Find(metric.Name)));

    private static EvaluationReport Report(CustomMetric? metric = null) =>
        new Evaluator(new EvaluatorOptions { Metrics = Options with { Custom = [metric ?? Volume] } }).Evaluate(Cases());

    private static EvaluationCase[] Cases() =>
    [
        new("a-missed", Map(0, 0, 0, 0), [Map(1, 1, 0, 0)]),
        new("b-perfect", Map(1, 0, 0, 0), [Map(1, 0, 0, 0)]),
        new("c-empty", Map(1, 0, 0, 0), [Map(0, 0, 0, 0)]),
    ];

    private static FloatImage Map(params float[] values) => new(1, 2, 2, values);

    private sealed class Constant(string name, double value) : CustomMetric(name)
    {
        public override double Compute(in MetricInput maps) => value;
    }
}

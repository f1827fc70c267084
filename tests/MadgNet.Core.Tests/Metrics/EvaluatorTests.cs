using System.Text;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Metrics;

public sealed class EvaluatorTests
{
    [Fact]
    public void Parallel_and_serial_reports_agree_bit_for_bit()
    {
        string serial = Json(new Evaluator(new EvaluatorOptions { DegreeOfParallelism = 1 }).Run(EvaluationCases.Make(30)));
        string parallel = Json(new Evaluator(new EvaluatorOptions { DegreeOfParallelism = 4 }).Run(EvaluationCases.Make(30)));
        Assert.Equal(serial, parallel);
    }

    [Fact]
    public void The_order_of_the_cases_changes_no_bit()
    {
        var evaluator = new Evaluator(new EvaluatorOptions { DegreeOfParallelism = 1 });
        EvaluationCase[] shuffled = [.. EvaluationCases.Make(20)];
        new Random(4).Shuffle(shuffled);
        EvaluationReport expected = evaluator.Run(EvaluationCases.Make(20));
        EvaluationReport actual = evaluator.Run(shuffled);
        Assert.Equal(Json(expected), Json(actual));
        Assert.Equal(expected.ToMarkdown(), actual.ToMarkdown());
    }

    [Fact]
    public async Task Cases_that_arrive_asynchronously_give_the_same_report()
    {
        var evaluator = new Evaluator();
        EvaluationReport report = await evaluator.EvaluateAsync(Cases(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Json(evaluator.Run(EvaluationCases.Make(10))), Json(report));

        static async IAsyncEnumerable<EvaluationCase> Cases()
        {
            foreach (EvaluationCase evaluated in EvaluationCases.Make(10))
            {
                await Task.Yield();
                yield return evaluated;
            }
        }
    }

    [Fact]
    public void Only_as_many_cases_as_are_measured_are_held()
    {
        int made = 0;
        int done = 0;
        int held = 0;
        new Evaluator(new EvaluatorOptions { DegreeOfParallelism = 2 }).Evaluate(
            Cases(), new Immediate(() => Interlocked.Increment(ref done)), TestContext.Current.CancellationToken);
        Assert.InRange(held, 1, 3);

        IEnumerable<EvaluationCase> Cases()
        {
            foreach (EvaluationCase evaluated in EvaluationCases.Make(40))
            {
                made++;
                held = Math.Max(held, made - Volatile.Read(ref done));
                yield return evaluated;
            }
        }
    }

    [Fact]
    public void Every_case_and_label_holds_the_metrics_of_its_maps()
    {
        EvaluationCase evaluated = EvaluationCases.Make(2).Last();
        EvaluationReport report = new Evaluator().Run([evaluated]);
        bool[] truth = [.. evaluated.Truth[1].Data.ToArray().Select(value => value >= 0.5f)];
        MapMetrics expected = MapMetrics.Compute(evaluated.Probability.Plane(1), truth, EvaluationCases.Size, EvaluationCases.Size);
        Assert.All(report.Metrics, metric => Assert.Equal(expected[metric], report.Cases[0].Labels[1].Values[metric]));
    }

    [Fact]
    public void A_dataset_is_evaluated_at_the_size_of_its_images()
    {
        EvaluationReport report = new Evaluator().RunOn(Dataset(), sample => sample.Masks[0], name => "patient of " + name);
        Assert.Equal("native", report.Settings.Resolution);
        CaseResult result = Assert.Single(report.Cases);
        Assert.Equal((12, 20, "patient of disc"), (result.Height, result.Width, result.Group));
        Assert.Equal(1, result.Value(Metric.Dice));
    }

    [Fact]
    public void A_dataset_is_evaluated_at_the_size_of_the_network_where_that_is_asked_for()
    {
        var evaluator = new Evaluator(new EvaluatorOptions { NetworkSize = (32, 32) });
        EvaluationReport report = evaluator.RunOn(Dataset(), sample => sample.Masks[0]);
        Assert.Equal("network, 32×32", report.Settings.Resolution);
        Assert.Equal((32, 32), (report.Cases[0].Height, report.Cases[0].Width));
    }

    [Fact]
    public void Maps_that_resizing_rounded_out_of_range_are_evaluated()
    {
        var truth = new FloatImage(1, 1, 3, [1.0000001f, 0.4f, -1e-7f]);
        EvaluationReport report = new Evaluator().Run([new EvaluationCase("rounded", truth.Clone(), [truth])]);
        Assert.Equal(1, report.Cases[0].Value(Metric.Dice));
    }

    [Fact]
    public void A_case_of_another_size_than_the_networks_is_refused()
    {
        var evaluator = new Evaluator(new EvaluatorOptions { NetworkSize = (32, 32) });
        var exception = Assert.Throws<EvaluationException>(() => evaluator.Run(EvaluationCases.Make(1)));
        Assert.Contains("received 24×24; expected the network's size, 32×32", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_cases_of_one_name_are_refused()
    {
        EvaluationCase[] cases = [.. EvaluationCases.Make(1), .. EvaluationCases.Make(1)];
        var exception = Assert.Throws<EvaluationException>(() => new Evaluator().Run(cases));
        Assert.Contains("'case 000'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_cases_at_all_are_refused() => Assert.Throws<EvaluationException>(() => new Evaluator().Run([]));

    [Fact]
    public void A_prediction_that_diverged_is_refused_with_the_name_of_its_case()
    {
        EvaluationCase[] cases = [.. EvaluationCases.Make(3)];
        cases[1].Probability.Data[5] = float.NaN;
        var exception = Assert.Throws<EvaluationException>(() => new Evaluator().Run(cases));
        Assert.Contains("Case 'case 001', label 0", exception.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidMapException>(exception.InnerException);
    }

    [Fact]
    public void Cases_of_other_labels_are_refused()
    {
        var other = new EvaluationCase("other", new FloatImage(1, 4, 4), [new FloatImage(1, 4, 4)]);
        Assert.Throws<EvaluationException>(() => new Evaluator().Run([.. EvaluationCases.Make(2), other]));
    }

    [Fact]
    public void An_exception_of_the_predictor_reaches_the_caller_as_it_is()
    {
        var thrown = new InvalidOperationException("out of memory");
        var caught = Assert.Throws<InvalidOperationException>(() => new Evaluator().RunOn(Dataset(), _ => throw thrown));
        Assert.Same(thrown, caught);
    }

    [Fact]
    public void A_cancelled_evaluation_ends()
    {
        using var source = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => new Evaluator().Evaluate(Cases(), null, source.Token));

        IEnumerable<EvaluationCase> Cases()
        {
            foreach (EvaluationCase evaluated in EvaluationCases.Make(1000))
            {
                source.Cancel();
                yield return evaluated;
            }
        }
    }

    [Fact]
    public void Thresholds_that_were_chosen_on_the_evaluated_set_are_refused()
    {
        ThresholdSelection selection = Evaluation.Sweep("validation", EvaluationCases.Make(3)).Selection;
        var exception = Assert.Throws<InvalidOptionsException>(() =>
            new Evaluator(new EvaluatorOptions { SetName = "validation", Thresholds = selection }));
        Assert.Contains("which is the evaluated set", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Chosen_thresholds_are_used_label_by_label()
    {
        ThresholdSelection selection = Evaluation.Sweep("validation", EvaluationCases.Make(6, noise: 0.8)).Selection;
        EvaluationCase evaluated = EvaluationCases.Make(2, noise: 0.8).Last();
        EvaluationReport report = new Evaluator(new EvaluatorOptions { Thresholds = selection }).Run([evaluated]);
        bool[] truth = [.. evaluated.Truth[1].Data.ToArray().Select(value => value >= 0.5f)];
        Assert.NotEqual(0.5, selection.Thresholds[1]);
        Assert.Equal(
            ConfusionCounts.FromMaps(evaluated.Probability.Plane(1), truth, 24, 24, selection.Thresholds[1]),
            report.Cases[0].Labels[1].Counts);
    }

    [Fact]
    public void The_spacing_of_a_case_goes_before_that_of_the_options()
    {
        EvaluationCase evaluated = EvaluationCases.Make(2).Last();
        var scaled = new EvaluationCase("scaled", evaluated.Probability, evaluated.Truth) { Spacing = new PixelSpacing(2, 2) };
        EvaluationReport report = new Evaluator().Run([evaluated, scaled]);
        Assert.Equal(
            2 * report.Cases[0].Value(Metric.HausdorffDistance, 1), report.Cases[1].Value(Metric.HausdorffDistance, 1), 1e-12);
    }

    [Fact]
    public void All_problems_of_the_options_are_reported_at_once()
    {
        var exception = Assert.Throws<InvalidOptionsException>(() => new Evaluator(new EvaluatorOptions
        {
            SetName = " ",
            NetworkSize = (0, 3),
            LabelNames = ["a", "a"],
            DegreeOfParallelism = 0,
            Metrics = new MetricOptions { Threshold = -1 },
        }));
        Assert.Equal(5, exception.Problems.Count);
    }

    [Fact]
    public void Cases_from_tensors_equal_cases_from_images_and_leave_no_tensor_behind()
    {
        EvaluationCase expected = EvaluationCases.Make(1).First();
        using Tensor probability = expected.Probability.ToTensor();
        using Tensor truth = zeros(2, 24, 24, ScalarType.Bool);
        TensorLeak.None(() => Assert.Equal(
            expected.Probability.Data.ToArray(), EvaluationCase.FromTensors("case", probability, truth).Probability.Data.ToArray()));
    }

    [Fact]
    public void Tensors_of_different_shapes_are_refused()
    {
        using Tensor probability = zeros(2, 4, 4);
        using Tensor truth = zeros(1, 4, 4);
        Assert.Throws<InvalidMapException>(() => EvaluationCase.FromTensors("case", probability, truth));
    }

    private static string Json(EvaluationReport report)
    {
        using var stream = new MemoryStream();
        ReportJson.Write(report, stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static InMemoryDataset Dataset()
    {
        var mask = new FloatImage(1, 12, 20);
        for (int row = 3; row < 9; row++)
        {
            mask.Row(0, row)[5..15].Fill(1);
        }

        return new InMemoryDataset([new Sample("disc", new FloatImage(3, 12, 20), [mask])]);
    }

    private sealed class Immediate(Action report) : IProgress<int>
    {
        public void Report(int value) => report();
    }
}

using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Metrics;
using MadgNet.Onnx;
using MadgNet.Reports.Pages;

namespace MadgNet.Cli.Commands;

/// <summary>What a page on a network needs of its images: an evaluation, curves and pictures of the best, median and worst cases.</summary>
internal static class RunPictures
{
    /// <summary>Evaluates a network on samples at their own size.</summary>
    public static (EvaluationReport Report, EvaluationCurves Curves, IReadOnlyList<CasePicture> Pictures) Of(
        SegmentationPredictor predictor,
        IDataset dataset,
        IReadOnlyList<string> labels,
        string set,
        CommandOutput output,
        CancellationToken cancellation)
    {
        var curves = new EvaluationCurves();
        var evaluator = new Evaluator(new EvaluatorOptions
        {
            SetName = set,
            LabelNames = labels,
            Metrics = new MetricOptions { Threshold = predictor.Thresholds[0] },
        });
        IEnumerable<EvaluationCase> cases = Enumerable.Range(0, dataset.Count).Select(i =>
        {
            CaseMaps maps = Load(i);
            return new EvaluationCase(dataset.NameOf(i), maps.Probability, maps.Truth);
        });
        EvaluationReport report = WorkProgress.Show(
            output, "evaluated", dataset.Count, progress => evaluator.Evaluate(curves.Watch(cases), progress, cancellation));
        Dictionary<string, int> byName = Enumerable.Range(0, dataset.Count).ToDictionary(dataset.NameOf);
        return (report, curves, CasePictures.Draw(report, name => Load(byName[name])));

        CaseMaps Load(int index)
        {
            Sample sample = dataset.Load(index);
            FloatImage shown = sample.Image.Channels is 1 or 3
                ? sample.Image
                : new FloatImage(1, sample.Image.Height, sample.Image.Width, sample.Image.Plane(0).ToArray());
            return new CaseMaps(shown, predictor.Predict(sample.Image).Probability, sample.Masks);
        }
    }

    /// <summary>The page of a run on its validation images, written into a file.</summary>
    public static void Save(
        string folder,
        string page,
        IDataset? validation,
        IReadOnlyList<string> labels,
        (string Device, int? Threads) machine,
        CommandOutput output,
        CancellationToken cancellation)
    {
        if (validation is null)
        {
            TrainingPage.Create(folder).Save(page);
        }
        else
        {
            string weights = Path.Combine(folder, MadgNet.Core.Training.Trainer.BestFileName);
            using SegmentationPredictor predictor = ModelFile.OpenPredictor(
                weights,
                new PredictorOptions { InputSize = new InputSide(CommonOptions.PublishedSize).Square },
                usualSize: true,
                machine.Device,
                machine.Threads,
                new OnnxRuntimeOptions { Threads = machine.Threads ?? 0 },
                output);
            (EvaluationReport report, EvaluationCurves curves, IReadOnlyList<CasePicture> pictures) = Of(
                predictor, validation, labels, "validation", output, cancellation);
            TrainingPage.Create(folder, report, curves, pictures).Save(page);
        }

        output.Line($"Report: {page}");
        output.Result["report"] = page;
    }
}

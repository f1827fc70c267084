using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;
using MadgNet.Core.Inference;
using MadgNet.Core.Metrics;
using MadgNet.Onnx;
using MadgNet.Reports.Pages;

namespace MadgNet.Cli.Commands;

/// <summary>The page of a run, with pictures where its validation images are at hand.</summary>
internal static class RunPictures
{
    /// <summary>The page of a run on its validation images, written into a file.</summary>
    public static void Save(
        string folder,
        string page,
        IDataset? validation,
        IReadOnlyList<string> labels,
        int[]? channels,
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
            var options = new EvaluatorOptions
            {
                SetName = "validation",
                LabelNames = labels,
                Metrics = new MetricOptions { Threshold = predictor.Thresholds[0] },
            };
            MeasuredCases measured = WorkProgress.Show(output, "evaluated", validation.Count, progress => MeasuredCases.Of(
                predictor, validation, options, channels: channels, progress: progress, cancellationToken: cancellation));
            TrainingPage.Create(folder, measured.Report, measured.Curves, measured.Pictures).Save(page);
        }

        output.Line($"Report: {page}");
        output.Result["report"] = page;
    }
}

using System.Text.Json;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Distribution;
using MadgNet.Core.Training.Precision;
using MadgNet.Core.Training.Watching;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Training;

/// <summary>
/// Scores a model on the validation set: every image is predicted on the calling thread, because tensors' scopes belong to
/// threads, and measured as an <see cref="Evaluator"/> does.
/// </summary>
internal sealed class RunValidator(
    SegmentationModel model, TrainerOptions options, BatchLoader loader, PrecisionPlan plan, RankSync ranks)
{
    private readonly EvaluatorOptions _evaluation = new()
    {
        SetName = "validation",
        LabelNames = model.LabelNames.Count == model.Labels ? model.LabelNames : null,
        Metrics = new MetricOptions
        {
            Groups = GroupsOf(options.Monitor),
            Custom = options.Monitor is CustomMetric own ? [own] : [],
            HausdorffPercentiles = options.Monitor is HausdorffMetric distance ? [distance.Percentile] : [],
            Threshold = options.Threshold
        },
    };

    /// <summary>Goes through the validation set. The model is in evaluation mode.</summary>
    /// <param name="state">Where the run is.</param>
    /// <param name="average">Whether the averaged weights are in the model.</param>
    /// <param name="firstImages">Sees the first batch's images; null for nobody.</param>
    /// <param name="batchDone">Is told the number of batches that are done.</param>
    /// <param name="cancellationToken">Ends the pass.</param>
    public RunValidation Run(
        RunState state, bool average, Action<Tensor>? firstImages, Action<int> batchDone, CancellationToken cancellationToken)
    {
        var run = new EvaluationRun(_evaluation, null);
        var pictures = new List<ValidationPicture>();
        var sums = new ThresholdSums(Metric.Dice);
        foreach (EvaluationCase evaluated in Cases())
        {
            if (options.CalibrateThreshold)
            {
                sums.Add(evaluated);
            }
        }

        foreach (byte[] part in ranks.IsAlone ? [] : ranks.Group.GatherBytes(Part(run, sums)).Where((_, rank) => rank != ranks.Group.Rank))
        {
            Take(part, run, sums);
        }

        double? threshold = options.CalibrateThreshold ? Best(sums.ToSweep(_evaluation.SetName)) : null;
        EvaluationReport report = run.ToReport();
        double monitored = Mean(report, options.Monitor);
        var score = new ValidationScore(Mean(report, Metric.Dice), Mean(report, Metric.IntersectionOverUnion), report.Cases.Count)
        {
            Monitor = options.Monitor.Name,
            Monitored = monitored,
        };
        return new RunValidation(
            new ValidationReport(state.Epoch + 1, state.Step, score, report, average, pictures),
            monitored,
            threshold);

        IEnumerable<EvaluationCase> Cases()
        {
            int batches = 0;
            int numbers = 0;
            foreach (Batch? batch in Batches(cancellationToken))
            {
                if (numbers++ % ranks.Group.Size == 0)
                {
                    // Once in a round in which every rank has had a batch.
                    ranks.ThrowIfCancelled(cancellationToken);
                }

                if (batch is null)
                {
                    continue;
                }

                using (batch)
                {
                    options.Probe?.Invoke($"validation batch {batch.Number}, step {state.Step}");
                    foreach (EvaluationCase evaluated in Predict(batch, state, batches == 0 ? firstImages : null))
                    {
                        run.Measure(evaluated);
                        if (pictures.Count < options.ValidationPictures)
                        {
                            pictures.Add(Picture(batch, evaluated));
                        }

                        yield return evaluated;
                    }
                }

                batchDone(++batches);
            }
        }
    }

    /// <summary>This rank's batches, each whole, as one process has them; null in the place of others'.</summary>
    private IEnumerable<Batch?> Batches(CancellationToken cancellationToken) => ranks.IsAlone
        ? loader.EpochFor(SupervisionTasks.Region, 0, 0, cancellationToken)
        : loader.PartsFor(SupervisionTasks.Region, 0, 0, BatchPart.Turn(ranks.Group.Rank, ranks.Group.Size), CancellationToken.None);

    /// <summary>What this rank has measured, for the others.</summary>
    private static byte[] Part(EvaluationRun run, ThresholdSums sums)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            run.Write(json);
            sums.Write(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void Take(byte[] part, EvaluationRun run, ThresholdSums sums)
    {
        using JsonDocument document = JsonDocument.Parse(part);
        run.Add(document.RootElement);
        sums.Add(document.RootElement);
    }

    private static MetricGroups GroupsOf(Metric monitored) => MetricGroups.Overlap | monitored switch
    {
        BuiltInMetric known => known.Group,
        HausdorffMetric => MetricGroups.Surface,
        _ => MetricGroups.None,
    };

    /// <summary>The mean over the images where the metric is defined.</summary>
    private static double Mean(EvaluationReport report, Metric metric)
    {
        double[] values = [.. report.Cases.Select(result => result.Value(metric)).Where(value => !double.IsNaN(value))];
        return values.Length == 0 ? double.NaN : values.Average();
    }

    /// <summary>One threshold for all labels: the best mean over them, and among equally good ones that nearest to 0.5.</summary>
    private static double Best(ThresholdSweep sweep) => sweep.Thresholds[
        Enumerable.Range(0, sweep.Thresholds.Count)
            .OrderByDescending(step => sweep.Scores.Average(label => label[step]))
            .ThenBy(step => Math.Abs(sweep.Thresholds[step] - 0.5))
            .First()];

    private static ValidationPicture Picture(Batch batch, EvaluationCase evaluated)
    {
        int index = batch.Names.ToList().IndexOf(evaluated.Name);
        using DisposeScope scope = NewDisposeScope();
        FloatImage image = FloatImage.FromTensor(batch.Images.select(0, index).cpu());
        var truth = new FloatImage(evaluated.Truth.Count, image.Height, image.Width);
        for (int label = 0; label < evaluated.Truth.Count; label++)
        {
            evaluated.Truth[label].Data.CopyTo(truth.Plane(label));
        }

        return new ValidationPicture(evaluated.Name, image, truth, evaluated.Probability);
    }

    private List<EvaluationCase> Predict(Batch batch, RunState state, Action<Tensor>? images)
    {
        try
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable precision = plan.Enter();
            using var noGradients = no_grad();
            Tensor input = plan.Arrange(batch.Images.to(model.Device));
            images?.Invoke(input);
            Tensor probability = PaddedInference.Probability(model, input).to(ScalarType.Float32).cpu();
            Tensor truth = batch.Targets.Region.cpu();
            Tensor? ignored = batch.Ignored?.cpu();
            return [.. batch.Names.Select((name, index) =>
                EvaluationCase.FromTensors(name, probability.select(0, index), truth.select(0, index), ignored?.select(0, index)))];
        }
        catch (Exception exception) when (MemoryExhaustion.Is(exception))
        {
            throw MemoryExhaustion.Explain(
                exception,
                batch.Images,
                $"Validation in epoch {state.Epoch + 1}, images {string.Join(", ", batch.Names)}",
                model.Device,
                options,
                validating: true);
        }
    }
}

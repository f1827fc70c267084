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
internal sealed class RunValidator
{
    private readonly RunParts _parts;
    private readonly SegmentationModel _model;
    private readonly TrainerOptions _options;
    private readonly RankSync _ranks;
    private readonly BatchLoader _loader;
    private readonly EvaluatorOptions _evaluation;

    public RunValidator(RunParts parts, BatchLoader loader)
    {
        _parts = parts;
        _options = parts.Options;
        _ranks = parts.Ranks;
        _model = parts.Model;
        _loader = loader;
        _evaluation = new EvaluatorOptions
        {
            SetName = "validation",
            LabelNames = _model.LabelNames.Count == _model.Labels ? _model.LabelNames : null,
            Metrics = new MetricOptions
            {
                Groups = GroupsOf(_options.Monitor),
                Custom = _options.Monitor is CustomMetric own ? [own] : [],
                HausdorffPercentiles = _options.Monitor is HausdorffMetric distance ? [distance.Percentile] : [],
                Threshold = _options.Threshold
            },
        };
    }

    /// <summary>Scores the weights, and their average where there is one. The model is in evaluation mode afterwards.</summary>
    /// <param name="state">Where the run is.</param>
    /// <param name="batchDone">Is told the number of batches that are done.</param>
    /// <param name="cancellationToken">Ends the pass.</param>
    public (RunValidation Raw, RunValidation? Averaged) Score(RunState state, Action<int> batchDone, CancellationToken cancellationToken)
    {
        _model.eval();
        bool looks = !state.Warned.Contains(TrainingWarningKind.DeadAttention);
        RunValidation raw = Run(state, average: false, looks ? LookAtAttention : null, batchDone, cancellationToken);
        if (_parts.Stepper.Average is not { } average)
        {
            return (raw, null);
        }

        using IDisposable swapped = average.Apply();
        _model.eval();
        return (raw, Run(state, average: true, null, batchDone, cancellationToken));

        void LookAtAttention(Tensor images)
        {
            if (AttentionWatch.FindDead(_model, images) is { } dead)
            {
                _parts.Reporter.Warn(state, TrainingWarningKind.DeadAttention, dead);
            }
        }
    }

    /// <summary>Goes through the validation set.</summary>
    /// <param name="state">Where the run is.</param>
    /// <param name="average">Whether the averaged weights are in the model.</param>
    /// <param name="firstImages">Sees the first batch's images; null for nobody.</param>
    /// <param name="batchDone">Is told the number of batches that are done.</param>
    /// <param name="cancellationToken">Ends the pass.</param>
    private RunValidation Run(
        RunState state, bool average, Action<Tensor>? firstImages, Action<int> batchDone, CancellationToken cancellationToken)
    {
        var run = new EvaluationRun(_evaluation, null);
        var pictures = new List<ValidationPicture>();
        var sums = new ThresholdSums(Metric.Dice);
        foreach (EvaluationCase evaluated in Cases())
        {
            if (_options.CalibrateThreshold)
            {
                sums.Add(evaluated);
            }
        }

        foreach (byte[] part in _ranks.IsAlone
            ? []
            : _ranks.Group.GatherBytes(Part(run, sums)).Where((_, rank) => rank != _ranks.Group.Rank))
        {
            Take(part, run, sums);
        }

        double? threshold = _options.CalibrateThreshold ? Best(sums.ToSweep(_evaluation.SetName)) : null;
        EvaluationReport report = run.ToReport();
        double monitored = Mean(report, _options.Monitor);
        var score = new ValidationScore(Mean(report, Metric.Dice), Mean(report, Metric.IntersectionOverUnion), report.Cases.Count)
        {
            Monitor = _options.Monitor.Name,
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
                if (numbers++ % _ranks.Group.Size == 0)
                {
                    // Once in a round in which every rank has had a batch.
                    _ranks.ThrowIfCancelled(cancellationToken);
                }

                if (batch is null)
                {
                    continue;
                }

                using (batch)
                {
                    _options.Probe?.Invoke($"validation batch {batch.Number}, step {state.Step}");
                    foreach (EvaluationCase evaluated in Predict(batch, state, batches == 0 ? firstImages : null))
                    {
                        run.Measure(evaluated);
                        if (pictures.Count < _options.ValidationPictures)
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
    private IEnumerable<Batch?> Batches(CancellationToken cancellationToken) => _ranks.IsAlone
        ? _loader.EpochFor(SupervisionTasks.Region, 0, 0, cancellationToken)
        : _loader.PartsFor(SupervisionTasks.Region, 0, 0, BatchPart.Turn(_ranks.Group.Rank, _ranks.Group.Size), CancellationToken.None);

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
            using IDisposable precision = _parts.Plan.Enter();
            using var noGradients = no_grad();
            Tensor input = _parts.Plan.Arrange(batch.Images.to(_model.Device));
            images?.Invoke(input);
            Tensor probability = PaddedInference.Probability(_model, input).to(ScalarType.Float32).cpu();
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
                _model.Device,
                _options,
                validating: true);
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Inference;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Precision;
using MadgNet.Core.Training.Recipes;

namespace MadgNet.Core.Benchmarks;

/// <summary>One training of the learning bench, with what it came to.</summary>
internal sealed class LearningRun : IProgress<TrainingProgress>, ITrainingObserver
{
    private static readonly Metric[] Columns = [Metric.Dice, Metric.IntersectionOverUnion, Metric.StructureMeasure];
    private readonly TextWriter _output;
    private readonly List<double> _stepSeconds = [];

    private LearningRun(LearningCase learning, TextWriter output)
    {
        Case = learning;
        _output = output;
    }

    public LearningCase Case { get; }

    public TrainingResult Result { get; private set; } = null!;

    public EvaluationReport Seen { get; private set; } = null!;

    public EvaluationReport? Unseen { get; private set; }

    public string Precision { get; private set; } = "";

    public string Settings { get; private set; } = "";

    /// <summary>The median time of a step, without waiting for the loader.</summary>
    public double StepSeconds => _stepSeconds.Count == 0 ? double.NaN : _stepSeconds.Order().ElementAt(_stepSeconds.Count / 2);

    /// <summary>Trains from fresh weights, and tests the weights of the last epoch at the images' own size.</summary>
    public static LearningRun Of(
        LearningCase learning, TrainingPrecision precision, string data, TextWriter output, CancellationToken cancellationToken)
    {
        var run = new LearningRun(learning, output);
        Recipe recipe = learning.Recipe(precision);
        (IDataset training, IDataset validation, IDataset test) = learning.Divide(data, recipe);
        recipe = recipe with { Trainer = recipe.Trainer with { Observers = [run] } };
        var watch = Stopwatch.StartNew();
        using SegmentationModel model = recipe.BuildModel();
        run.Result = recipe.TrainModel(model, training, validation, run, cancellationToken: cancellationToken);
        TimeSpan trained = watch.Elapsed;
        using var predictor = new Predictor(model, new PredictorOptions { InputSize = (learning.Size, learning.Size) });
        run.Seen = Evaluate(learning.Seen + ", test part", test);
        run.Unseen = learning.Unseen is null ? null : Evaluate(learning.Unseen, learning.OpenUnseen(data));
        run.Settings = string.Create(
            CultureInfo.InvariantCulture,
            $"{training.Count} images to train on, {validation.Count} to validate, {test.Count} to test, by seed {LearningCase.Seed}; ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"{learning.Size}×{learning.Size}, batches of {recipe.BatchSize}, {learning.Epochs} epochs, {run.Result.Steps} steps; "
                    + $"Adam, {recipe.Trainer.Schedule}; {run.Precision}; fresh weights, batch-norm momentum "
                        + $"{recipe.Model.BatchNormMomentum}, intensities {recipe.Model.Input.Scaling}; otherwise the published recipe. ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"Trained in {trained.TotalSeconds:F0} s, {run.StepSeconds:F2} s a step (median), tested in "
                    + $"{(watch.Elapsed - trained).TotalSeconds:F0} s.");
        return run;

        EvaluationReport Evaluate(string name, IDataset samples) =>
            new Evaluator(new EvaluatorOptions
            {
                SetName = name,
                ModelName = learning.Name,
                LabelNames = model.LabelNames,
                Metrics = new MetricOptions { Groups = MetricGroups.Overlap | MetricGroups.Structure },
            }).EvaluateDataset(samples, sample => predictor.Predict(sample.Image).Probability, cancellationToken: cancellationToken);
    }

    /// <summary>Settings, curve and scores in Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        text.WriteLine($"### {Case.Title}\n\n{Settings}\n");
        if (Unseen is not null)
        {
            text.WriteLine(GeneralizationTable.Create([Seen], [Unseen], Columns).ToMarkdown().TrimEnd());
        }
        else
        {
            text.WriteLine($"| {Seen.Settings.SetName} | cases | metric | mean | 95 % interval |\n|---|---:|---|---:|---:|");
            for (int label = 0; label < Seen.Labels.Count; label++)
            {
                foreach (Metric metric in Columns)
                {
                    MetricSummary summary = Seen.Summarize(metric, label);
                    text.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {Seen.Labels[label]} | {summary.Count} | {metric} | {summary.Mean:F3} | {summary.Confidence.Lower:F3} to "
                            + $"{summary.Confidence.Upper:F3} |"));
                }
            }
        }

        text.WriteLine("\n| epoch | loss | validation Dice | validation IoU | seconds |\n|---:|---:|---:|---:|---:|");
        foreach (EpochRecord epoch in Result.History)
        {
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {epoch.Epoch} | {epoch.Loss:F3} | {epoch.Validation?.Dice:F3} | {epoch.Validation?.IntersectionOverUnion:F3} | "
                    + $"{epoch.Duration.TotalSeconds:F1} |"));
        }

        return text.ToString();
    }

    public void Report(TrainingProgress value)
    {
        if (value.Phase == TrainingPhase.EpochCompleted)
        {
            _output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Case.Name,-11} epoch {value.Epoch,2}/{value.Epochs}  loss {value.Loss,6:F3}  validation Dice "
                    + $"{value.Validation?.Dice:F3}  {value.Elapsed.TotalSeconds,4:F0} s, {value.Remaining.TotalSeconds:F0} s left"));
        }
    }

    void ITrainingObserver.RunStarted(TrainingRun run) => Precision = run.Precision;

    void ITrainingObserver.StepCompleted(StepReport step) => _stepSeconds.Add(step.ComputeTime.TotalSeconds);
}

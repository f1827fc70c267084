using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Inference;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Recipes;

namespace MadgNet.Core.Benchmarks.Pretrained;

/// <summary>Trains, tests and keeps what came of it.</summary>
internal sealed class PretrainedRun(string data, string folder, TextWriter output, CancellationToken cancellationToken)
{
    /// <summary>The result of a case; that of an earlier bench in the same folder where the settings are the same.</summary>
    public PretrainedResult Of(PretrainedCase set, PretrainedStart start, long seed)
    {
        Recipe recipe = start.Change(set.Recipe(set.CountTraining(data), seed));
        (IDataset training, IDataset validation, IDataset test) = set.Divide(data, recipe);
        string name = $"{set.Name}-{start.Name}-{seed}";
        string file = Path.Combine(folder, name + ".json");
        string settings = Describe(recipe, set, start);
        if (PretrainedResult.Load(file, settings) is { } kept)
        {
            output.WriteLine($"{name}: kept from {file}");
            return kept;
        }

        if (start.EqualTime)
        {
            recipe = InEqualTime(recipe, set, seed, training);
        }

        // A run that was interrupted goes on; one of other settings is refused by the trainer, and begins again.
        string runFolder = Path.Combine(folder, name);
        string marker = Path.Combine(runFolder, "settings.txt");
        if (Directory.Exists(runFolder) && (!File.Exists(marker) || File.ReadAllText(marker) != settings))
        {
            Directory.Delete(runFolder, recursive: true);
        }

        Directory.CreateDirectory(runFolder);
        File.WriteAllText(marker, settings);
        recipe = recipe with { Trainer = recipe.Trainer with { OutputFolder = runFolder, Resume = ResumeMode.IfPresent } };
        TrainingResult result = recipe.Train(
            training, validation, new Lines(name, output), cancellationToken: cancellationToken);
        double seconds = result.History.Sum(epoch => epoch.Duration.TotalSeconds);
        using Predictor predictor = Predictor.Load(result.BestCheckpoint!);
        var measured = new PretrainedResult
        {
            Settings = settings,
            Case = set.Name,
            Start = start.Name,
            Seed = seed,
            Validation = result.Best.Validation?.Dice ?? double.NaN,
            Seen = Score(predictor, test),
            Unseen = set.Unseen is null ? null : Score(predictor, set.OpenUnseen(data)),
            Steps = result.Steps,
            Seconds = seconds,
        };
        measured.Save(file);
        Directory.Delete(runFolder, recursive: true);
        return measured;
    }

    private PretrainedResult.Score Score(Predictor predictor, IDataset samples)
    {
        MetricSummary dice = new Evaluator(new EvaluatorOptions { Metrics = new MetricOptions { Groups = MetricGroups.Overlap } })
            .EvaluateDataset(samples, sample => predictor.Predict(sample.Image).Probability, cancellationToken: cancellationToken)
            .Summarize(Metric.Dice);
        return new PretrainedResult.Score(dice.Mean, dice.Confidence.Lower, dice.Confidence.Upper, samples.Count);
    }

    /// <summary>As many epochs as take the time of the recipe with pretrained weights, by the time of some steps of either.</summary>
    private Recipe InEqualTime(Recipe recipe, PretrainedCase set, long seed, IDataset training)
    {
        Recipe model = set.Recipe(training.Count, seed);
        double ratio = StepSeconds(recipe, training) / StepSeconds(model, training);
        int epochs = Math.Max(1, (int)Math.Round(model.Trainer.Epochs / ratio));
        output.WriteLine(Measuring.Text($"a step takes {ratio:F2} times as long: {epochs} epochs instead of {model.Trainer.Epochs}"));
        return recipe.WithEpochs(epochs);
    }

    private double StepSeconds(Recipe recipe, IDataset training)
    {
        const int Steps = 6;
        var clock = new StepClock();
        using SegmentationModel model = recipe.BuildModel();
        (recipe with { Trainer = recipe.Trainer with { Steps = Steps, OutputFolder = null, Observers = [clock] } })
            .TrainModel(model, training, cancellationToken: cancellationToken);
        return Measuring.Median(clock.Seconds);
    }

    private static string Describe(Recipe recipe, PretrainedCase set, PretrainedStart start) => string.Create(
        CultureInfo.InvariantCulture,
        $"{start.Name}; {set.Seen}, {set.Unseen ?? "no unseen set"}; {recipe.Model.ToJson()}; {recipe.Size} pixels; batches of {recipe.BatchSize}; "
            + $"{recipe.Trainer.Epochs} epochs; {recipe.Trainer.Optimizer}; {recipe.Trainer.Schedule}; {recipe.Trainer.Loss}; "
            + $"{recipe.Trainer.FrozenNormalization} normalisations and {recipe.Trainer.FrozenEncoderEpochs} epochs frozen; "
            + $"{string.Join(", ", recipe.Augmentation)}; seed {recipe.Seed}");

    private sealed class StepClock : ITrainingObserver
    {
        public List<double> Seconds { get; } = [];

        public void StepCompleted(StepReport step) => Seconds.Add(step.ComputeTime.TotalSeconds);
    }

    private sealed class Lines(string name, TextWriter output) : IProgress<TrainingProgress>
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();

        public void Report(TrainingProgress value)
        {
            if (value.Phase == TrainingPhase.EpochCompleted)
            {
                output.WriteLine(Measuring.Text(
                    $"{name,-28} epoch {value.Epoch,3}/{value.Epochs}  loss {value.Loss,6:F3}  validation Dice {value.Validation?.Dice:F3}  {_watch.Elapsed.TotalSeconds,4:F0} s"));
            }
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using MadgNet.Core.Data;
using MadgNet.Core.Inference;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Training.Reporting;
using MadgNet.Studies.Cells;
using MadgNet.Studies.Data;
using MadgNet.Studies.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Studies.Running;

/// <summary>Trains and tests one cell in its folder, going on where an earlier process stopped.</summary>
internal sealed class CellRunner(Study study, StudyData data, StudyRunOptions options)
{
    private const int AttentionImages = 4;
    private const int TimedPredictions = 5;
    private const int Validations = 4;
    private const string StepsName = "steps.json";

    /// <summary>Runs the cell.</summary>
    /// <param name="key">The cell.</param>
    /// <param name="runFolder">The folder of its training; created when absent.</param>
    /// <param name="progress">Receives the training's progress; null for none.</param>
    /// <param name="cancellation">Ends the training within one step, with a checkpoint written.</param>
    /// <returns>The result.</returns>
    public StudyCell Run(
        StudyCellKey key, string runFolder, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        StudyVariant variant = study.Variants.First(candidate => candidate.Name == key.Variant);
        Recipe recipe = StudyRecipe.Create(study.RecipeOf(variant), key.Seed, options.Registry);
        recipe = StudyRecipe.StartFrom(recipe, options.Pretrained.GetValueOrDefault(study.Start));
        int size = SizeOf(recipe);
        CellData images = data.For(variant, recipe);
        Directory.CreateDirectory(runFolder);
        recipe = WithBudget(recipe, images, runFolder, cancellation);
        using SegmentationModel model = recipe.BuildModel();
        double gigaflops = NetworkCost.Gigaflops(model, model.Input.Channels, size);
        options.Probe?.Invoke("built");
        var memory = new MemoryWatch(progress);
        recipe = recipe with
        {
            Trainer = recipe.Trainer with
            {
                OutputFolder = runFolder,
                Resume = ResumeMode.IfPresent,
                Checkpoints = new CheckpointOptions { Every = options.CheckpointEvery, Keep = 1, KeepBest = false },
                Observers = [new HistoryWriter(new HistoryOptions { JsonLines = false }, options.Logger)],
            },
        };
        TrainingResult result = recipe.TrainModel(model, images.Training, images.Validation, memory, options.Logger, cancellation);
        options.Probe?.Invoke("trained");
        CellSet[] sets = [.. images.Tests.Select(test => Test(model, recipe, test, cancellation))];
        RunHistory history = RunHistory.Read(runFolder);
        return new StudyCell
        {
            Study = study.Name,
            Key = key,
            Fingerprint = StudyFingerprint.Of(study, variant),
            Data = images.Digest(),
            Status = CellStatus.Done,
            Parameters = model.ParameterCount,
            Gigaflops = gigaflops,
            TrainingImages = images.Training.Count,
            Steps = result.Steps,
            Size = size,
            Curve = history.Curve(),
            Sets = sets,
            Attention = AttentionReader.Read(model, images.Tests[0].Images, size, AttentionImages),
            Cost = new CellCost(
                history.SecondsPerStep(),
                MillisecondsPerImage(model, size),
                memory.Peak,
                get_num_threads(),
                Processor()),
        };
    }

    /// <summary>The side that all images are resized to: a study's recipe has one.</summary>
    private static int SizeOf(Recipe recipe) => recipe.Size ?? throw new StudyException("recipe", [new Problem(
        "size", "none", "the side that images are resized to, a multiple of 32", "Name it in the study's recipe")]);

    private static string Processor() => string.Create(
        CultureInfo.InvariantCulture,
        $"{System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} processors");

    /// <summary>The median time of one image in the form that predicts fastest.</summary>
    private static double MillisecondsPerImage(SegmentationModel model, int size)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        using InferenceModel inference = model.ForInference();
        Tensor image = zeros([1, model.Input.Channels, size, size], ScalarType.Float32, model.Device);
        var times = new List<double>();
        for (int i = -1; i < TimedPredictions; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            using (inference.Predict(image))
            {
                if (i >= 0)
                {
                    times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
                }
            }
        }

        times.Sort();
        return times[times.Count / 2];
    }

    /// <summary>The recipe with the study's budget; seconds become steps once for a run folder.</summary>
    private Recipe WithBudget(Recipe recipe, CellData images, string runFolder, CancellationToken cancellation)
    {
        long? steps = study.Budget.Steps;
        if (study.Budget.Seconds is { } seconds)
        {
            string path = Path.Combine(runFolder, StepsName);
            if (!File.Exists(path))
            {
                long measured = Math.Max(1, (long)Math.Round(seconds / SecondsPerStep(recipe, images, cancellation)));
                AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, measured));
            }

            steps = JsonSerializer.Deserialize<long>(RegularFile.ReadAllText(path));
        }

        int epochSteps = Math.Max(1, images.Training.Count / recipe.BatchSize);
        long total = steps ?? (long)study.Budget.Epochs!.Value * epochSteps;
        return recipe with
        {
            Trainer = recipe.Trainer with
            {
                Epochs = study.Budget.Epochs ?? 1,
                Steps = steps,
                ValidateEverySteps = Math.Max(1, total / Validations),
            },
        };
    }

    /// <summary>The median time of a few steps of a network that is thrown away.</summary>
    private double SecondsPerStep(Recipe recipe, CellData images, CancellationToken cancellation)
    {
        const int warmUp = 2;
        const int timed = 5;
        var watch = new StepWatch();
        using SegmentationModel model = recipe.BuildModel();
        Recipe trial = recipe with
        {
            Trainer = recipe.Trainer with { Steps = warmUp + timed, OutputFolder = null, Observers = [watch] },
        };
        trial.TrainModel(model, images.Training, null, null, options.Logger, cancellation);
        double[] times = [.. watch.Seconds.Skip(warmUp).Order()];
        return Math.Max(1e-3, times[times.Length / 2]);
    }

    private CellSet Test(SegmentationModel model, Recipe recipe, TestSet test, CancellationToken cancellation)
    {
        Metric[] metrics = [.. study.Metrics.Select(name => Metric.BuiltIn.First(metric => metric.Name == name))];
        var evaluator = new Evaluator(new EvaluatorOptions
        {
            SetName = test.Name,
            LabelNames = test.Images.Labels.Count > 0 ? test.Images.Labels : null,
            Metrics = new MetricOptions
            {
                Groups = metrics.Select(GroupOf).Aggregate((left, right) => left | right),
            },
        });
        using var predictor = new Predictor(model, new PredictorOptions { InputSize = (SizeOf(recipe), SizeOf(recipe)) });
        EvaluationReport report = evaluator.EvaluateDataset(
            test.Images, sample => predictor.Predict(sample.Image).Probability, cancellationToken: cancellation);
        return new CellSet(
            test.Name,
            test.Seen,
            [.. report.Cases.Select(result => result.Name)],
            metrics.ToDictionary(
                metric => metric.Name,
                metric => (IReadOnlyList<double>)[.. report.Cases.Select(result => result.Value(metric))],
                StringComparer.Ordinal));
    }

    /// <summary>The group that a metric is computed with.</summary>
    private static MetricGroups GroupOf(Metric metric) => new[]
    {
        MetricGroups.Overlap, MetricGroups.Structure, MetricGroups.Ranking, MetricGroups.Calibration, MetricGroups.Surface,
        MetricGroups.Components, MetricGroups.Thresholds,
    }.First(group => new MetricOptions { Groups = group }.Metrics.Contains(metric));

    /// <summary>The largest memory that the process held, on the way to whoever else listens.</summary>
    private sealed class MemoryWatch(IProgress<TrainingProgress>? next) : IProgress<TrainingProgress>
    {
        public long Peak { get; private set; }

        public void Report(TrainingProgress value)
        {
            Peak = Math.Max(Peak, value.MemoryBytes);
            next?.Report(value);
        }
    }

    private sealed class StepWatch : ITrainingObserver
    {
        public List<double> Seconds { get; } = [];

        public void StepCompleted(StepReport step) => Seconds.Add((step.DataTime + step.ComputeTime).TotalSeconds);
    }
}

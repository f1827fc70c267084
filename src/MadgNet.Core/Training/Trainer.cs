using System.Diagnostics;
using MadgNet.Core.Data;
using MadgNet.Core.Internal;
using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using MadgNet.Core.Modules;
using MadgNet.Core.Weights;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TorchSharp;
using static TorchSharp.torch;
using Adam = TorchSharp.Modules.Adam;

namespace MadgNet.Core.Training;

/// <summary>
/// Trains a model with Adam under deep supervision, scores it on a validation set, and keeps the weights of the best and
/// of the last epoch.
/// </summary>
/// <remarks>
/// What is augmented, shuffled and seeded is the loader's business: the same model, loaders and options give the same
/// weights on the same CPU. A trainer holds no tensors between runs and does not own the model. Images of a validation
/// set may have any size: they are padded to a multiple of the model's stride and the result is cropped back.
/// </remarks>
public sealed class Trainer
{
    /// <summary>The name of the file with the best epoch's weights, in the output folder.</summary>
    public const string BestFileName = "best.safetensors";

    /// <summary>The name of the file with the last epoch's weights, in the output folder.</summary>
    public const string LastFileName = "last.safetensors";

    private readonly MadgNetModel _model;
    private readonly TrainerOptions _options;
    private readonly ILogger _logger;

    /// <summary>Creates a trainer for a model.</summary>
    /// <param name="model">The model; it stays the caller's. Put it on its device before training begins.</param>
    /// <param name="options">How to train; the published recipe when null.</param>
    /// <param name="logger">Receives what happens; null for nowhere.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public Trainer(MadgNetModel model, TrainerOptions? options = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new TrainerOptions();
        InvalidOptionsException.ThrowIfAny(nameof(Trainer), options.Validate());
        _model = model;
        _options = options;
        _logger = logger ?? NullLogger.Instance;
    }

    /// <summary>How the trainer trains.</summary>
    public TrainerOptions Options => _options;

    /// <summary>Trains on a thread of its own; see <see cref="Train"/>.</summary>
    /// <param name="training">The training set.</param>
    /// <param name="validation">The validation set, or null for none.</param>
    /// <param name="progress">Receives a report after every step, validation batch and epoch; null for none.</param>
    /// <param name="cancellationToken">Ends the run within one step.</param>
    /// <returns>The result, once the run has ended.</returns>
    public Task<TrainingResult> TrainAsync(DataLoader training, DataLoader? validation = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.Factory.StartNew(
            () => Train(training, validation, progress, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    /// <summary>Trains the model. Afterwards it holds the weights of the last epoch and is in evaluation mode, however the run ended.</summary>
    /// <param name="training">The training set; its batches have a height and width that are multiples of the model's stride.</param>
    /// <param name="validation">The validation set, or null for none: then the last epoch counts as the best.</param>
    /// <param name="progress">Receives a report after every step, validation batch and epoch; null for none.</param>
    /// <param name="cancellationToken">Ends the run within one step; the last checkpoint is written before.</param>
    /// <returns>The history, and where the checkpoints are.</returns>
    /// <exception cref="InvalidOptionsException">Loaders and model do not fit each other.</exception>
    /// <exception cref="DataLoadException">A sample cannot be loaded.</exception>
    /// <exception cref="TensorShapeException">A batch has another size than the model takes.</exception>
    /// <exception cref="TrainingException">The loss is no longer a number, or the last checkpoint cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public TrainingResult Train(DataLoader training, DataLoader? validation = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        InvalidOptionsException.ThrowIfAny(nameof(Trainer), ValidateLoaders(training));
        CreateOutputDirectory();
        if (_logger.IsEnabled(LogLevel.Information))
        {
            _logger.LogInformation(
                "Training {Epochs} epochs on {Images} images ({Steps} steps of {BatchSize} an epoch), validating on {ValidationImages}, on {Device}",
                _options.Epochs,
                training.SampleCount,
                training.BatchCount,
                training.Options.BatchSize,
                validation?.SampleCount ?? 0,
                _model.Device);
        }

        var run = new Run(training, validation, progress, _options.Schedule.Start());
        try
        {
            using Adam optimizer = optim.Adam(_model.parameters(), RateOf(run, 0));
            for (int epoch = 0; epoch < _options.Epochs; epoch++)
            {
                RunEpoch(run, optimizer, epoch, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            _logger.LogInformation("Training was cancelled after {Steps} steps", run.StepsDone);
            SaveLast(run);
            throw;
        }
        finally
        {
            _model.eval();
        }

        int best = run.BestEpoch == 0 ? run.History.Count : run.BestEpoch;
        return new TrainingResult(run.History, best, run.BestEpoch == 0 ? run.LastCheckpoint : run.BestCheckpoint, run.LastCheckpoint);
    }

    private static double Mean(IEnumerable<ConfusionCounts[]> images, Func<ConfusionCounts, double> measure) =>
        images.Average(labels => labels.Average(measure));

    private double RateOf(Run run, int epoch)
    {
        int steps = Math.Max(1, run.Training.BatchCount);
        return run.Rates.RateAt(new TrainingPosition((long)epoch * steps, (long)_options.Epochs * steps, epoch, _options.Epochs, steps));
    }

    private void RunEpoch(Run run, Adam optimizer, int epoch, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        double rate = RateOf(run, epoch);
        foreach (var group in optimizer.ParamGroups)
        {
            group.LearningRate = rate;
        }

        run.Begin(epoch, rate);
        _model.train();
        foreach (Batch batch in run.Training.Epoch(epoch, cancellationToken))
        {
            using (batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (batch.Count == 1 && NeedsTwoImages())
                {
                    _logger.LogWarning("Skipped a batch that holds one image only ({Name}): split attention cannot be trained on it", batch.Names[0]);
                    continue;
                }

                Step(run, optimizer, batch);
            }

            run.Report(TrainingPhase.Training, run.Meter.Steps, run.Training.BatchCount, _options.Epochs);
        }

        run.Meter.Stop();
        ValidationScore? score = null;
        bool last = epoch + 1 == _options.Epochs;
        if (run.Validation is not null && (last || (epoch + 1) % _options.ValidateEvery == 0))
        {
            score = Score(run, cancellationToken);
        }

        run.History.Add(new EpochRecord(epoch + 1, run.Meter.MeanLoss, rate, score, watch.Elapsed));
        if (score is not null && (run.BestScore is null || score.Dice > run.BestScore.Dice))
        {
            run.BestScore = score;
            run.BestEpoch = epoch + 1;
            run.BestCheckpoint = TrySave(BestFileName, run) ? Path.Combine(_options.OutputDirectory!, BestFileName) : null;
        }

        if (last)
        {
            SaveLast(run);
        }
        else if (TrySave(LastFileName, run))
        {
            run.LastCheckpoint = Path.Combine(_options.OutputDirectory!, LastFileName);
        }

        if (_logger.IsEnabled(LogLevel.Information))
        {
            _logger.LogInformation(
                "Epoch {Epoch}/{Epochs}: loss {Loss:F4}, rate {LearningRate:G3}, validation Dice {Dice:F4}, IoU {IoU:F4}, {Seconds:F1} s",
                epoch + 1,
                _options.Epochs,
                run.Meter.MeanLoss,
                rate,
                score?.Dice ?? double.NaN,
                score?.IntersectionOverUnion ?? double.NaN,
                watch.Elapsed.TotalSeconds);
        }

        run.Report(TrainingPhase.EpochCompleted, run.Meter.Steps, run.Training.BatchCount, _options.Epochs);
    }

    private void Step(Run run, Adam optimizer, Batch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Device device = _model.Device;
        var targets = new TaskMaps(batch.Targets.Region.to(device), batch.Targets.Distance.to(device), batch.Targets.Boundary.to(device));
        optimizer.zero_grad();
        MadgNetOutput output = _model.call(batch.Images.to(device));
        DeepSupervisionResult loss = _options.Loss.Compute(output.Stages, targets);
        double total = loss.Total.detach().to(ScalarType.Float64).item<double>();
        if (!double.IsFinite(total))
        {
            throw new TrainingException(new Problem(
                $"Epoch {run.Epoch + 1}, step {run.Meter.Steps + 1}, images {string.Join(", ", batch.Names)}",
                FormattableString.Invariant($"a loss of {total}"),
                "a finite loss",
                "Lower the learning rate, and look at these images and masks for values that are not numbers"));
        }

        loss.Total.backward();
        optimizer.step();
        run.Meter.Add(total, loss.ReadStages(), batch.Count);
        run.StepsDone++;
    }

    private ValidationScore Score(Run run, CancellationToken cancellationToken)
    {
        _model.eval();
        var images = new List<ConfusionCounts[]>();
        int number = 0;
        foreach (Batch batch in run.Validation!.Epoch(0, cancellationToken))
        {
            using (batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using DisposeScope scope = NewDisposeScope();
                Tensor probability = PaddedInference.Probability(_model, batch.Images.to(_model.Device));
                images.AddRange(ConfusionCounts.FromBatch(probability, batch.Targets.Region.to(_model.Device), _options.Threshold));
            }

            run.Report(TrainingPhase.Validation, ++number, run.Validation.BatchCount, _options.Epochs);
        }

        var score = new ValidationScore(
            Mean(images, counts => counts.Dice),
            Mean(images, counts => counts.IntersectionOverUnion),
            images.Count);
        run.LatestScore = score;
        run.EpochScore = score;
        return score;
    }

    private List<Problem> ValidateLoaders(DataLoader training)
    {
        var problems = new List<Problem>();
        int size = training.Options.BatchSize;
        int last = training.Options.DropLast ? size : ((training.SampleCount - 1) % size) + 1;
        if (NeedsTwoImages() && (size == 1 || last == 1))
        {
            problems.Add(new Problem(
                "training loader",
                $"{training.SampleCount} images in batches of {size}, which leaves a batch of one image",
                "two images or more in every batch: the split attention of this encoder normalises over the batch",
                "Set DropLast, or choose another batch size"));
        }

        if (training.BatchCount == 0)
        {
            problems.Add(new Problem("training loader", $"{training.SampleCount} images, no whole batch of {size}", "at least one batch", "Lower the batch size or do not drop the last batch"));
        }

        return problems;
    }

    private bool NeedsTwoImages() => _model.modules().OfType<SplitAttention>().Any();

    private void CreateOutputDirectory()
    {
        if (_options.OutputDirectory is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(_options.OutputDirectory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new TrainingException(
                new Problem(nameof(TrainerOptions.OutputDirectory), $"'{_options.OutputDirectory}', which cannot be created ({exception.Message.TrimEnd('.')})", "a folder that can be written to", "Choose another folder, or give this process the right to write there"),
                exception);
        }
    }

    /// <summary>Saves the weights; a failure is logged and training goes on, because a later epoch may be able to save.</summary>
    private bool TrySave(string name, Run run)
    {
        try
        {
            return Save(name, run);
        }
        catch (WeightFileException exception)
        {
            _logger.LogError(exception, "Cannot save {Name}; training goes on", name);
            return false;
        }
    }

    /// <summary>Saves the weights at the end, where there is no later epoch to hope for.</summary>
    private void SaveLast(Run run)
    {
        try
        {
            run.LastCheckpoint = Save(LastFileName, run) ? Path.Combine(_options.OutputDirectory!, LastFileName) : null;
        }
        catch (WeightFileException exception)
        {
            throw new TrainingException(
                new Problem(LastFileName, $"a failure to save the last weights ({exception.Message.TrimEnd('.')})", "a checkpoint of the last epoch", "The model still holds the weights: save it elsewhere with MadgNetModel.Save"),
                exception);
        }
    }

    private bool Save(string name, Run run)
    {
        if (_options.OutputDirectory is null)
        {
            return false;
        }

        var metadata = new Dictionary<string, string>
        {
            ["training.epoch"] = FormattableString.Invariant($"{run.Epoch + 1}"),
            ["training.loss"] = FormattableString.Invariant($"{run.Meter.MeanLoss:R}"),
            ["training.seed"] = FormattableString.Invariant($"{run.Training.Options.Seed}"),
        };
        if (run.EpochScore is { } score)
        {
            metadata["training.validation_dice"] = FormattableString.Invariant($"{score.Dice:R}");
            metadata["training.validation_iou"] = FormattableString.Invariant($"{score.IntersectionOverUnion:R}");
        }

        _model.Save(Path.Combine(_options.OutputDirectory, name), metadata);
        return true;
    }

    /// <summary>What a run has come to so far.</summary>
    private sealed class Run(DataLoader training, DataLoader? validation, IProgress<TrainingProgress>? progress, LearningRateRun rates)
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private double _rate;

        public DataLoader Training { get; } = training;

        public LearningRateRun Rates { get; } = rates;

        public DataLoader? Validation { get; } = validation;

        public List<EpochRecord> History { get; } = [];

        public int Epoch { get; private set; }

        public EpochMeter Meter { get; private set; } = new();

        public long StepsDone { get; set; }

        public ValidationScore? LatestScore { get; set; }

        /// <summary>The score of the weights as they are; null until the epoch is validated, so that no file carries another epoch's.</summary>
        public ValidationScore? EpochScore { get; set; }

        public ValidationScore? BestScore { get; set; }

        public int BestEpoch { get; set; }

        public string? BestCheckpoint { get; set; }

        public string? LastCheckpoint { get; set; }

        public void Begin(int epoch, double rate)
        {
            Epoch = epoch;
            _rate = rate;
            Meter = new EpochMeter();
            EpochScore = null;
        }

        public void Report(TrainingPhase phase, int step, int steps, int epochs)
        {
            if (progress is null)
            {
                return;
            }

            // Validation is spread over the epochs' share, so that the estimate does not jump when it begins.
            double share = phase switch
            {
                TrainingPhase.Training => (double)Meter.Steps / Math.Max(1, Training.BatchCount),
                _ => 1,
            };
            double done = phase == TrainingPhase.EpochCompleted ? Epoch + 1 : Epoch + (share * 0.999);
            TimeSpan elapsed = _watch.Elapsed;
            progress.Report(new TrainingProgress
            {
                Phase = phase,
                Epoch = Epoch + 1,
                Epochs = epochs,
                Step = step,
                Steps = steps,
                Loss = Meter.MeanLoss,
                StageLosses = Meter.MeanStages,
                LearningRate = _rate,
                ImagesPerSecond = Meter.ImagesPerSecond,
                Elapsed = elapsed,
                Remaining = done > 0 ? elapsed * ((epochs - done) / done) : TimeSpan.Zero,
                Validation = LatestScore,
                BestEpoch = BestEpoch,
            });
        }
    }
}

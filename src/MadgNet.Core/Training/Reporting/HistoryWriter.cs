using MadgNet.Core.Losses;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MadgNet.Core.Training.Reporting;

/// <summary>
/// Writes a run's history beside its checkpoints: <c>epochs</c>, <c>steps</c> and <c>validations</c>, each as CSV for
/// spreadsheets and as JSON lines for programs.
/// </summary>
/// <remarks>
/// A run that goes on appends: lines beyond the point that its checkpoint stands for are cut off first, because those steps
/// are taken again, so that every step is there once. A fresh run in a folder with a history sets that aside
/// (<c>steps-1.csv</c>). Every line reaches the operating system when its step ends, so that a killed process loses none;
/// the disk itself is waited for at the end of an epoch. Where the disk is full, lines wait in memory and are written
/// once there is room; a line that was written half is taken back.
/// <para>Times are in seconds, memory in bytes. A value that is not a number is <c>NaN</c> in CSV and <c>null</c> in JSON;
/// one that was not measured is empty, and <c>null</c>.</para>
/// </remarks>
public sealed class HistoryWriter : ITrainingObserver
{
    /// <summary>The name of the epochs' files, without extension.</summary>
    public const string EpochsName = "epochs";

    /// <summary>The name of the steps' files, without extension.</summary>
    public const string StepsName = "steps";

    /// <summary>The name of the validations' files, without extension.</summary>
    public const string ValidationsName = "validations";

    /// <summary>The files of a history.</summary>
    internal static IReadOnlyList<string> FileNames { get; } =
        [.. new[] { EpochsName, StepsName, ValidationsName }.SelectMany(name => new[] { $"{name}.csv", $"{name}.jsonl" })];

    private readonly HistoryOptions _options;
    private readonly ILogger _logger;
    private HistoryTable? _epochs;
    private HistoryTable? _steps;
    private HistoryTable? _validations;
    private int _stages;

    /// <summary>Creates the writer; files appear with the first record.</summary>
    /// <param name="options">What is written, and where; null for everything in the run's output folder.</param>
    /// <param name="logger">Receives what cannot be written; null for nowhere.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public HistoryWriter(HistoryOptions? options = null, ILogger? logger = null)
    {
        _options = options ?? new HistoryOptions();
        InvalidOptionsException.ThrowIfAny(nameof(HistoryWriter), _options.Validate());
        _logger = logger ?? NullLogger.Instance;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOptionsException">Neither the writer nor the run has a folder.</exception>
    public void RunStarted(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        Close();
        string folder = RunFiles.Folder(_options.Folder, null, run, nameof(HistoryWriter));
        bool resumed = run.StepsDone > 0 || run.EpochsDone > 0;
        _stages = run.Model.StageCount;
        string[] stages = [.. Enumerable.Range(1, _stages)
            .SelectMany(stage => new[] { $"stage{stage}_region", $"stage{stage}_distance", $"stage{stage}_boundary" })];
        _epochs = new HistoryTable(
            folder,
            EpochsName,
            [
                "epoch", "loss", "learning_rate", "steps", "images_per_second", "seconds", "data_seconds", "compute_seconds",
                "gradient_norm",
                "peak_memory_bytes", "validation_dice", "validation_iou", "validation_images", "average_dice", "average_iou",
                "validation_monitored",
                "average_monitored", .. stages,
            ],
            keys: 1,
            resumed ? run.EpochsDone : null,
            _options,
            _logger);
        _validations = new HistoryTable(
            folder,
            ValidationsName,
            ["step", "epoch", "weights", "dice", "iou", "images", "monitor", "monitored"],
            keys: 3,
            resumed ? run.StepsDone : null,
            _options,
            _logger);
        _steps = _options.Steps
            ? new HistoryTable(
                folder,
                StepsName,
                [
                    "step", "epoch", "step_in_epoch", "loss", "learning_rate", "gradient_norm", "loss_scale", "skipped", "images",
                    "data_seconds",
                    "compute_seconds", .. stages,
                ],
                keys: 1,
                resumed ? run.StepsDone : null,
                _options,
                _logger)
            : null;
    }

    /// <inheritdoc/>
    public void StepCompleted(StepReport step)
    {
        ArgumentNullException.ThrowIfNull(step);
        _steps?.Append([
            step.Step, step.Epoch, step.StepInEpoch, step.Loss, step.LearningRate, step.GradientNorm, step.LossScale, step.Skipped,
            step.Images,
            step.DataTime, step.ComputeTime, .. Stages(step.StageLosses),
        ]);
    }

    /// <inheritdoc/>
    public void ValidationCompleted(ValidationReport validation)
    {
        ArgumentNullException.ThrowIfNull(validation);
        _validations?.Append([
            validation.Step, validation.Epoch, validation.Ema
                ? "ema"
                : "raw", validation.Score.Dice, validation.Score.IntersectionOverUnion,
            validation.Score.Images, validation.Score.Monitor, validation.Score.Monitored,
        ]);
    }

    /// <inheritdoc/>
    public void EpochCompleted(EpochRecord epoch)
    {
        ArgumentNullException.ThrowIfNull(epoch);
        _epochs?.Append([
            epoch.Epoch, epoch.Loss, epoch.LearningRate, epoch.Steps, epoch.ImagesPerSecond, epoch.Duration, epoch.DataTime,
            epoch.ComputeTime,
            epoch.GradientNorm, epoch.PeakMemoryBytes, epoch.Validation?.Dice, epoch.Validation?.IntersectionOverUnion,
            epoch.Validation?.Images,
            epoch.EmaValidation?.Dice, epoch.EmaValidation?.IntersectionOverUnion, epoch.Validation?.Monitored,
            epoch.EmaValidation?.Monitored,
            .. Stages(epoch.StageLosses),
        ]);
        Flush();
    }

    /// <inheritdoc/>
    public void RunEnded(TrainingRunEnd end)
    {
        Flush();
        Close();
    }

    private IEnumerable<object?> Stages(IReadOnlyList<TaskLossValues> losses)
    {
        for (int i = 0; i < _stages; i++)
        {
            TaskLossValues? stage = i < losses.Count ? losses[i] : null;
            yield return stage?.Region;
            yield return stage?.Distance;
            yield return stage?.Boundary;
        }
    }

    private void Flush()
    {
        _steps?.Flush();
        _validations?.Flush();
        _epochs?.Flush();
    }

    private void Close()
    {
        _steps?.Dispose();
        _validations?.Dispose();
        _epochs?.Dispose();
        (_steps, _validations, _epochs) = (null, null, null);
    }
}

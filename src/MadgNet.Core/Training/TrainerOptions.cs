using MadgNet.Core.Losses;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;

namespace MadgNet.Core.Training;

/// <summary>
/// How a <see cref="Trainer"/> trains. The defaults are the published recipe (Adam, 1e-4 to 1e-6 by cosine annealing, float32).
/// </summary>
public sealed record TrainerOptions
{
    /// <summary>For <see cref="FrozenEncoderEpochs"/>: the whole run.</summary>
    public const int Always = int.MaxValue;

    /// <summary>How many times the run goes through the training set; 1 or more. Default 100; the paper's experiments use 50 to
    /// 200.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>
    /// How many optimizer steps the run takes; 1 or more. It replaces <see cref="Epochs"/>: the run can end in the middle of an epoch.
    /// Null, the default, counts epochs.
    /// </summary>
    public long? Steps { get; init; }

    /// <summary>The optimizer, with its groups of parameters. Default: Adam, as published.</summary>
    public OptimizerOptions Optimizer { get; init; } = new AdamOptions();

    /// <summary>The learning rate over the run. Default: cosine annealing from 1e-4 to 1e-6 by epochs.</summary>
    public LearningRateSchedule Schedule { get; init; } = new CosineAnnealingSchedule();

    /// <summary>The loss of all stages and tasks. Default: the published one.</summary>
    public DeepSupervisionLoss Loss { get; init; } = new();

    /// <summary>
    /// How many batches make one optimizer step; 1 or more, default 1. Each batch's loss is weighted by its share of the step's images.
    /// So k batches of n images have the gradient of one batch of k·n images. There are two exceptions: batch normalisation (its
    /// statistics are those of n images), and losses that are not a mean over images. The last step of an epoch takes the batches that
    /// are left.
    /// </summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>How gradients are clipped before a step. Default: they are not.</summary>
    public GradientClipping Clipping { get; init; } = new();

    /// <summary>
    /// The number format of forward and backward passes. Default: float32. In float32 a run can be repeated bit for bit on a CPU.
    /// </summary>
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Float32;

    /// <summary>How images and weights are laid out in memory. Default: unchanged.</summary>
    public MemoryLayout Layout { get; init; } = MemoryLayout.Contiguous;

    /// <summary>How libtorch's kernels compute during the run. Default: as the process has set them.</summary>
    public BackendSettings Backend { get; init; } = new();

    /// <summary>
    /// The decay of the weights' exponential moving average, 0 to below 1, for example 0.999. The averaged weights are validated and
    /// saved beside the raw ones. Null, the default: no average.
    /// </summary>
    public double? EmaDecay { get; init; }

    /// <summary>
    /// For how many epochs at the beginning the encoder's weights stay unchanged. 0, the default, always trains the encoder; <see
    /// cref="Always"/> never does. Its normalisations still follow the batches; see <see cref="FrozenNormalization"/>.
    /// </summary>
    public int FrozenEncoderEpochs { get; init; }

    /// <summary>Which batch normalisations use their running statistics in training, and do not change them. Default: none.</summary>
    public FrozenNormalization FrozenNormalization { get; init; }

    /// <summary>The number of epochs between two validations; 1 or more. Default 1. The last epoch is always validated.</summary>
    public int ValidateEvery { get; init; } = 1;

    /// <summary>The number of optimizer steps between two validations; 1 or more. Null, the default, counts epochs.</summary>
    public long? ValidateEverySteps { get; init; }

    /// <summary>
    /// The metric that decides which weights are the best, by its mean over the validation images. Early stopping and schedules that
    /// follow scores use it too. It is a metric of the library or a <see cref="CustomMetric"/>. Default: Dice. Images for which it is
    /// undefined are left out.
    /// </summary>
    public Metric Monitor { get; init; } = Metric.Dice;

    /// <summary>When to stop a run that no longer improves. Null, the default: never.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>The threshold of validation, 0..1: a pixel is foreground when its probability is at least this. Default 0.5.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>
    /// Whether every validation also finds the threshold with the best mean Dice (over images and labels, in steps of 0.01) and saves
    /// it with the weights, as <see cref="SegmentationModel.Threshold"/>. Scores still use
    /// <see cref="Threshold"/>. Default false.
    /// </summary>
    public bool CalibrateThreshold { get; init; }

    /// <summary>How many images of a validation the observers get as pictures (the first ones); 0 or more. Default 0.</summary>
    public int ValidationPictures { get; init; }

    /// <summary>
    /// How many steps may be skipped because their loss or gradients are not finite, before the run fails. With 0, the default, it
    /// fails at the first. Steps that float16's loss scaling skips do not count.
    /// </summary>
    public int MaximumSkippedSteps { get; init; }

    /// <summary>
    /// The folder for <c>best.safetensors</c>, <c>last.safetensors</c> and the checkpoints. It is created when it does not exist. Null,
    /// the default, keeps no files.
    /// </summary>
    public string? OutputFolder { get; init; }

    /// <summary>When checkpoints are written, and how many are kept.</summary>
    public CheckpointOptions Checkpoints { get; init; } = new();

    /// <summary>Whether the run goes on where an earlier run in the same folder stopped. Default: never.</summary>
    public ResumeMode Resume { get; init; }

    /// <summary>Observers of the run. Default: none.</summary>
    public IReadOnlyList<ITrainingObserver> Observers { get; init; } = [];

    /// <summary>
    /// The processes that train together, each with a part of every batch. All of them call the trainer with the same model, options
    /// and data. Default: this process alone. The caller owns the group.
    /// </summary>
    /// <remarks>
    /// The loader's batch belongs to all ranks together. So results do not depend on the number of ranks, apart from rounding, losses
    /// that are not a mean over images, and modules that draw random numbers. Only rank 0 writes files, calls observers and reports
    /// progress. When it fails, all ranks stop.
    /// </remarks>
    public ProcessGroup ProcessGroup { get; init; } = ProcessGroup.Single;

    /// <summary>
    /// Whether batch normalisations use mean and variance of the images of all ranks, as one process would. This is the default. With
    /// false, each rank uses only its own images. That saves two messages for each layer, and running statistics are averaged.
    /// </summary>
    public bool SynchronizeNormalization { get; init; } = true;

    /// <summary>The number of steps between two comparisons of the ranks' weights, bit for bit; 1 or more. Default 100.</summary>
    public int CompareRanksEvery { get; init; } = 100;

    /// <summary>Called at the points at which a run may be interrupted; for tests.</summary>
    internal Action<string>? Probe { get; init; }

    /// <summary>The clock; for tests.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(Epochs), Epochs, 1);
        Guard.Range(problems, nameof(Steps), Steps ?? 1, 1);
        Guard.Range(problems, nameof(AccumulationSteps), AccumulationSteps, 1);
        Guard.Range(problems, nameof(FrozenEncoderEpochs), FrozenEncoderEpochs, 0);
        Guard.Range(problems, nameof(ValidateEvery), ValidateEvery, 1);
        Guard.Range(problems, nameof(ValidateEverySteps), ValidateEverySteps ?? 1, 1);
        Guard.Range(problems, nameof(ValidationPictures), ValidationPictures, 0);
        Guard.Range(problems, nameof(MaximumSkippedSteps), MaximumSkippedSteps, 0);
        Guard.Range(problems, nameof(CompareRanksEvery), CompareRanksEvery, 1);
        if (!(Threshold >= 0 && Threshold <= 1))
        {
            problems.Add(new Problem(
                nameof(Threshold),
                FormattableString.Invariant($"{Threshold}"),
                "0 to 1",
                "Use 0.5, or a threshold chosen on validation data"));
        }

        if (EmaDecay is { } decay && !(decay >= 0 && decay < 1))
        {
            problems.Add(new Problem(
                nameof(EmaDecay), FormattableString.Invariant($"{decay}"), "0 to below 1, or null", "Use 0.999, or null for no average"));
        }

        problems.AddRange(Problem.Undefined(nameof(Precision), Precision));
        problems.AddRange(Problem.Undefined(nameof(Layout), Layout));
        problems.AddRange(Problem.Undefined(nameof(FrozenNormalization), FrozenNormalization));
        if (Monitor is null)
        {
            problems.Add(new Problem(nameof(Monitor), "null", "a metric", "Use Metric.Dice, or a metric of your own"));
        }

        problems.AddRange(Problem.Undefined(nameof(Resume), Resume));
        if (Optimizer is null
            || Schedule is null
            || Loss is null
            || Clipping is null
            || Backend is null
            || Checkpoints is null
            || Observers is null
            || ProcessGroup is null
            || Observers.Any(observer => observer is null))
        {
            problems.Add(new Problem(
                "options",
                "null for Optimizer, Schedule, Loss, Clipping, Backend, Checkpoints, ProcessGroup, Observers or one of them",
                "a value",
                "Leave the defaults or set a value"));
        }

        problems.AddRange(Optimizer?.Validate() ?? []);
        problems.AddRange(Clipping?.Validate() ?? []);
        problems.AddRange(Checkpoints?.Validate() ?? []);
        problems.AddRange(EarlyStopping?.Validate() ?? []);
        if (OutputFolder is not null && (string.IsNullOrWhiteSpace(OutputFolder) || File.Exists(OutputFolder)))
        {
            problems.Add(new Problem(
                nameof(OutputFolder), $"'{OutputFolder}'", "the path of a folder, or null", "Choose a folder; it is created when absent"));
        }

        if (OutputFolder is null && Resume == ResumeMode.Required)
        {
            problems.Add(new Problem(
                nameof(Resume), $"{Resume} without an OutputFolder", "the folder of the run that is to go on", "Set OutputFolder"));
        }

        return problems;
    }

    /// <summary>The options that influence the weights. A run is resumed only when they are the same.</summary>
    internal IEnumerable<(string Name, object? Value)> Essentials() =>
    [
        (nameof(Epochs), Steps is null ? Epochs : null),
        (nameof(Steps), Steps),
        (nameof(Optimizer), Optimizer),
        (nameof(Schedule), Schedule),
        (nameof(Loss), Loss),
        (nameof(AccumulationSteps), AccumulationSteps),
        (nameof(Clipping), Clipping),
        (nameof(Precision), Precision),
        (nameof(Layout), Layout),
        (nameof(Backend), Backend),
        (nameof(EmaDecay), EmaDecay),
        (nameof(FrozenEncoderEpochs), FrozenEncoderEpochs),
        (nameof(FrozenNormalization), FrozenNormalization),
        (nameof(ValidateEvery), ValidateEverySteps is null ? ValidateEvery : null),
        (nameof(ValidateEverySteps), ValidateEverySteps),
        (nameof(Monitor),
            Monitor is CustomMetric own
                ? $"{own.Name} ({(own.IsLowerBetter ? "lower" : "higher")} is better{(own.Definition.Length == 0 ? "" : "; ")}"
                    + $"{own.Definition})"
                : Monitor.Name),
        (nameof(EarlyStopping), EarlyStopping),
        (nameof(Threshold), Threshold),
        (nameof(CalibrateThreshold), CalibrateThreshold),
    ];
}

using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Inputs;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Runtime;
using MadgNet.Core.Training.Checkpoints;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MadgNet.Core.Training;

/// <summary>
/// Trains a model under deep supervision and scores it on a validation set. Keeps the weights of the best validation and the last
/// weights. Writes checkpoints; an interrupted run goes on from them.
/// </summary>
/// <remarks>
/// <para>The loader augments, shuffles and seeds. On the same CPU, the same model, loaders and options give the same weights, bit for
/// bit in float32. This also holds for a run that was interrupted (by cancellation, an exception, or the end of the process at any
/// moment) and resumed. A step that was interrupted is taken again from its beginning.</para>
/// <para>A trainer holds no tensors between runs and does not own the model. Images of a validation set may have any size: they are
/// padded to a multiple of the model's stride, and the result is cropped back. Checkpoints hold libtorch's random numbers on the CPU,
/// which your own modules may use. They do not hold those of a GPU.</para>
/// </remarks>
public sealed class Trainer
{
    /// <summary>The name of the file with the weights of the best validation, in the output folder.</summary>
    public const string BestFileName = "best.safetensors";

    /// <summary>
    /// The name of the file with the latest weights, in the output folder; written at the end of every epoch and of the run.
    /// </summary>
    public const string LastFileName = "last.safetensors";

    /// <summary>The name of the file with the averaged weights of their best validation, in the output folder.</summary>
    public const string BestEmaFileName = "best-ema.safetensors";

    /// <summary>The name of the file with the latest averaged weights, in the output folder.</summary>
    public const string LastEmaFileName = "last-ema.safetensors";

    private readonly SegmentationModel _model;
    private readonly TrainerOptions _options;
    private readonly ILogger _logger;

    /// <summary>Creates a trainer for a model.</summary>
    /// <param name="model">The model. The caller owns it. Put it on its device before training begins.</param>
    /// <param name="options">How to train; the published recipe when null.</param>
    /// <param name="logger">Receives log messages; null for none.</param>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public Trainer(SegmentationModel model, TrainerOptions? options = null, ILogger? logger = null)
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

    /// <summary>Trains on another thread; see <see cref="Train"/>.</summary>
    /// <param name="training">The training set.</param>
    /// <param name="validation">The validation set, or null for none.</param>
    /// <param name="progress">Receives a report after every step, validation batch and epoch; null for none.</param>
    /// <param name="cancellationToken">Ends the run within one step.</param>
    /// <returns>The result, once the run has ended.</returns>
    public Task<TrainingResult> TrainAsync(
        BatchLoader training,
        BatchLoader? validation = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        Task.Factory.StartNew(
            () => Train(training, validation, progress, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    /// <summary>
    /// Trains the model, or goes on with an interrupted run (<see cref="TrainerOptions.Resume"/>). In the second case the model first
    /// gets the weights of the checkpoint. Afterwards the model holds the last weights and is in evaluation mode, whatever ended the
    /// run.
    /// </summary>
    /// <param name="training">The training set; its batches have a height and width that are multiples of the model's stride.</param>
    /// <param name="validation">The validation set, or null for none. Without one, the last epoch is the best.</param>
    /// <param name="progress">Receives a report after every step, validation batch and epoch; null for none. An exception from it ends
    /// the run.</param>
    /// <param name="cancellationToken">Ends the run within one step. The last weights and a checkpoint are written first.</param>
    /// <returns>The history, and where the files are. A run that had already ended returns its result again.</returns>
    /// <exception cref="InvalidOptionsException">Options, loaders and model do not fit each other.</exception>
    /// <exception cref="ResumeException">There is no checkpoint where one is required, all are damaged, or the run began with other
    /// options, model or data.</exception>
    /// <exception cref="RunFolderLockedException">Another run trains into the output folder.</exception>
    /// <exception cref="WrongArithmeticException">libtorch computes wrongly on the model's device.</exception>
    /// <exception cref="DataLoadException">A sample cannot be loaded.</exception>
    /// <exception cref="TensorShapeException">A batch has another size than the model takes.</exception>
    /// <exception cref="EvaluationException">Validation samples share a name, or their predictions are NaN.</exception>
    /// <exception cref="TrainingException">
    /// Loss or gradients are no longer finite, memory ran out, no batch can be made, or the last files cannot be written.
    /// Files that cannot be written before the end are reported, and writing them is tried again.
    /// </exception>
    /// <exception cref="ProcessGroupException">Ranks were started with other options, data or models, or no longer have the same
    /// weights.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled, on this rank or another.</exception>
    public TrainingResult Train(
        BatchLoader training,
        BatchLoader? validation = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        bool together = false;
        try
        {
            Check(training, validation);
            NativeRuntime.EnsureVerified(_model.Device);
            NativeRuntime.Log(_logger);
            using var run = new RunLoop(_model, _options, _logger, training, validation, progress);
            try
            {
                return run.Run(cancellationToken);
            }
            catch
            {
                together = run.EndsTogether;
                throw;
            }
        }
        catch (Exception exception) when (!together)
        {
            // The other ranks would wait for this one.
            _options.ProcessGroup.Fail(exception);
            throw;
        }
    }

    /// <summary>
    /// Checks that loaders, model and options fit each other, as <see cref="Train"/> does before it touches a file; nothing is loaded or
    /// written.
    /// </summary>
    /// <param name="training">The training set.</param>
    /// <param name="validation">The validation set, or null for none.</param>
    /// <exception cref="InvalidOptionsException">They do not fit; lists all problems.</exception>
    public void Check(BatchLoader training, BatchLoader? validation = null)
    {
        ArgumentNullException.ThrowIfNull(training);
        InvalidOptionsException.ThrowIfAny(nameof(Trainer), ValidateLoaders(training, validation));
    }

    private List<Problem> ValidateLoaders(BatchLoader training, BatchLoader? validation)
    {
        var problems = new List<Problem>();
        int size = training.Options.BatchSize;
        int last = training.Options.DropLast ? size : ((training.SampleCount - 1) % size) + 1;
        int least = _model.MinimumTrainingBatch;
        if (size < least || last < least)
        {
            problems.Add(new Problem(
                "training loader",
                $"{training.SampleCount} images in batches of {size}, which leaves a batch of {Math.Min(size, last)}",
                $"{least} images or more in every batch: the network normalises over the batch, as split attention does",
                "Set DropLast, or choose another batch size"));
        }

        int ranks = _options.ProcessGroup.Size;
        if (!_options.SynchronizeNormalization && Math.Min(size, last) / ranks < least)
        {
            problems.Add(new Problem(
                "training loader",
                $"a batch of {Math.Min(size, last)} images on {ranks} ranks that normalise on their own",
                $"{least} images or more of every batch on each rank",
                "Set SynchronizeNormalization, make batches larger, or set DropLast"));
        }

        if (training.BatchCount == 0)
        {
            problems.Add(new Problem(
                "training loader",
                $"{training.SampleCount} images, no whole batch of {size}",
                "at least one batch",
                "Lower the batch size or do not drop the last batch"));
        }

        if (training.Options.Scales.Count > 0 && training.Options.ScaleMultiple % _model.Stride != 0)
        {
            problems.Add(new Problem(
                $"training loader's {nameof(BatchLoaderOptions.ScaleMultiple)}",
                $"{training.Options.ScaleMultiple}",
                $"a multiple of the model's stride, {_model.Stride}",
                $"Set it to {_model.Stride}"));
        }

        problems.AddRange(Compare("training loader", training));
        if (validation is not null)
        {
            problems.AddRange(Compare("validation loader", validation));
        }

        if (validation is null && (_options.EarlyStopping is not null || _options.CalibrateThreshold))
        {
            problems.Add(new Problem(
                "validation loader",
                $"none, with "
                    + $"{(_options.EarlyStopping is null ? nameof(TrainerOptions.CalibrateThreshold)
                        : nameof(TrainerOptions.EarlyStopping))}",
                "a validation set to look at",
                "Pass a validation set, or leave the option out"));
        }

        return problems;
    }

    /// <summary>What a loader gives otherwise than the model expects: labels, how files are read, the size of images.</summary>
    private IEnumerable<Problem> Compare(string subject, BatchLoader loader)
    {
        IReadOnlyList<string> labels = loader.Dataset.Labels;
        IReadOnlyList<string> names = _model.LabelNames;
        if (labels.Count > 0 && labels.Count != _model.Labels)
        {
            yield return new Problem(
                subject,
                $"{labels.Count} labels ({string.Join(", ", labels)})",
                $"the model's {_model.Labels}",
                "Build the model for the labels of the data, or choose the data's labels");
        }
        else if (labels.Count > 1 && names.Count > 0 && !labels.SequenceEqual(names, StringComparer.Ordinal))
        {
            yield return new Problem(
                subject,
                $"the labels {string.Join(", ", labels)}",
                $"the model's {string.Join(", ", names)}, in this order",
                "Give data and model the same label names in the same order: maps would be learned under each other's names");
        }

        if (loader.Dataset.Contradicts(_model.Input) is { } contradiction)
        {
            yield return contradiction with { Subject = $"{subject}, {contradiction.Subject}" };
        }

        if (_model.Input.Size is { } size
            && SizeOf(loader.Options.Transform) is { } resized
            && (resized.Size != size || resized.Fit != _model.Input.Fit))
        {
            yield return new Problem(
                subject,
                $"images brought to {resized.Size} ({resized.Fit})",
                $"{size} ({_model.Input.Fit}), as the model's input says and predictors do",
                "Use InputSizing.For(model.Input), or change Size or Fit of the model's ModelInput");
        }
    }

    /// <summary>The size that a transform brings every image to last, and how; null where it does not.</summary>
    private static (ImageSize Size, ImageFit Fit)? SizeOf(SegmentationTransform? transform) => transform switch
    {
        Resize resize => (new ImageSize(resize.Height, resize.Width), ImageFit.Resize),
        Letterbox letterbox => (new ImageSize(letterbox.Height, letterbox.Width), ImageFit.Letterbox),
        Compose compose => compose.Transforms.Select(SizeOf).LastOrDefault(size => size is not null),
        _ => null,
    };
}

using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Models;
using MadgNet.Core.Weights;
using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training.Recipes;

/// <content>From a recipe to loaders, a network and a training.</content>
public sealed partial record Recipe
{
    /// <summary>Makes the loader of training batches.</summary>
    /// <param name="samples">The samples.</param>
    /// <returns>The loader: shuffled, resized and augmented. A last batch that is not full is left out where there is another.</returns>
    /// <exception cref="DatasetException">The dataset is empty, or options are illegal: all problems at once.</exception>
    public BatchLoader CreateTrainingLoader(IDataset samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new BatchLoader(samples, Loading with
        {
            BatchSize = BatchSize,
            Shuffle = true,
            DropLast = samples.Count > BatchSize,
            Seed = Seed,
            Transform = new Compose([
                .. Loading.Transform is null ? Array.Empty<SegmentationTransform>() : [Loading.Transform],
                .. Sizing is { } sizing ? new[] { sizing } : [],
                .. Augmentation
            ]),
        });
    }

    /// <summary>Makes the loader of validation batches.</summary>
    /// <param name="samples">The samples.</param>
    /// <returns>The loader: in order, resized, not augmented.</returns>
    /// <exception cref="DatasetException">The dataset is empty, or options are illegal: all problems at once.</exception>
    public BatchLoader CreateValidationLoader(IDataset samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new BatchLoader(samples, Loading with
        {
            // Images of different sizes do not go into one batch.
            BatchSize = TrainingSize is null ? 1 : BatchSize,
            Shuffle = false,
            DropLast = false,
            Seed = Seed,
            Scales = [],
            Transform = (Loading.Transform, Sizing) is ({ } first, { } sizing) ? new Compose(first, sizing) : Loading.Transform ?? Sizing,
        });
    }

    /// <summary>Builds the recipe's network, with its seed and weights.</summary>
    /// <returns>The network, in training mode, on the CPU. The caller owns it.</returns>
    /// <exception cref="InvalidOptionsException">The network cannot be built from its options; lists all problems.</exception>
    /// <exception cref="WeightFileException">The weight file cannot be read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The weight file does not fill the network as asked; lists all that is wrong.</exception>
    public SegmentationModel BuildModel() => BuildModel(out _);

    /// <summary>Builds the recipe's network, with its seed and weights.</summary>
    /// <param name="report">What was loaded from <see cref="Weights"/>; null where there are none.</param>
    /// <returns>The network, in training mode, on the CPU. The caller owns it.</returns>
    /// <exception cref="InvalidOptionsException">The network cannot be built from its options; lists all problems.</exception>
    /// <exception cref="WeightFileException">The weight file cannot be read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The weight file does not fill the network as asked; lists all that is wrong.</exception>
    public SegmentationModel BuildModel(out WeightLoadReport? report)
    {
        report = null;
        SegmentationModel model = Network.Build(Registry, Seed);
        try
        {
            if (Weights is not null)
            {
                report = model.LoadWeights(
                    Weights,
                    new WeightLoadOptions { Mode = WeightMode, StripPrefixes = WeightPrefixes, AdaptInputChannels = AdaptInputChannels });
            }

            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Builds the recipe's network, trains it and leaves its weights in the output folder.</summary>
    /// <param name="training">The training samples.</param>
    /// <param name="validation">The validation samples, or null for none: then no threshold is chosen either.</param>
    /// <param name="progress">Receives a report after every step, validation batch and epoch; null for none.</param>
    /// <param name="logger">Receives what happens; null for nowhere.</param>
    /// <param name="cancellationToken">Ends the run within one step, with everything saved.</param>
    /// <returns>The history, and where the weights are.</returns>
    /// <exception cref="InvalidOptionsException">The recipe is invalid, has no output folder, or freezes an encoder that has learned
    /// nothing; lists all problems.</exception>
    /// <exception cref="DatasetException">A dataset is empty.</exception>
    /// <exception cref="MadgNetException">As from <see cref="Training.Trainer.Train"/> and <see cref="BuildModel()"/>.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public TrainingResult Train(
        IDataset training,
        IDataset? validation = null,
        IProgress<TrainingProgress>? progress = null,
        ILogger? logger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        List<Problem> problems = [.. Validate()];
        if (Trainer?.OutputFolder is null)
        {
            problems.Add(new Problem(
                "output",
                "no folder",
                "a folder for the weights, which would be lost otherwise",
                "Use WithOutput(folder), or train a model of your own"));
        }

        if (Weights is null && Trainer?.FrozenEncoderEpochs > 0)
        {
            problems.Add(new Problem(
                nameof(Weights),
                "none, with a frozen encoder",
                "weights to start from: an encoder that has learned nothing is not worth freezing",
                "Set Weights, or train with Recipe.Published"));
        }

        InvalidOptionsException.ThrowIfAny(nameof(Recipe), problems);
        using SegmentationModel model = BuildModel();
        return TrainModel(model, training, validation, progress, logger, cancellationToken);
    }

    /// <summary>Builds and trains on a thread of its own; see <see cref="Train"/>.</summary>
    /// <param name="training">The training samples.</param>
    /// <param name="validation">The validation samples, or null for none: then no threshold is chosen either.</param>
    /// <param name="progress">Receives a report after every step, validation batch and epoch; null for none.</param>
    /// <param name="logger">Receives what happens; null for nowhere.</param>
    /// <param name="cancellationToken">Ends the run within one step, with everything saved.</param>
    /// <returns>The history, and where the weights are, once the run has ended.</returns>
    /// <exception cref="MadgNetException">As from <see cref="Train"/>.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public Task<TrainingResult> TrainAsync(
        IDataset training,
        IDataset? validation = null,
        IProgress<TrainingProgress>? progress = null,
        ILogger? logger = null,
        CancellationToken cancellationToken = default) =>
        Task.Factory.StartNew(
            () => Train(training, validation, progress, logger, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

    /// <summary>Trains a model in the recipe's way. The recipe's own <see cref="Model"/> and <see cref="Weights"/> are not used.</summary>
    /// <param name="model">The model; it stays the caller's. Put it on its device before.</param>
    /// <param name="training">The training samples.</param>
    /// <param name="validation">The validation samples, or null for none: then no threshold is chosen either.</param>
    /// <param name="progress">Receives a report after every step, validation batch and epoch; null for none.</param>
    /// <param name="logger">Receives what happens; null for nowhere.</param>
    /// <param name="cancellationToken">Ends the run within one step, with everything saved.</param>
    /// <returns>The history, and where the weights are.</returns>
    /// <exception cref="InvalidOptionsException">The recipe is invalid; lists all problems.</exception>
    /// <exception cref="DatasetException">A dataset is empty.</exception>
    /// <exception cref="MadgNetException">As from <see cref="Training.Trainer.Train"/>.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public TrainingResult TrainModel(
        SegmentationModel model,
        IDataset training,
        IDataset? validation = null,
        IProgress<TrainingProgress>? progress = null,
        ILogger? logger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(training);
        InvalidOptionsException.ThrowIfAny(nameof(Recipe), Validate());
        TrainerOptions options = validation is null ? Trainer with { CalibrateThreshold = false } : Trainer;
        return new Trainer(model, options, logger).Train(
            CreateTrainingLoader(training), validation is null ? null : CreateValidationLoader(validation), progress, cancellationToken);
    }
}

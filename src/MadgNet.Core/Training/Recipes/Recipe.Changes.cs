using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Inputs;
using MadgNet.Core.Losses;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Training.Reporting;
using MadgNet.Core.Weights;
using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training.Recipes;

/// <content>Changes. Each returns another recipe, and this one stays as it is.</content>
public sealed partial record Recipe
{
    /// <summary>The recipe with another size of images.</summary>
    /// <param name="size">The side in pixels, a multiple of 32; null for images at their own size.</param>
    /// <returns>The changed recipe.</returns>
    public Recipe WithSize(int? size) => this with { Size = size, Model = Model with { Input = Model.Input with { Size = null } } };

    /// <summary>The recipe with another size of images, which need not be a square.</summary>
    /// <param name="height">The height in pixels, a multiple of 32.</param>
    /// <param name="width">The width in pixels, a multiple of 32.</param>
    /// <returns>The changed recipe.</returns>
    public Recipe WithSize(int height, int width) => WithInput(Model.Input with { Size = new ImageSize(height, width) });

    /// <summary>The recipe with another number of epochs.</summary>
    /// <param name="epochs">1 or more. A frozen stretch at the beginning keeps its share of the run.</param>
    /// <returns>The changed recipe.</returns>
    public Recipe WithEpochs(int epochs) => this with
    {
        Trainer = Trainer with
        {
            Epochs = epochs,
            FrozenEncoderEpochs = Trainer.FrozenEncoderEpochs is 0 or TrainerOptions.Always
                ? Trainer.FrozenEncoderEpochs
                : (int)((long)Trainer.FrozenEncoderEpochs * epochs / Math.Max(1, Trainer.Epochs)),
        },
    };

    /// <summary>The recipe with other labels, each with masks of its own.</summary>
    /// <param name="labels">The labels and where their masks come from.</param>
    /// <returns>The changed recipe; network and files agree.</returns>
    public Recipe WithLabels(params IReadOnlyList<LabelSource> labels)
    {
        FolderDatasetOptions reading = Dataset with { Labels = labels };
        return this with { Dataset = reading, Model = ReadAs(Model, reading) };
    }

    /// <summary>The recipe with another network; its labels and input stay.</summary>
    /// <param name="network">What the network is made of.</param>
    /// <param name="registry">Where the names of its parts are looked up; the recipe's own registry when null.</param>
    /// <returns>The changed recipe.</returns>
    public Recipe WithNetwork(NetworkOptions network, ModelRegistry? registry = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        return this with
        {
            Model = network with { Labels = Model.Labels, LabelNames = Model.LabelNames, Input = Model.Input },
            Registry = registry ?? Registry,
        };
    }

    /// <summary>The recipe with another input, for network and files alike.</summary>
    /// <param name="input">What the network expects of images.</param>
    /// <returns>The changed recipe.</returns>
    public Recipe WithInput(ModelInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return this with
        {
            Model = Model with { Input = input },
            Dataset = Dataset.For(input),
        };
    }

    /// <summary>The recipe with a changed input, for network and files alike; what the function leaves alone stays.</summary>
    /// <param name="change">Returns the changed input, for example <c>input => input with { Fit = ImageFit.Letterbox }</c>.</param>
    /// <returns>The changed recipe.</returns>
    public Recipe WithInput(Func<ModelInput, ModelInput> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return WithInput(change(Model.Input));
    }

    /// <summary>The recipe with files that are read otherwise; the network's labels and input follow.</summary>
    /// <param name="change">Returns the changed options.</param>
    /// <returns>The changed recipe; network and files agree.</returns>
    public Recipe WithData(Func<FolderDatasetOptions, FolderDatasetOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        FolderDatasetOptions reading = change(Dataset);
        return this with { Dataset = reading, Model = ReadAs(Model, reading) };
    }

    /// <summary>The recipe with other transforms after resizing.</summary>
    /// <param name="transforms">What is done to training samples, in order; possibly nothing.</param>
    /// <returns>The changed recipe.</returns>
    public Recipe WithAugmentation(params IReadOnlyList<SegmentationTransform> transforms) => this with { Augmentation = transforms };

    /// <summary>The recipe with another loss for each task.</summary>
    /// <param name="loss">The losses and their weights.</param>
    /// <returns>The changed recipe.</returns>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public Recipe WithLoss(DeepSupervisionOptions loss) => this with { Trainer = Trainer with { Loss = new DeepSupervisionLoss(loss) } };

    /// <summary>The recipe with a trainer that is set otherwise.</summary>
    /// <param name="change">Returns the changed options, for example <c>trainer => trainer with { Epochs = 20 }</c>.</param>
    /// <returns>The changed recipe.</returns>
    public Recipe WithTrainer(Func<TrainerOptions, TrainerOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return this with { Trainer = change(Trainer) };
    }

    /// <summary>The recipe with weights to start from.</summary>
    /// <param name="path">A safetensors file or PyTorch checkpoint; null for fresh weights.</param>
    /// <param name="mode">How much of the network it has to fill.</param>
    /// <param name="prefixes">Prefixes to take off its names, beside those that are recognised.</param>
    /// <returns>The changed recipe.</returns>
    public Recipe WithWeights(string? path, WeightLoadMode mode = WeightLoadMode.Everything, params IReadOnlyList<string> prefixes) =>
        this with { Weights = path, WeightMode = mode, WeightPrefixes = prefixes };

    /// <summary>The recipe with another scaling of intensities, for network and files alike.</summary>
    /// <param name="scaling">How the intensities of a file become 0..1.</param>
    /// <returns>The changed recipe.</returns>
    public Recipe WithIntensities(IntensityScaling scaling) => WithInput(Model.Input with { Scaling = scaling });

    /// <summary>The recipe with a run folder that holds checkpoints, history, manifest and model card.</summary>
    /// <param name="folder">The folder; created when absent.</param>
    /// <param name="options">What manifest and card say beside what the run knows; null for the recipe's name and seed.</param>
    /// <param name="logger">Receives what cannot be written; null for nowhere.</param>
    /// <returns>The changed recipe. Observers that it had are kept.</returns>
    public Recipe WithOutput(string folder, RunFolderOptions? options = null, ILogger? logger = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        options ??= new RunFolderOptions();
        var notes = new Dictionary<string, string>(options.Notes);
        notes.TryAdd("recipe", Name);
        if (Weights is not null)
        {
            notes.TryAdd("started from", Weights);
            foreach ((string key, string value) in WeightOrigin.NotesOn(Weights))
            {
                notes.TryAdd(key, value);
            }
        }

        options = options with { WeightSeed = options.WeightSeed ?? Seed, Notes = notes };
        return this with
        {
            Trainer = Trainer with
            {
                OutputFolder = folder,
                Observers = [.. Trainer.Observers, new HistoryWriter(logger: logger), new RunFolder(options, logger)],
            },
        };
    }
}

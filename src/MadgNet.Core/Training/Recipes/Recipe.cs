using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Reporting;
using MadgNet.Core.Weights;
using Microsoft.Extensions.Logging;

namespace MadgNet.Core.Training.Recipes;

/// <summary>
/// Everything that a training is made of, in one value: the network, how files are read, how batches are made and how they
/// are trained on. <see cref="Published"/> and <see cref="FineTuning"/> give whole recipes; <c>with</c> changes any part.
/// </summary>
/// <remarks>
/// A recipe only puts together what can be had by hand: it gives options (<see cref="Model"/>, <see cref="Dataset"/>,
/// <see cref="Trainer"/>), loaders and a builder, or trains with all of them in one call.
/// </remarks>
/// <example>
/// <code>
/// Recipe recipe = Recipe.Published(Modality.Microscopy).WithOutput("runs/nuclei");
/// TrainingResult result = recipe.Train(recipe.Open("data/train"), recipe.Open("data/validation"));
/// </code>
/// </example>
public sealed partial record Recipe
{
    /// <summary>The epochs of <see cref="Published"/>: what the authors' code has as its default.</summary>
    public const int PublishedEpochs = 200;

    private const int Stride = 32;

    /// <summary>A name for manifests and logs.</summary>
    public string Name { get; init; } = "own";

    /// <summary>The kind of images that the recipe is for; null for any.</summary>
    public Modality? Modality { get; init; }

    /// <summary>
    /// What the network is made of, of whatever kind: <see cref="MadgNetOptions"/>, <see cref="UNetOptions"/>, or a host's own. Default:
    /// MADGNet as published.
    /// </summary>
    public NetworkOptions Model { get; init; } = new MadgNetOptions();

    /// <summary>Where the names of the network's parts are looked up. Default <see cref="ModelRegistry.BuiltIn"/>.</summary>
    public ModelRegistry Registry { get; init; } = ModelRegistry.BuiltIn;

    /// <summary>
    /// How files become samples. They have to be read as the network's <see cref="NetworkOptions.Input"/> says; <see cref="WithInput"/>
    /// sets both.
    /// </summary>
    public FolderDatasetOptions Dataset { get; init; } = new();

    /// <summary>The side of the square that every image is resized to, in pixels; a multiple of 32. Default 352.</summary>
    public int Size { get; init; } = PublishedRecipe.Size;

    /// <summary>The network with the size of training in its input: what is built and saved.</summary>
    private NetworkOptions Network => Model with { Input = Model.Input with { Size = new ImageSize(Size, Size) } };

    private SegmentationTransform Sizing => InputSizing.To(new ImageSize(Size, Size), Model.Input.Fit);

    /// <summary>What is done to training samples after they are resized, in order. Default: nothing.</summary>
    public IReadOnlyList<SegmentationTransform> Augmentation { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>Images in a batch; 1 or more. Default 16.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>The seed of fresh weights, of order and of augmentation. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// What else the loaders are told: workers, cache, device, what is done with samples that cannot be loaded. Batch size,
    /// order and seed are the recipe's; a transform that is set here comes before the recipe's.
    /// </summary>
    public BatchLoaderOptions Loading { get; init; } = new();

    /// <summary>How it is trained.</summary>
    public TrainerOptions Trainer { get; init; } = new();

    /// <summary>A safetensors file or PyTorch checkpoint to start from; null for fresh weights.</summary>
    public string? Weights { get; init; }

    /// <summary>How much of the network <see cref="Weights"/> has to fill. Default: everything.</summary>
    public WeightLoadMode WeightMode { get; init; } = WeightLoadMode.Everything;

    /// <summary>
    /// Prefixes to take off the names of <see cref="Weights"/>, beside those that are recognised; see
    /// <see cref="WeightLoadOptions.StripPrefixes"/>. Default: none.
    /// </summary>
    public IReadOnlyList<string> WeightPrefixes { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>
    /// Whether the first convolution takes <see cref="Weights"/> for another number of channels; see
    /// <see cref="WeightLoadOptions.AdaptInputChannels"/>. Default: false.
    /// </summary>
    public bool AdaptInputChannels { get; init; }

    /// <summary>
    /// The training that the paper describes: 352×352, batches of 16, Adam from 1e-4 to 1e-6 by cosine annealing, flips and
    /// rotations up to 5°, the published loss, intensities over the file's full range; files read, and labels, as the
    /// published loader of the modality's sets does.
    /// </summary>
    /// <param name="modality">The kind of images. It decides channels and labels: grey for ultrasound and CT, bright microscopy inverted,
    /// cup and disc in the fundus.</param>
    /// <returns>The recipe.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such modality.</exception>
    /// <remarks>
    /// The paper trains 50 to 200 epochs, depending on the modality; the authors' code has 200 as its default, and so does
    /// this: <see cref="WithEpochs"/> changes it. The authors start from an encoder that was trained on ImageNet: load one
    /// with <see cref="Weights"/> and <see cref="WeightLoadMode.Encoder"/>, or take another with <see cref="WithPretrained"/>. Inverting
    /// bright
    /// microscopy is part of reading the files, not of the network: whoever predicts does it too.
    /// </remarks>
    public static Recipe Published(Modality modality)
    {
        PublishedDataset set = First(modality);
        return new Recipe
        {
            Name = $"published, {modality}",
            Modality = modality,
            Model = ReadAs(new MadgNetOptions(), set.Options),
            Dataset = set.Options,
            Augmentation = [.. PublishedRecipe.Training().Transforms.Skip(1)],
            Trainer = new TrainerOptions { Epochs = PublishedEpochs },
        };
    }

    /// <summary>The recipe with another size of images.</summary>
    /// <param name="size">The side in pixels, a multiple of 32.</param>
    /// <returns>The changed recipe.</returns>
    public Recipe WithSize(int size) => this with { Size = size };

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

    /// <summary>Everything that is wrong with this recipe; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (Size < Stride || Size % Stride != 0)
        {
            problems.Add(new Problem(nameof(Size), $"{Size}", $"a multiple of {Stride}", "Use 352 as published, or 256, 224, 128"));
        }

        Guard.Range(problems, nameof(BatchSize), BatchSize, 1);
        if (Model is null || Dataset is null || Trainer is null || Loading is null || Augmentation is null)
        {
            problems.Add(new Problem(
                "recipe", "null for Model, Dataset, Trainer, Loading or Augmentation", "a value", "Leave the defaults or set a value"));
            return problems;
        }

        if (Registry is null)
        {
            problems.Add(new Problem(nameof(Registry), "null", "a registry", "Leave the default or set one"));
            return problems;
        }

        problems.AddRange((Model.Input is null ? Model : Network).Validate(Registry).Select(problem => problem with { Subject = $"{nameof(Model)}.{problem.Subject}" }));
        problems.AddRange(Trainer.Validate().Select(problem => problem with { Subject = $"{nameof(Trainer)}.{problem.Subject}" }));
        if (Dataset.Labels.Count != Model.Labels)
        {
            problems.Add(new Problem(
                "labels",
                $"{Dataset.Labels.Count} in the files and {Model.Labels} in the network",
                "as many",
                "Use WithLabels, which sets both"));
        }

        if (Model.Input is { } input && Dataset.Contradicts(input) is { } contradiction)
        {
            problems.Add(contradiction);
        }

        return problems;
    }

    /// <summary>Opens a folder of images and masks as the recipe reads files.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The dataset.</returns>
    /// <exception cref="DatasetException">The folder does not exist or holds no pairs, or files lack their partner.</exception>
    public FolderDataset Open(string folder) => new(folder, Dataset);

    /// <summary>Opens one part of the sets that the paper trains on.</summary>
    /// <param name="part">For example <see cref="PublishedDataset.Train"/>.</param>
    /// <param name="rootOf">The folder of a set.</param>
    /// <returns>The dataset: each set read in its own way, with the recipe's intensities.</returns>
    /// <exception cref="DatasetException">A set is not there, lacks files or has no such part.</exception>
    /// <exception cref="InvalidOperationException">The recipe is for no modality.</exception>
    public IDataset OpenPublished(string part, Func<PublishedDataset, string> rootOf) => Modality is { } modality
        ? PublishedProtocol.For(modality).Open(part, rootOf, ReadAsHere)
        : throw new InvalidOperationException(
            "Received a recipe for no modality; expected one of a modality that there are published sets for. Use "
                + "Recipe.Published(modality).");

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
                Sizing,
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
            BatchSize = BatchSize,
            Shuffle = false,
            DropLast = false,
            Seed = Seed,
            Scales = [],
            Transform = Loading.Transform is null ? Sizing : new Compose(Loading.Transform, Sizing),
        });
    }

    /// <summary>Builds the recipe's network, with its seed and weights.</summary>
    /// <returns>The network, in training mode, on the CPU. The caller owns it.</returns>
    /// <exception cref="InvalidOptionsException">The network cannot be built from its options; lists all problems.</exception>
    /// <exception cref="WeightFileException">The weight file cannot be read, is damaged or refused.</exception>
    /// <exception cref="WeightLoadException">The weight file does not fill the network as asked; lists all that is wrong.</exception>
    public SegmentationModel BuildModel()
    {
        SegmentationModel model = Network.Build(Registry, Seed);
        try
        {
            if (Weights is not null)
            {
                model.LoadWeights(
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
    /// <exception cref="MadgNetException">As from <see cref="Training.Trainer.Train"/> and <see cref="BuildModel"/>.</exception>
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

    private static PublishedDataset First(Modality modality) => Enum.IsDefined(modality)
        ? PublishedProtocol.For(modality).Seen[0]
        : throw new ArgumentOutOfRangeException(
            nameof(modality), modality, $"Expected one of {string.Join(", ", Enum.GetNames<Modality>())}. Choose one of them.");

    /// <summary>A published set's own way of reading files, with this recipe's intensities.</summary>
    private FolderDatasetOptions ReadAsHere(FolderDatasetOptions own) => Dataset.Input is not { } input
        ? own with { Window = Dataset.Window }
        : own.For(ReadAs(Model, own).Input with { Scaling = input.Scaling, Windows = input.Windows });

    /// <summary>The network for what the files give: labels and input as they are read.</summary>
    private static NetworkOptions ReadAs(NetworkOptions model, FolderDatasetOptions reading) => model with
    {
        Labels = reading.Labels.Count,
        LabelNames = [.. reading.Labels.Select(label => label.Name)],
        Input = reading.Input ?? model.Input with
        {
            // Grey files are repeated for the three channels of an encoder, by the network.
            Channels = reading.Channels == ImageChannels.Gray ? 1 : model.Input.Channels,
            InvertBrightBackground = reading.InvertBrightBackground,
        },
    };
}

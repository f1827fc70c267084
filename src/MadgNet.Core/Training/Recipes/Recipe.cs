using System.Globalization;
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
/// A whole training in one value: the network, how to read files, how to make batches, and how to train on them. <see
/// cref="Published"/> and <see cref="FineTuning"/> return whole recipes. <c>with</c> changes any part.
/// </summary>
/// <remarks>
/// You can do by hand everything that a recipe does. It gives options (<see cref="Model"/>, <see cref="Dataset"/>, <see
/// cref="Trainer"/>), loaders and a network, or trains with all of them in one call.
/// </remarks>
/// <example>
/// <code>
/// Recipe recipe = Recipe.Published(Modality.Microscopy).WithOutput("runs/nuclei");
/// TrainingResult result = recipe.Train(recipe.Open("data/train"), recipe.Open("data/validation"));
/// </code>
/// </example>
public sealed partial record Recipe
{
    /// <summary>The epochs of <see cref="Published"/>: the default of the authors' code.</summary>
    public const int PublishedEpochs = 200;

    private const int Stride = 32;

    /// <summary>A name for manifests and logs.</summary>
    public string Name { get; init; } = "own";

    /// <summary>The kind of images that the recipe is for; null for any.</summary>
    public Modality? Modality { get; init; }

    /// <summary>
    /// The options of the network: <see cref="MadgNetOptions"/>, <see cref="UNetOptions"/>, or those of your own network. Default:
    /// MADGNet as published.
    /// </summary>
    public NetworkOptions Model { get; init; } = new MadgNetOptions();

    /// <summary>Where the names of the network's parts are looked up. Default <see cref="ModelRegistry.BuiltIn"/>.</summary>
    public ModelRegistry Registry { get; init; } = ModelRegistry.BuiltIn;

    /// <summary>
    /// How files become samples. This must agree with the network's <see cref="NetworkOptions.Input"/>. <see
    /// cref="WithInput(ModelInput)"/> sets both.
    /// </summary>
    public FolderDatasetOptions Dataset { get; init; } = new();

    /// <summary>
    /// Every image is resized to a square with this side, in pixels; a multiple of 32. Default 352. When the input of <see
    /// cref="Model"/> has a size, that size is used instead. When both are null, images keep their own size. Then <see
    /// cref="Augmentation"/> must cut pieces of equal size for the batches, and each validation image is a batch of its own.
    /// </summary>
    public int? Size { get; init; } = PublishedRecipe.Size;

    /// <summary>The size of training; null for images at their own.</summary>
    private ImageSize? TrainingSize => Model.Input.Size ?? (Size is { } side ? new ImageSize(side, side) : null);

    /// <summary>The network with the size of training in its input: what is built and saved.</summary>
    private NetworkOptions Network => Model with { Input = Model.Input with { Size = TrainingSize } };

    private SegmentationTransform? Sizing => InputSizing.For(Network.Input);

    /// <summary>The transforms of training samples after resizing, in order. Default: none.</summary>
    public IReadOnlyList<SegmentationTransform> Augmentation { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>Images in a batch; 1 or more. Default 16.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>The seed of random weights, of order and of augmentation. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// Other options of the loaders: workers, cache, device, and what to do with samples that cannot be loaded. Batch size, order and
    /// seed come from the recipe. A transform that is set here runs before the transforms of the recipe.
    /// </summary>
    public BatchLoaderOptions Loading { get; init; } = new();

    /// <summary>How it is trained.</summary>
    public TrainerOptions Trainer { get; init; } = new();

    /// <summary>A safetensors file or PyTorch checkpoint to start from; null for random weights.</summary>
    public string? Weights { get; init; }

    /// <summary>How much of the network <see cref="Weights"/> must fill. Default: everything.</summary>
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

    /// <summary>Everything that is wrong with this recipe; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if ((Model?.Input is null ? null : TrainingSize) is { } size
            && (size.Height < Stride || size.Width < Stride || size.Height % Stride != 0 || size.Width % Stride != 0))
        {
            problems.Add(new Problem(
                nameof(Size),
                size.Height == size.Width ? $"{size.Height}" : $"{size}",
                $"a multiple of {Stride}",
                "Use 352 as published, or 256, 224, 128"));
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

        problems.AddRange((Model.Input is null ? Model : Network).Validate(Registry)
            .Select(problem => problem with { Subject = $"{nameof(Model)}.{problem.Subject}" }));
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

    /// <summary>Opens a folder of images and masks with the recipe's options.</summary>
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


}

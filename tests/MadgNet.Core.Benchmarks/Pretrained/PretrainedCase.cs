using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Training.Recipes;
using MadgNet.Pretrained.ResNet18;

namespace MadgNet.Core.Benchmarks.Pretrained;

/// <summary>A set that the bench of pretrained weights trains and tests on, and another that it only tests on.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Modality">The kind of images; null for RGB and one label.</param>
/// <param name="Seen">The set, below <c>../shared/data</c>, that is divided into training, validation and test.</param>
/// <param name="Unseen">The set that is only tested on; null for none.</param>
/// <param name="Size">Side of the images in pixels.</param>
internal sealed record PretrainedCase(string Name, Modality? Modality, string Seen, string? Unseen, int Size)
{
    private const long SplitSeed = 1;

    /// <summary>
    /// The share of the images that is trained on; of those that are left, a third validates where there are few, and half otherwise.
    /// </summary>
    private double TrainingShare => HasFew ? 0.7 : 11.0 / 15;

    private bool HasFew => Seen != "kvasir_seg";

    /// <summary>What the whole bench measures: half an hour on two quiet cores.</summary>
    public static IReadOnlyList<PretrainedCase> All { get; } =
    [
        new("polyps", Data.Modality.Colonoscopy, "kvasir_seg", "cvc_clinicdb", 192),
        new("ultrasound", Data.Modality.Ultrasound, "busi", "stu", 160),
        new("dermoscopy", Data.Modality.Dermoscopy, "ph2", "ham10000", 160),
        new("fundus", Data.Modality.Fundus, "drishti_gs", null, 160),
    ];

    /// <summary>The recipe under test, of a U-Net, with the seed.</summary>
    public Recipe Recipe(int images, long seed)
    {
        Recipe recipe = Training.Recipes.Recipe.FromPretrained(ResNet18Weights.ImageNet, images, Modality).WithSize(Size);
        if (Modality == Data.Modality.Fundus)
        {
            recipe = recipe.WithLabels(LabelSource.MaskFiles("cup", "masks_cup"), LabelSource.MaskFiles("disc", "masks"));
        }

        return recipe with { Seed = seed, Loading = recipe.Loading with { CacheBytes = 1L << 30 } };
    }

    /// <summary>How many images the training part has.</summary>
    public int CountTraining(string data) => Divide(data, Recipe(1, 0)).Training.Count;

    /// <summary>
    /// Training, validation and test, by a fixed seed: 110, 20 and 20 of the 150 polyps, and 70, 10 and 20 of 100 of the others;
    /// images that are nearly the same stay together.
    /// </summary>
    public (IDataset Training, IDataset Validation, IDataset Test) Divide(string data, Recipe recipe)
    {
        FolderDataset all = recipe.Open(Path.Combine(data, Seen));
        double held = (1 - TrainingShare) * (HasFew ? 1.0 / 3 : 0.5);
        DatasetSplit split = DatasetSplit.Random(
            all, [("train", TrainingShare), ("validation", held), ("test", 1 - TrainingShare - held)], SplitSeed, GroupOf);
        return (split.Of(all, "train"), split.Of(all, "validation"), split.Of(all, "test"));
    }

    /// <summary>The unseen set, its masks brought to the images where they were drawn at another size.</summary>
    public IDataset OpenUnseen(string data)
    {
        FolderDatasetOptions options = Modality is { } modality
            && PublishedProtocol.For(modality).Unseen.FirstOrDefault(set =>
                string.Equals(set.Name, Unseen, StringComparison.OrdinalIgnoreCase)) is { } set
                ? set.Options
                : Recipe(1, 0).Dataset;
        return new FolderDataset(Path.Combine(data, Unseen!), options);
    }

    // The set's README names them.
    private static string GroupOf(string name) => Path.GetFileNameWithoutExtension(name) switch
    {
        "malignant (4)" or "malignant (5)" => "malignant 4, 5",
        "malignant (7)" or "malignant (8)" or "malignant (9)" => "malignant 7 to 9",
        _ => name,
    };
}

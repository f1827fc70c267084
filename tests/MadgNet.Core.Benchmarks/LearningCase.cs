using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using MadgNet.Core.Training.Recipes;

namespace MadgNet.Core.Benchmarks;

/// <summary>What one part of the learning bench trains on and is tested on.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Modality">Which published recipe is scaled down.</param>
/// <param name="Seen">The set, below <c>../shared/data</c>, that is divided into training, validation and test.</param>
/// <param name="Unseen">The set that is only tested on; null for none.</param>
/// <param name="Size">Side of the images in pixels.</param>
/// <param name="Epochs">How often the training part is gone through.</param>
internal sealed record LearningCase(string Name, string Title, Modality Modality, string Seen, string? Unseen, int Size, int Epochs)
{
    public const long Seed = 1;
    private const int BatchSize = 4;
    private const double Rate = 1e-3;

    public static IReadOnlyList<LearningCase> All { get; } =
    [
        new("nuclei", "Nuclei in microscopy", Modality.Microscopy, "dsb2018", "monuseg2018", 128, 9),
        new("polyps", "Polyps in colonoscopy", Modality.Colonoscopy, "kvasir_seg", "cvc_clinicdb", 96, 10),
        new("ultrasound", "Lesions in breast ultrasound", Modality.Ultrasound, "busi", "stu", 96, 18),
        new("cupdisc", "Optic cup and disc in the fundus, two labels", Modality.Fundus, "drishti_gs", null, 96, 16),
    ];

    /// <summary>The published recipe of the modality at a size and for a time that a processor can afford, from fresh weights.</summary>
    public Recipe Recipe(TrainingPrecision precision)
    {
        Recipe recipe = Training.Recipes.Recipe.Published(Modality)
            .WithSize(Size)
            .WithEpochs(Epochs)
            .WithIntensities(IntensityScaling.MinMax);
        recipe = recipe with
        {
            BatchSize = BatchSize,
            Seed = Seed,
            Model = recipe.Model with { BatchNormMomentum = 0.3 },
            Loading = recipe.Loading with { CacheBytes = 1L << 30 },
            Trainer = recipe.Trainer with
            {
                Schedule = new CosineAnnealingSchedule(Rate, Rate / 100),
                Precision = precision,
                Layout = MemoryLayout.Auto
            },
        };
        return Modality == Modality.Fundus
            ? recipe.WithLabels(LabelSource.MaskFiles("cup", "masks_cup"), LabelSource.MaskFiles("disc", "masks"))
            : recipe;
    }

    /// <summary>
    /// Training, validation and test: 70, 10 and 20 of 100 images, by a fixed seed; images that are nearly the same stay together.
    /// </summary>
    public (IDataset Training, IDataset Validation, IDataset Test) Divide(string data, Recipe recipe)
    {
        FolderDataset all = recipe.Open(Path.Combine(data, Seen));
        DatasetSplit split = DatasetSplit.Random(all, [("train", 0.7), ("validation", 0.1), ("test", 0.2)], Seed, GroupOf);
        return (split.Of(all, "train"), split.Of(all, "validation"), split.Of(all, "test"));
    }

    /// <summary>The unseen set, read as its own published loader does, with the recipe's intensities.</summary>
    public IDataset OpenUnseen(string data)
    {
        PublishedDataset set = PublishedProtocol.For(Modality).Unseen.FirstOrDefault(set => string.Equals(
            set.Name, Unseen, StringComparison.OrdinalIgnoreCase))
            ?? PublishedProtocol.For(Modality).Seen[0];
        return new FolderDataset(Path.Combine(data, Unseen!), set.Options with { Window = IntensityWindow.MinMax });
    }

    // The set's README names them.
    private static string GroupOf(string name) => Path.GetFileNameWithoutExtension(name) switch
    {
        "malignant (4)" or "malignant (5)" => "malignant 4, 5",
        "malignant (7)" or "malignant (8)" or "malignant (9)" => "malignant 7 to 9",
        _ => name,
    };
}

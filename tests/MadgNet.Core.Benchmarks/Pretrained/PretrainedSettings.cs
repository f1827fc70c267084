using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Models;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Recipes;
using MadgNet.Pretrained.ResNet18;

namespace MadgNet.Core.Benchmarks.Pretrained;

/// <summary>
/// One setting of the fine-tuning recipe at a time, on every set that lies beside the repository: short trainings, scored on validation
/// images. No test image is looked at.
/// </summary>
internal sealed class PretrainedSettings(string data, string folder, TextWriter output, CancellationToken cancellationToken)
{
    private const int Size = 128;
    private const int Steps = 160;
    private const long Seed = 1;

    private static readonly (string Name, Func<Recipe, Recipe> Change)[] Variations =
    [
        ("as it is", recipe => recipe),
        ("encoder at the full rate", recipe => EncoderRate(recipe, 1)),
        ("encoder at 0.3 of the rate", recipe => EncoderRate(recipe, 0.3)),
        ("encoder at 0.03 of the rate", recipe => EncoderRate(recipe, 0.03)),
        ("encoder frozen for a fifth", recipe => recipe with
        {
            Trainer = recipe.Trainer with { FrozenEncoderEpochs = Math.Max(1, recipe.Trainer.Epochs / 5) },
        }),
        ("encoder frozen throughout", recipe => recipe with
        {
            Trainer = recipe.Trainer with { FrozenEncoderEpochs = TrainerOptions.Always },
        }),
        ("statistics follow the batches", recipe => recipe with
        {
            Trainer = recipe.Trainer with { FrozenNormalization = FrozenNormalization.None },
        }),
        ("momentum 0.3", recipe => recipe with { Model = recipe.Model with { BatchNormMomentum = 0.3 } }),
        ("flips alone", recipe => recipe with { Augmentation = [new HorizontalFlip(), new VerticalFlip()] }),
        ("stronger augmentation", recipe => recipe with
        {
            Augmentation = [.. recipe.Augmentation, new ElasticDeformation(magnitude: 6), new GaussianNoise(0.02)],
        }),
        ("half the rate", recipe => Rate(recipe, 5e-4)),
        ("twice the rate", recipe => Rate(recipe, 2e-3)),
        ("160 pixels", recipe => recipe.WithSize(160)),
        ("twice the steps", recipe => recipe.WithEpochs(recipe.Trainer.Epochs * 2)),
        ("batches of 8, as many images", recipe => recipe with { BatchSize = 8 }),
    ];

    public void Run()
    {
        string kept = Path.Combine(folder, "settings.csv");
        Dictionary<(string, string), double> scores = Read(kept);
        string[] sets = [.. Directory.GetDirectories(data)
            .Where(set => Directory.Exists(Path.Combine(set, "images")) && Directory.Exists(Path.Combine(set, "masks")))
            .Select(set => Path.GetFileName(set))
            .Order(StringComparer.Ordinal)];
        foreach ((string name, Func<Recipe, Recipe> change) in Variations)
        {
            foreach (string set in sets.Where(set => !scores.ContainsKey((name, set))))
            {
                double score = Score(set, change);
                scores[(name, set)] = score;
                File.AppendAllText(kept, Measuring.Text($"{name};{set};{score:F4}\n"));
                output.WriteLine(Measuring.Text($"{name,-30} {set,-18} {score:F3}"));
            }

            output.WriteLine(Measuring.Text(
                $"bench pretrained settings {name}: {sets.Average(set => scores[(name, set)]):F3} on {sets.Length} sets"));
        }
    }

    private double Score(string set, Func<Recipe, Recipe> change)
    {
        var all = new FolderDataset(Path.Combine(data, set));
        var split = DatasetSplit.Random(all, [("train", 0.7), ("validation", 0.3)], Seed);
        IDataset training = split.Of(all, "train");
        Recipe usual = Recipe.FromPretrained(ResNet18Weights.ImageNet, training.Count).WithSize(Size) with { Seed = Seed };
        usual = usual.WithEpochs(Math.Max(1, Steps * usual.BatchSize / training.Count));
        Recipe recipe = change(usual);
        recipe = recipe with { Trainer = recipe.Trainer with { ValidateEvery = recipe.Trainer.Epochs } };
        using SegmentationModel model = recipe.BuildModel();
        TrainingResult result = recipe.TrainModel(model, training, split.Of(all, "validation"), cancellationToken: cancellationToken);
        return result.Last.Validation!.Dice;
    }

    private static Recipe EncoderRate(Recipe recipe, double factor) => recipe with
    {
        Trainer = recipe.Trainer with { Optimizer = ((AdamWOptions)recipe.Trainer.Optimizer) with { EncoderRateMultiplier = factor } },
    };

    private static Recipe Rate(Recipe recipe, double rate) => recipe with
    {
        Trainer = recipe.Trainer with
        {
            Schedule = new WarmUpSchedule(new CosineAnnealingSchedule(rate, rate / 100, ScheduleUnit.Step), 1),
        },
    };

    private static Dictionary<(string, string), double> Read(string path)
    {
        var scores = new Dictionary<(string, string), double>();
        foreach (string line in File.Exists(path) ? File.ReadAllLines(path) : [])
        {
            if (line.Split(';') is [var name, var set, var score]
                && double.TryParse(score, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
            {
                scores[(name, set)] = value;
            }
        }

        return scores;
    }
}

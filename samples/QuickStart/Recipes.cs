using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Recipes;
using MadgNet.Pretrained.ResNet18;

namespace MadgNet.Samples.QuickStart;

/// <summary>What the options come to: network, size, augmentation, loss and training in one value.</summary>
internal static class Recipes
{
    public static Recipe Of(QuickStartOptions options, int images)
    {
        Recipe recipe = options.Pretrained ? Pretrained(options, images) : Published(options);
        return (recipe with { Seed = options.Seed })
            .WithIntensities(IntensityScaling.MinMax)
            .WithTrainer(trainer => trainer with { Precision = options.Precision })
            .WithOutput(options.Output);
    }

    /// <summary>A U-Net on an encoder that has learned on ImageNet: what few images of one's own are enough for.</summary>
    private static Recipe Pretrained(QuickStartOptions options, int images)
    {
        Recipe recipe = Recipe.FromPretrained(ResNet18Weights.ImageNet, images).WithSize(options.Size);
        return options.EpochsGiven ? recipe.WithEpochs(options.Epochs) : recipe;
    }

    /// <summary>MADGNet from fresh weights, or from a checkpoint, on pieces of the images at their own scale.</summary>
    private static Recipe Published(QuickStartOptions options) =>
        new Recipe { Name = "quick start", Model = Network(options.Weights), BatchSize = options.BatchSize }
            .WithWeights(options.Weights)
            .WithSize(null)
            .WithAugmentation(
                new RandomCrop(options.CropSize, options.CropSize),
                new HorizontalFlip(),
                new VerticalFlip(),
                new RandomRotation(degrees: 5))
            .WithTrainer(trainer => trainer with
            {
                Epochs = options.Epochs,
                Schedule = new CosineAnnealingSchedule(options.LearningRate, Math.Min(1e-6, options.LearningRate)),
            });

    /// <summary>
    /// MADGNet; a checkpoint knows what its own is made of. Batch normalisation follows a short training faster with a momentum of 0.3.
    /// </summary>
    private static MadgNetOptions Network(string? weights)
    {
        if (weights is null)
        {
            return new MadgNetOptions { BatchNormMomentum = 0.3 };
        }

        using MadgNetModel loaded = MadgNetModel.Load(weights);
        return loaded.Options with { BatchNormMomentum = 0.3 };
    }
}

using MadgNet.Core.Data;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Recipes;
using MadgNet.Pretrained.ResNet18;
using Spectre.Console;
using TorchSharp;

namespace MadgNet.Samples.QuickStart;

/// <summary>Trains a U-Net on an encoder that has learned on ImageNet: what few images of one's own are enough for.</summary>
internal static class PretrainedTraining
{
    public static TrainingResult Run(
        QuickStartOptions options, DeviceType device, IDataset training, IDataset validation, CancellationToken cancellationToken)
    {
        Recipe recipe = Recipe.FromPretrained(ResNet18Weights.ImageNet, training.Count)
            .WithIntensities(IntensityScaling.MinMax)
            .WithSize(options.Size)
            .WithOutput(options.Output);
        recipe = (options.EpochsGiven ? recipe.WithEpochs(options.Epochs) : recipe) with { Seed = options.Seed };
        recipe = recipe with { Trainer = recipe.Trainer with { Precision = options.Precision } };
        SegmentationModel built = recipe.BuildModel();
        using SegmentationModel model = device == DeviceType.CPU ? built : (SegmentationModel)built.to(device);
        AnsiConsole.MarkupLineInterpolated(
            $"U-Net with {model.ParameterCount:N0} parameters, its encoder from {recipe.Weights}; {recipe.Trainer.Epochs} epochs.");
        TrainingResult result = TrainingDisplay.Show(progress => recipe.TrainModel(
            model, training, validation, progress, cancellationToken: cancellationToken));
        AnsiConsole.MarkupLineInterpolated(
            $"Best epoch {result.BestEpoch} of {recipe.Trainer.Epochs}, saved as {result.BestCheckpoint}. MODEL.md beside it names the licence of the weights.");
        return result;
    }
}

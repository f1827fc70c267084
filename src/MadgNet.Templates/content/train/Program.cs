using MadgNet.Core.Data;
using MadgNet.Core.Foundation;
using MadgNet.Core.Inference;
using MadgNet.Core.Metrics;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Recipes;
using MadgNet.Pretrained.ResNet18;

// Trains a network on your images, tests it and makes masks:
//
//   dotnet run -- train data run          data/images and data/masks hold pairs with equal names
//   dotnet run -- predict run images masks
//
// A third number after 'train data run' sets the epochs, for a first try: dotnet run -- train data run 2

try
{
    switch (args)
    {
        case ["train", var data, var run]:
            Train(data, run, epochs: null);
            return 0;
        case ["train", var data, var run, var number] when int.TryParse(number, out int epochs) && epochs > 0:
            Train(data, run, epochs);
            return 0;
        case ["predict", var run, var images, var masks]:
            Predict(run, images, masks);
            return 0;
        default:
            Console.Error.WriteLine("Usage: train DATA RUN [EPOCHS], or: predict RUN IMAGES MASKS");
            return 2;
    }
}
catch (MadgNetException exception)
{
    // The library's messages say what it received, what it expects and what to do.
    Console.Error.WriteLine(exception.Message);
    return 1;
}

static void Train(string data, string run, int? epochs)
{
    // 1. Three parts, chosen by a seed. The test part has no influence on the network.
    var images = new FolderDataset(data);
    DatasetSplit split = DatasetSplit.Random(images, [("train", 0.6), ("validation", 0.2), ("test", 0.2)], seed: 1);
    IDataset training = split.Of(images, "train");
    IDataset test = split.Of(images, "test");

    // 2. A U-Net on an encoder that has learned on ImageNet. The number of images decides batches and epochs.
    Recipe recipe = Recipe.FromPretrained(ResNet18Weights.ImageNet, training.Count).WithOutput(run) with { Seed = 1 };
    if (epochs is { } count)
    {
        recipe = recipe.WithEpochs(count);
    }

    TrainingResult result = recipe.Train(training, split.Of(images, "validation"), new EpochLines());
    Console.WriteLine($"The best weights are in {result.BestCheckpoint}.");

    // 3. The test, with an interval: a mean over few images says little without one.
    using Predictor predictor = Predictor.Load(result.BestCheckpoint!);
    EvaluationReport report = new Evaluator().EvaluateDataset(test, sample => predictor.Predict(sample.Image).Probability);
    MetricSummary dice = report.Summarize(Metric.Dice);
    Console.WriteLine($"Test Dice {dice.Mean:F3} [{dice.Confidence.Lower:F3}, {dice.Confidence.Upper:F3}] on {test.Count} images.");
}

static void Predict(string run, string images, string masks)
{
    using Predictor predictor = Predictor.Load(Path.Combine(run, "best.safetensors"));
    Directory.CreateDirectory(masks);
    foreach (string image in Directory.EnumerateFiles(images).Order(StringComparer.Ordinal))
    {
        string mask = Path.Combine(masks, Path.GetFileNameWithoutExtension(image) + ".png");
        predictor.Predict(image).SaveMask(mask);
        Console.WriteLine(mask);
    }
}

/// <summary>Writes one line for each epoch.</summary>
internal sealed class EpochLines : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.Phase == TrainingPhase.EpochCompleted)
        {
            Console.WriteLine($"Epoch {value.Epoch} of {value.Epochs}: loss {value.Loss:F3}, validation Dice {value.Validation?.Dice:F3}");
        }
    }
}

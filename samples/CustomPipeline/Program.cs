using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inference.Visualization;
using MadgNet.Core.Inputs;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Recipes;
using MadgNet.Samples.CustomPipeline;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string output = args.Length > 0 ? args[0] : Path.Combine(Path.GetTempPath(), "madgnet-custom-pipeline");

// An encoder and an attention of one's own have names, as the library's parts have.
ModelRegistry registry = ModelRegistry.BuiltIn.With(
    new EncoderEntry("small", channels => new SmallEncoder(channels)),
    new ChannelAttentionEntry("mean-gate", context => new MeanGate(context.Channels)));

// The rest is the library's: MADGNet's decoder, loss, loaders and trainer, with a transform of one's own among its transforms.
Recipe recipe = new Recipe { Name = "custom pipeline", Registry = registry, BatchSize = 8, Seed = 1 }
    .WithNetwork(new MadgNetOptions
    {
        Encoder = "small",
        ChannelAttention = "mean-gate",
        SkipChannels = 16,
        DecoderChannels = [32, 16],
        BatchNormMomentum = 0.3,
    })
    .WithIntensities(IntensityScaling.MinMax)
    .WithSize(null)
    .WithAugmentation(new RandomCrop(128, 128), new HorizontalFlip(), new InvertSometimes { Probability = 0.1 })
    .WithTrainer(trainer => trainer with
    {
        Epochs = 8,
        Optimizer = new AdamWOptions(),
        Schedule = new CosineAnnealingSchedule(3e-3, 1e-4),
    })
    .WithOutput(output);
FolderDataset training = recipe.Open(Path.Combine(AppContext.BaseDirectory, "data", "train"));
FolderDataset validation = recipe.Open(Path.Combine(AppContext.BaseDirectory, "data", "validation"));
TrainingResult result = recipe.Train(training, validation);
foreach (EpochRecord epoch in result.History)
{
    Console.WriteLine($"epoch {epoch.Epoch}/{result.History.Count}  loss {epoch.Loss:F3}  Dice {epoch.Validation!.Dice:F3}");
}

// The file names its parts; with the registry it is loaded, evaluated and looked into as any other.
using Predictor predictor = Predictor.Load(result.BestCheckpoint!, registry);
EvaluationReport report = new Evaluator().EvaluateDataset(validation, sample => predictor.Predict(sample.Image).Probability);
AttentionReport seen = new AttentionExplorer(predictor.Model).Explore(validation.Load(0).Image);
Console.WriteLine($"attention of {string.Join(" and ", seen.Stages.Select(stage => stage.Scales.Count))} scale(s) in the stages");

Console.WriteLine($"validation Dice {report.Summarize(Metric.Dice).Mean:F3}");

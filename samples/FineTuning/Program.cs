using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inference.Visualization;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Recipes;
using MadgNet.Onnx;
using MadgNet.Pretrained.ResNet18;

// Trains a network on few images from an encoder that has learned on ImageNet, tests it on images that had no part in it, pictures
// what it finds, and exports it.
//
//   dotnet run --project samples/FineTuning [--data FOLDER] [--epochs N] [--size PIXELS] [--out FOLDER]
//
// FOLDER holds images/ and masks/ with equal names, polyps for example; a fifth of the images is for validation and a fifth for
// the test. Without --data: a short training on the nuclei that the quick start ships.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int ShortEpochs = 4;
const int ShortSize = 96;
const int UsualSize = 192;
string output = Path.Combine("runs", "fine-tuning");
string? data = null;
int? epochs = null;
int? size = null;
for (int i = 0; i < args.Length; i += 2)
{
    string? value = i + 1 < args.Length ? args[i + 1] : null;
    switch (args[i])
    {
        case "--data" when value is not null:
            data = value;
            break;
        case "--out" when value is not null:
            output = value;
            break;
        case "--epochs" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0:
            epochs = count;
            break;
        case "--size" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int side) && side > 0 && side % 32 == 0:
            size = side;
            break;
        default:
            Console.Error.WriteLine(
                $"received '{args[i]} {value}'; expected [--data FOLDER] [--epochs N] [--size a multiple of 32] [--out FOLDER].");
            return 2;
    }
}

try
{
    if (data is null)
    {
        Run(Path.Combine(AppContext.BaseDirectory, "data", "train"), epochs ?? ShortEpochs, size ?? ShortSize, output);
    }
    else
    {
        Run(data, epochs, size ?? UsualSize, output);
    }

    return 0;
}
catch (MadgNetException problem)
{
    Console.Error.WriteLine(problem.Message);
    return 1;
}

static void Run(string folder, int? epochs, int size, string output)
{
    // 1. Images: three parts, by a seed, so that what is tested was neither trained on nor chosen by.
    var all = new FolderDataset(folder);
    var split = DatasetSplit.Random(all, [("train", 0.6), ("validation", 0.2), ("test", 0.2)], seed: 1);
    IDataset training = split.Of(all, "train");
    IDataset test = split.Of(all, "test");

    // 2. The recipe for so many images. Encoder, weights and the way in which the encoder takes images come together.
    Recipe recipe = Recipe.FromPretrained(ResNet18Weights.ImageNet, training.Count).WithSize(size).WithOutput(output);
    recipe = (epochs is { } count ? recipe.WithEpochs(count) : recipe) with { Seed = 1 };
    Console.WriteLine($"{recipe.Name}: {recipe.Trainer.Epochs} epochs at {size}×{size}");
    TrainingResult result = recipe.Train(training, split.Of(all, "validation"), new Lines());

    // 3. The test, with an interval: a mean over few images says little without one.
    using Predictor predictor = Predictor.Load(result.BestCheckpoint!);
    EvaluationReport report = new Evaluator().EvaluateDataset(test, sample => predictor.Predict(sample.Image).Probability);
    MetricSummary dice = report.Summarize(Metric.Dice);
    Console.WriteLine($"test Dice {dice.Mean:F3} [{dice.Confidence.Lower:F3}, {dice.Confidence.Upper:F3}] on {test.Count} images");

    // 4. Pictures: prediction and truth over the image, and where they differ.
    var panels = new List<FigurePanel?>();
    for (int i = 0; i < Math.Min(4, test.Count); i++)
    {
        panels.AddRange(Row(test.Load(i), predictor));
    }

    ImageWriter.Write(
        FigureSheet.Draw(panels, new FigureSheetOptions { Columns = 2, TileWidth = 340, TileHeight = 280 }),
        Path.Combine(output, "predictions.png"));

    // 5. A file for applications without libtorch. Neither needs the package with the pretrained weights.
    using SegmentationModel model = SegmentationModel.Load(result.BestCheckpoint!);
    var export = new OnnxExportOptions { InputSize = (size, size) };
    OnnxExporter.Export(model, Path.Combine(output, "network.onnx"), export);
    OnnxExporter.Export(model, Path.Combine(output, "network-int8.onnx"), export with { Precision = OnnxPrecision.Int8 });
    Console.WriteLine($"Wrote best.safetensors, MODEL.md, predictions.png, network.onnx and network-int8.onnx to {Path.GetFullPath(output)}");
}

static IEnumerable<FigurePanel?> Row(Sample sample, Predictor predictor)
{
    Prediction prediction = predictor.Predict(sample.Image);
    FloatImage truth = sample.BinaryMask(0);
    OverlayLayer[] layers = [OverlayLayer.FromMap(truth, name: "truth"), .. OverlayLayer.FromPrediction(prediction)];
    yield return new FigurePanel(Overlay.Draw(sample.Image, layers, new OverlayOptions()), sample.Name) { Legend = Overlay.Legend(layers) };
    ErrorMap errors = ErrorMap.Compare(prediction, truth);
    yield return new FigurePanel(errors.Draw(sample.Image, new ErrorMapOptions()), "Errors") { Legend = errors.Legend() };
}

/// <summary>A line an epoch.</summary>
internal sealed class Lines : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        if (value.Phase == TrainingPhase.EpochCompleted)
        {
            Console.WriteLine($"epoch {value.Epoch}/{value.Epochs}: loss {value.Loss:F3}, validation Dice {value.Validation?.Dice:F3}");
        }
    }
}

using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inference.Visualization;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;

// Looks at what a network predicts, where it is wrong, and what it pays attention to.
//
//   dotnet run --project samples/Explain [IMAGE…] [--weights FILE] [--out FOLDER]
//
// Without weights: the published network after a training that is far too short, on the nuclei that the quick start
// ships. Without images: some of those nuclei, whose truth is known, so that errors can be shown too.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Epochs = 3;
string output = Path.Combine("runs", "explain");
string? weights = null;
var images = new List<string>();
for (int i = 0; i < args.Length; i++)
{
    if (args[i] is "--out" or "--weights" && i + 1 < args.Length)
    {
        (output, weights) = args[i] == "--out" ? (args[i + 1], weights) : (output, args[i + 1]);
        i++;
    }
    else if (!args[i].StartsWith('-'))
    {
        images.Add(args[i]);
    }
    else
    {
        Console.Error.WriteLine($"received '{args[i]}'; expected [IMAGE…] [--weights FILE] [--out FOLDER].");
        return 2;
    }
}

try
{
    string data = Path.Combine(AppContext.BaseDirectory, "data");
    using MadgNetModel model = weights is null ? Trained(Path.Combine(data, "train")) : MadgNetModel.Load(weights);
    Directory.CreateDirectory(output);

    // 1. Predictions: contours, probabilities and, where the truth is known, errors.
    var known = new FolderDataset(Path.Combine(data, "validation"), new FolderDatasetOptions { Window = IntensityWindow.MinMax });
    int[] shown = [.. Enumerable.Range(0, known.Count).Where(i => i % 5 == 0)];
    List<(string Path, FloatImage? Truth)> looked = images.Count > 0
        ? [.. images.Select(path => (path, (FloatImage?)null))]
        : [.. shown.Select(i => (known.FilesOf(i).Image, (FloatImage?)known.Load(i).BinaryMask(0)))];
    using var predictor = new Predictor(model);
    var reader = new ImageReader();
    var panels = new List<FigurePanel?>();
    foreach ((string path, FloatImage? truth) in looked)
    {
        PixelImage pixels = reader.Read(path);
        panels.AddRange(Row(pixels, predictor.Predict(pixels), truth));
    }

    ImageWriter.Write(
        FigureSheet.Draw(panels, new FigureSheetOptions { Columns = 4, TileWidth = 300, TileHeight = 240 }),
        Path.Combine(output, "predictions.png"));

    // 2. Several layers over one image: how sure the network is, drawn in three ways.
    PixelImage first = reader.Read(looked[0].Path);
    ImageWriter.Write(Certainty(first, predictor.Predict(first)), Path.Combine(output, "overlays.png"));

    // 3. Attention, for the first of the images: everything that the network computed on the way.
    AttentionReport report = new AttentionExplorer(model).Explore(looked[0].Path);
    IReadOnlyList<string> files = report.Save(Path.Combine(output, "attention"));
    foreach (StageAttention stage in report.Stages)
    {
        Console.WriteLine($"stage {stage.Number}: " + string.Join(", ", stage.Scales.Select(scale =>
            $"scale {scale.Scale} α {scale.Spatial?.Alpha:F4} β {scale.Spatial?.Beta:F4} mean channel weight {scale.Channels?.Weights.Average():F2}")));
    }

    Console.WriteLine($"Wrote predictions.png, overlays.png and {files.Count} files about attention to {Path.GetFullPath(output)}");
    return 0;
}
catch (MadgNetException problem)
{
    Console.Error.WriteLine(problem.Message);
    return 1;
}

// The image alone, prediction (and truth) over it, the probability over it, and the errors.
static IEnumerable<FigurePanel?> Row(PixelImage pixels, Prediction prediction, FloatImage? truth)
{
    FloatImage image = pixels.ToFloat(ImageChannels.Rgb, IntensityWindow.MinMax);
    int enlarged = Math.Max(1, 300 / Math.Max(image.Width, image.Height));
    List<OverlayLayer> layers = [.. OverlayLayer.FromPrediction(prediction)];
    if (truth is not null)
    {
        layers.Insert(0, OverlayLayer.FromMap(truth, name: "truth"));
    }

    yield return new FigurePanel(
        Overlay.Draw(image, [], new OverlayOptions { Gamma = 0.7 }), "Image")
    { Caption = $"{image.Width}×{image.Height}" };
    yield return new FigurePanel(
        Overlay.Draw(image, layers, new OverlayOptions { Gamma = 0.7, Magnification = enlarged }),
        "Contours")
    { Legend = Overlay.Legend(layers) };
    yield return new FigurePanel(
        HeatMap.DrawOver(image, prediction.Probability, 0, new HeatMapOptions { ColorBar = true, Gamma = 0.7 }), "Probability");
    if (truth is null)
    {
        yield return null;
        yield break;
    }

    ErrorMap errors = ErrorMap.Compare(prediction, truth);
    yield return new FigurePanel(errors.Draw(image, new ErrorMapOptions { Gamma = 0.7 }), "Errors in pixels") { Legend = errors.Legend() };
}

static PixelImage Certainty(PixelImage pixels, Prediction prediction)
{
    FloatImage image = pixels.ToFloat(ImageChannels.Rgb, IntensityWindow.MinMax);
    OverlayLayer[] layers = [.. new[]
    {
        0.4,
        0.6,
        0.8
    }.Select(threshold => OverlayLayer.FromMap(prediction.Probability, 0, threshold, $"above {threshold}"))];
    var options = new OverlayOptions { Gamma = 0.7, Magnification = Math.Clamp(900 / Math.Max(image.Width, image.Height), 1, 4) };
    FigurePanel Drawn(string title, OverlayOptions options) => new(Overlay.Draw(image, layers, options), title);
    return FigureSheet.Draw(
        [
            Drawn("Contours", options with { ContourThickness = 3 }),
            Drawn("Areas", options with { ContourThickness = 0, FillOpacity = 0.4 }),
            Drawn("Both", options with { ContourThickness = 5, FillOpacity = 0.25 }),
        ],
        new FigureSheetOptions { Columns = 3, TileWidth = 340, TileHeight = 340, Legend = Overlay.Legend(layers) });
}

static MadgNetModel Trained(string folder)
{
    IDataset training = new FolderDataset(
        folder, new FolderDatasetOptions { Window = IntensityWindow.MinMax }).Subset([.. Enumerable.Range(0, 48)]);
    var loader = new BatchLoader(training, new BatchLoaderOptions
    {
        BatchSize = 4,
        DropLast = true,
        Seed = 1,
        Transform = new Compose(new RandomCrop(96, 96), new HorizontalFlip(), new VerticalFlip()),
    });
    MadgNetModel model = new MadgNetBuilder().WithInput(input => input with { Scaling = IntensityScaling.MinMax })
        .WithBatchNormMomentum(0.3)
        .WithSeed(1)
        .Build();
    var trainer = new Trainer(model, new TrainerOptions { Epochs = Epochs, Schedule = new CosineAnnealingSchedule(1e-3, 1e-5) });
    trainer.Train(loader);
    Console.WriteLine($"Trained for {Epochs} epochs on {training.Count} images.");
    return model;
}

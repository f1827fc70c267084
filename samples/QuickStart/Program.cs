using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.Samples.QuickStart;
using Spectre.Console;
using TorchSharp;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (!AnsiConsole.Profile.Out.IsTerminal)
{
    // A log has no edge to wrap at.
    AnsiConsole.Profile.Width = 200;
}

return QuickStartOptions.Run(args, options =>
{
    using var cancellation = new CancellationTokenSource();
    Console.CancelKeyPress += (_, pressed) =>
    {
        pressed.Cancel = true;
        cancellation.Cancel();
    };
    try
    {
        Run(options, cancellation.Token);
        return 0;
    }
    catch (OperationCanceledException)
    {
        AnsiConsole.MarkupLine("[yellow]Stopped.[/] The last weights are in the output folder.");
        return 130;
    }
    catch (MadgNetException exception)
    {
        AnsiConsole.MarkupLineInterpolated($"[red]{exception.Message}[/]");
        return 1;
    }
});

static void Run(QuickStartOptions options, CancellationToken cancellationToken)
{
    var watch = Stopwatch.StartNew();
    DeviceType device = ChooseDevice(options.Device);

    // 1. Data: pairs of image and mask. Dim and bright images alike are stretched to 0..1.
    (IDataset training, FolderDataset validation) = Datasets(options);
    AnsiConsole.MarkupLineInterpolated(
        $"Training on [bold]{training.Count}[/] images, validating on [bold]{validation.Count}[/], on {device}.");

    // 2. and 3. Network and training. The best and the last weights are kept in the output folder.
    string best = (options.Pretrained
        ? PretrainedTraining.Run(options, device, training, validation, cancellationToken)
        : TrainPublished(options, device, training, validation, cancellationToken)).BestCheckpoint
            ?? throw new IOException(
                $"Received no best checkpoint in '{options.Output}'; expected one. Free disk space there and try again.");

    // 4. Prediction, as a program would that only has the file.
    using Predictor predictor = Predictor.Load(best, device: new torch.Device(device));
    string pictures = Path.Combine(options.Output, "overlays");
    Directory.CreateDirectory(pictures);
    var table = new Table().Border(TableBorder.Rounded).Title("Validation images, by the reloaded checkpoint");
    table.AddColumn("image")
        .AddColumn("size")
        .AddColumn(new TableColumn("Dice").RightAligned())
        .AddColumn(new TableColumn("IoU").RightAligned());
    var panels = new List<OverlayPanel>();
    for (int i = 0; i < validation.Count; i++)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Sample truth = validation.Load(i);
        Prediction prediction = predictor.Predict(validation.FilesOf(i).Image);
        ConfusionCounts counts = Compare(prediction, truth);
        var panel = new OverlayPanel(truth.Name, truth.Image, truth.BinaryMask(0), prediction.Mask(), counts.Dice);
        OverlayPainter.Save(panel, Path.Combine(pictures, $"{truth.Name}.png"));
        panels.Add(panel);
        table.AddRow(
            Markup.Escape(Shorten(truth.Name)),
            $"{truth.Image.Width}×{truth.Image.Height}",
            $"{counts.Dice:F3}",
            $"{counts.IntersectionOverUnion:F3}");
    }

    double dice = panels.Average(panel => panel.Dice);
    string sheet = Path.Combine(options.Output, "overlays.png");
    OverlayPainter.SaveSheet([.. panels.OrderByDescending(panel => panel.Dice)], sheet);
    AnsiConsole.Write(table);
    AnsiConsole.MarkupLineInterpolated($"Pictures: {pictures} and, together, {sheet}. {watch.Elapsed.TotalSeconds:F0} s in all.");
    Console.WriteLine($"validation Dice {dice:F3}");
}

// The published network from fresh weights, or from a checkpoint.
static TrainingResult TrainPublished(
    QuickStartOptions options, DeviceType device, IDataset training, IDataset validation, CancellationToken cancellationToken)
{
    var augmentation = new Compose(
        new RandomCrop(options.CropSize, options.CropSize),
        new HorizontalFlip(),
        new VerticalFlip(),
        new RandomRotation(degrees: 5));
    var trainingLoader = new BatchLoader(
        training, new BatchLoaderOptions { BatchSize = options.BatchSize, Transform = augmentation, Seed = options.Seed, DropLast = true });
    var validationLoader = new BatchLoader(validation, new BatchLoaderOptions { BatchSize = 1, Shuffle = false });

    // Batch normalisation follows a short training faster with a momentum of 0.3.
    using MadgNetModel model = BuildModel(options, device);
    AnsiConsole.MarkupLineInterpolated(
        $"MADGNet with {model.ParameterCount:N0} parameters, {(options.Weights is null ? "fresh weights" : $"weights from {options.Weights}")}.");
    var trainer = new Trainer(model, new TrainerOptions
    {
        Epochs = options.Epochs,
        Schedule = new CosineAnnealingSchedule(options.LearningRate, Math.Min(1e-6, options.LearningRate)),
        OutputFolder = options.Output,
        Precision = options.Precision,
    });
    TrainingResult result = TrainingDisplay.Show(progress => trainer.Train(
        trainingLoader, validationLoader, progress, cancellationToken));
    AnsiConsole.MarkupLineInterpolated($"Best epoch {result.BestEpoch} of {options.Epochs}, saved as {result.BestCheckpoint}.");
    return result;
}

static DeviceType ChooseDevice(string choice) =>
    choice == "cuda" || (choice == "auto" && torch.cuda.is_available()) ? DeviceType.CUDA : DeviceType.CPU;

static (IDataset Training, FolderDataset Validation) Datasets(QuickStartOptions options)
{
    var reading = new FolderDatasetOptions { Window = IntensityWindow.MinMax };
    if (options.Data is null)
    {
        string shipped = Path.Combine(AppContext.BaseDirectory, "data");
        return (new FolderDataset(Path.Combine(shipped, "train"), reading),
            new FolderDataset(Path.Combine(shipped, "validation"), reading));
    }

    var all = new FolderDataset(options.Data, reading);
    (string Name, SampleFiles Files)[] pairs = [.. Enumerable.Range(0, all.Count).Select(i => (all.NameOf(i), all.FilesOf(i)))];
    if (pairs.Length < 10)
    {
        throw new DatasetException([new Problem(
            options.Data,
            $"{pairs.Length} pairs of image and mask",
            "10 or more, every fifth of which validates",
            "Add images, or try the nuclei that come with this sample")]);
    }

    return (
        new FolderDataset(pairs.Where((_, i) => i % 5 != 0), reading),
        new FolderDataset(pairs.Where((_, i) => i % 5 == 0), reading));
}

static MadgNetModel BuildModel(QuickStartOptions options, DeviceType device)
{
    if (options.Weights is null)
    {
        return new MadgNetBuilder()
            .WithInput(input => input with { Scaling = IntensityScaling.MinMax })
            .WithBatchNormMomentum(0.3)
            .WithSeed(options.Seed)
            .OnDevice(device)
            .Build();
    }

    // A checkpoint knows its own configuration; only the way that this sample scales intensities is set on top.
    using MadgNetModel loaded = MadgNetModel.Load(options.Weights);
    return new MadgNetBuilder(loaded.Options)
        .WithInput(input => input with { Scaling = IntensityScaling.MinMax })
        .WithBatchNormMomentum(0.3)
        .WithWeights(options.Weights)
        .OnDevice(device)
        .Build();
}

static ConfusionCounts Compare(Prediction prediction, Sample truth)
{
    FloatImage mask = truth.BinaryMask(0);
    bool[] nuclei = [.. mask.Data.ToArray().Select(value => value >= 0.5f)];
    return ConfusionCounts.FromMaps(prediction.Probability.Plane(0), nuclei, mask.Height, mask.Width, prediction.Threshold);
}

static string Shorten(string name) => name.Length <= 20 ? name : $"{name[..17]}…";

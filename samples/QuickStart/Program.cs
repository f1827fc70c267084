using System.Diagnostics;
using System.Globalization;
using MadgNet.Core.Data;
using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Recipes;
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

    // 2. A recipe: the network, how images are varied, how it is trained. The best and the last weights are kept in the output folder.
    Recipe recipe = Recipes.Of(options, training.Count);

    // 3. Training.
    TrainingResult result = Train(recipe, options, device, training, validation, cancellationToken);
    string best = result.BestCheckpoint
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

static TrainingResult Train(
    Recipe recipe,
    QuickStartOptions options,
    DeviceType device,
    IDataset training,
    IDataset validation,
    CancellationToken cancellationToken)
{
    SegmentationModel built = recipe.BuildModel();
    using SegmentationModel model = device == DeviceType.CPU ? built : (SegmentationModel)built.to(device);
    AnsiConsole.MarkupLineInterpolated(
        $"{(model is UNet ? "U-Net" : "MADGNet")} with {model.ParameterCount:N0} parameters, {(recipe.Weights is null ? "fresh weights" : $"weights from {recipe.Weights}")}; {recipe.Trainer.Epochs} epochs.");
    TrainingResult result = TrainingDisplay.Show(progress => recipe.TrainModel(
        model, training, validation, progress, cancellationToken: cancellationToken));
    AnsiConsole.MarkupLineInterpolated($"Best epoch {result.BestEpoch} of {recipe.Trainer.Epochs}, saved as {result.BestCheckpoint}.");
    if (options.Pretrained)
    {
        AnsiConsole.MarkupLine("MODEL.md beside it names the licence of the weights that it started from.");
    }

    return result;
}

static DeviceType ChooseDevice(string choice) =>
    choice == "cuda" || (choice == "auto" && torch.cuda.is_available()) ? DeviceType.CUDA : DeviceType.CPU;

static (IDataset Training, FolderDataset Validation) Datasets(QuickStartOptions options)
{
    FolderDatasetOptions reading = new FolderDatasetOptions().For(new ModelInput { Scaling = IntensityScaling.MinMax });
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

static ConfusionCounts Compare(Prediction prediction, Sample truth)
{
    FloatImage mask = truth.BinaryMask(0);
    bool[] nuclei = [.. mask.Data.ToArray().Select(value => value >= 0.5f)];
    return ConfusionCounts.FromMaps(prediction.Probability.Plane(0), nuclei, mask.Height, mask.Width, prediction.Threshold);
}

static string Shorten(string name) => name.Length <= 20 ? name : $"{name[..17]}…";

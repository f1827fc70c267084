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
using MadgNet.Samples.Evaluation;
using TorchSharp;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string shipped = Path.Combine(AppContext.BaseDirectory, "data");
return EvaluationOptions.Run(args, options =>
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
        Console.Error.WriteLine("Stopped.");
        return 130;
    }
    catch (MadgNetException exception)
    {
        Console.Error.WriteLine(exception.Message);
        return 1;
    }
});

void Run(EvaluationOptions options, CancellationToken cancellationToken)
{
    Directory.CreateDirectory(options.Output);
    string checkpoint = options.Weights ?? Checkpoint(options.Output, cancellationToken);
    torch.Device device = torch.cuda.is_available() ? torch.CUDA : torch.CPU;
    using Predictor predictor = Predictor.Load(checkpoint, device: device);
    Console.WriteLine($"{checkpoint} on {device}, {predictor.Model.Labels} label(s).");

    // 1. The sets: those named on the command line, or nuclei and the same nuclei under a worse microscope.
    FolderDatasetOptions reading = new FolderDatasetOptions().For(predictor.Model.Input);
    (string Name, IDataset Data)[] seen = [.. options.Seen.Select(Named)];
    (string Name, IDataset Data)[] unseen = [.. options.Unseen.Select(Named)];
    (string Name, IDataset Data)? validation = options.Validation is null
        ? null
        : ("validation", new FolderDataset(options.Validation, reading));
    if (seen.Length == 0)
    {
        var nuclei = new FolderDataset(Path.Combine(shipped, "validation"), reading);
        var test = new FolderDataset(Pairs(nuclei, i => i % 3 != 0), reading);
        seen = [("nuclei", test)];
        unseen = [("worse microscope, simulated", new OtherMicroscope(test))];
        validation ??= ("nuclei, validation", new FolderDataset(Pairs(nuclei, i => i % 3 == 0), reading));
    }

    // 2. The threshold, chosen on validation data only; an evaluation of that set would refuse it.
    ThresholdSelection? thresholds = null;
    if (validation is { } chosenOn)
    {
        thresholds = ThresholdSweep.Run(chosenOn.Name, Cases(chosenOn.Data), Metric.Dice, cancellationToken).Selection;
        thresholds.SaveJson(Path.Combine(options.Output, "thresholds.json"));
        Console.WriteLine($"Thresholds chosen on '{chosenOn.Name}': {string.Join(", ", thresholds.Thresholds)}");
    }

    // 3. Every set under the same settings, with its own report.
    EvaluationReport[] seenReports = [.. seen.Select(set => Evaluate(set.Name, set.Data))];
    EvaluationReport[] unseenReports = [.. unseen.Select(set => Evaluate(set.Name, set.Data))];

    // 4. What is lost between them.
    Metric[] columns = [Metric.Dice, Metric.IntersectionOverUnion, Metric.StructureMeasure, Metric.HausdorffDistance95];
    GeneralizationTable table = GeneralizationTable.Create(seenReports, unseenReports, columns);
    Console.WriteLine();
    Console.WriteLine(table.ToMarkdown());
    File.WriteAllText(Path.Combine(options.Output, "generalization.csv"), table.ToCsv());
    foreach (EvaluationReport report in seenReports.Concat(unseenReports))
    {
        MetricSummary distance = report.Summarize(Metric.HausdorffDistance95);
        string worst = string.Join(
            ", ", report.Worst(Metric.Dice, 3).Select(result => $"{Shorten(result.Name)} {result.Value(Metric.Dice):F3}"));
        Console.WriteLine(
            $"{report.Settings.SetName}: worst Dice {worst}; HD95 undefined for {distance.Undefined.Count} of {report.Cases.Count}.");
    }

    // Sets of the same cases, as the simulated ones are, can be compared case by case.
    if (options.Seen.Count == 0)
    {
        PairedComparison paired = PairedComparison.Compare(seenReports[0], unseenReports[0], columns);
        MetricComparison dice = paired.Metrics[0];
        Console.WriteLine(
            $"Case by case, Dice changes by {dice.MeanDifference:F3} ({dice.Confidence.Lower:F3} to {dice.Confidence.Upper:F3}), "
                + $"Wilcoxon p = {dice.WilcoxonAdjustedPValue:G2} after Holm.");
    }

    Console.WriteLine($"Reports: {options.Output}");

    (string Name, IDataset Data) Named(string argument)
    {
        int at = argument.IndexOf('=', StringComparison.Ordinal);
        return (argument[..at], new FolderDataset(argument[(at + 1)..], reading));
    }

    IEnumerable<EvaluationCase> Cases(IDataset data)
    {
        for (int i = 0; i < data.Count; i++)
        {
            Sample sample = data.Load(i);
            if (options.Size is { } size)
            {
                sample = sample.With(
                    ImageResizer.Bilinear(sample.Image, size, size),
                    [.. sample.Masks.Select(mask => ImageResizer.Bilinear(mask, size, size))]);
            }

            yield return new EvaluationCase(sample.Name, predictor.Predict(sample.Image).Probability, sample.Masks);
        }
    }

    EvaluationReport Evaluate(string name, IDataset data)
    {
        var evaluator = new Evaluator(new EvaluatorOptions
        {
            SetName = name,
            ModelName = Path.GetFileNameWithoutExtension(checkpoint),
            LabelNames = predictor.Model.LabelNames is { Count: > 0 } labels ? labels : null,
            NetworkSize = options.Size is { } size ? (size, size) : null,
            Thresholds = thresholds,
            Metrics = new MetricOptions { Profile = options.Official ? MetricProfile.MadgNetOfficial : MetricProfile.Standard },
        });
        EvaluationReport report = evaluator.EvaluateDataset(
            data, sample => predictor.Predict(sample.Image).Probability, cancellationToken: cancellationToken);
        string file = Path.Combine(options.Output, string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')));
        report.SaveJson(file + ".json");
        report.SaveCsv(file + ".csv");
        report.SaveMarkdown(file + ".md");
        return report;
    }
}

string Checkpoint(string output, CancellationToken cancellationToken)
{
    string quickStart = Path.Combine("runs", "quickstart", Trainer.BestFileName);
    if (File.Exists(quickStart))
    {
        return quickStart;
    }

    Console.WriteLine(
        "No checkpoint was given and the QuickStart sample left none: training one for two epochs, which is too short to be good.");
    var training = new FolderDataset(Path.Combine(shipped, "train"), new FolderDatasetOptions { Window = IntensityWindow.MinMax });
    var loader = new BatchLoader(training, new BatchLoaderOptions
    {
        BatchSize = 4,
        Transform = new Compose(new RandomCrop(96, 96), new HorizontalFlip(), new VerticalFlip()),
        DropLast = true,
    });
    using MadgNetModel model = new MadgNetBuilder().WithInput(input => input with { Scaling = IntensityScaling.MinMax })
        .WithBatchNormMomentum(0.3)
        .WithSeed(0)
        .Build();
    var trainer = new Trainer(
        model, new TrainerOptions { Epochs = 2, Schedule = new CosineAnnealingSchedule(1e-3, 1e-6), OutputFolder = output });
    TrainingResult result = trainer.Train(loader, cancellationToken: cancellationToken);
    return result.LastCheckpoint
        ?? throw new IOException($"Received no checkpoint in '{output}'; expected one. Free disk space there and try again.");
}

static IEnumerable<(string Name, SampleFiles Files)> Pairs(FolderDataset data, Func<int, bool> isTaken) =>
    Enumerable.Range(0, data.Count).Where(isTaken).Select(i => (data.NameOf(i), data.FilesOf(i)));

static string Shorten(string name) => name.Length <= 12 ? name : $"{name[..11]}…";

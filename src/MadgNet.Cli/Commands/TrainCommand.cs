using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;
using MadgNet.Core.Models;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Training.Reporting;
using MadgNet.Core.Weights;
using MadgNet.Medical.Data;
using Spectre.Console;
using TorchSharp;

namespace MadgNet.Cli.Commands;

/// <summary>Trains a network on a folder of images and a folder of masks.</summary>
internal sealed class TrainCommand : CliCommand
{
    private const int PicturesToLog = 8;
    private const string Train = "train";
    private const string Validation = "validation";

    private readonly Option<DirectoryInfo> _images = CommonOptions.Folder("--images", "The images to train on.");
    private readonly Option<DirectoryInfo> _masks = CommonOptions.Folder(
        "--masks",
        "Their masks, named like the images; or annotations: a COCO, CVAT, Label Studio, QuPath, VOC or labelme file or folder.");
    private readonly Option<DirectoryInfo> _output = new("--output", "-o")
    {
        Description = "The folder of the run: weights, checkpoints, history.",
        HelpName = "RUN_DIR"
    };
    private readonly TrainRecipe _recipe;
    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Go on where the run in RUN_DIR stopped; begins a new one where there is none."
    };
    private readonly Option<bool> _overwrite = new("--overwrite")
    {
        Description = "Begin a run of its own where one is in RUN_DIR already; that one is kept in RUN_DIR/earlier-1, earlier-2, …"
    };
    private readonly Option<string> _validation = new("--validation")
    {
        Description = "A folder of images and masks, a split file (part,name), a share of the images such as 0.2, or none.",
        HelpName = "WHAT",
        DefaultValueFactory = _ => "0.2"
    };
    private readonly Option<bool> _tensorBoard = new("--tensorboard")
    {
        Description = "Also write events for TensorBoard into the folder of the run."
    };
    private readonly Option<bool> _report = new("--report")
    {
        Description = "Also write report.html into the folder of the run: curves, scores, cases as pictures, settings."
    };
    private readonly Option<bool> _fillBoxes = Sources.FillBoxes();
    private readonly Option<bool> _axial = Sources.Axial();
    private readonly Option<string> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<long?> _pixels = CommonOptions.MaximumPixels();
    private readonly Option<bool> _distributed = Ranks.Distributed();
    private readonly Option<string?> _library = Ranks.Library();

    public TrainCommand()
        : base(
            "train",
            "Trains a network on images and their masks.",
            "madgnet train --images data/images --masks data/masks --output runs/first",
            "madgnet train --images data/images --masks data/masks --output runs/first --resume",
            "madgnet train --images i --masks m --config runs/first/recipe.json --output runs/second --epochs 50",
            "madgnet train --images i --masks m --output runs/few --model unet --pretrained resnet18 --size 192 --batch 4 "
                + "--learning-rate 1e-3",
            "madgnet train --images i --masks m --output runs/small --epochs 20 --batch 4 --size 128 --augmentation crop "
                + "--learning-rate 1e-3")
    {
        _recipe = new TrainRecipe(new MaskOptions(this));
        _images.Required = true;
        _masks.Required = true;
        foreach (Option option in (Option[])
        [
            _images, _masks, _output, .. _recipe.Options, _resume, _overwrite, _validation, _tensorBoard, _report, _fillBoxes, _axial,
            _device, _threads, _pixels, _distributed, _library,
        ])
        {
            Add(option);
        }
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        using var ranks = Ranks.Join(arguments, _distributed, _library, output);
        PretrainedChoice? pretrained = _recipe.Pretrained(arguments);
        Recipe recipe = _recipe.From(arguments, pretrained);
        if (arguments.GetValue(_pixels) is { } pixels)
        {
            recipe = recipe with { Dataset = recipe.Dataset with { Reader = CommonOptions.Reader(pixels) } };
        }

        string folder = arguments.GetValue(_output)?.ToString() ?? recipe.Trainer.OutputFolder
            ?? throw new UsageException(new Problem(
                "--output", "no folder", "the folder of the run", "Name it, or have 'output' in the file of --config"));
        ResumeMode mode = !ranks.Lead ? ResumeMode.Never : RunOutput.Check(
            folder,
            arguments.GetValue(_resume),
            arguments.GetValue(_overwrite),
            [
                .. _recipe.Inputs(arguments),
                ("--validation", arguments.GetRequiredValue(_validation)),
                ("--images", arguments.GetRequiredValue(_images).ToString()),
                ("--masks", arguments.GetRequiredValue(_masks).ToString()),
            ]);
        IDataset all = Sources.Open(
            arguments.GetRequiredValue(_images).ToString(),
            arguments.GetRequiredValue(_masks).ToString(),
            recipe.Dataset,
            arguments.GetValue(_fillBoxes),
            arguments.GetValue(_axial));
        if (all is FolderDataset pictures)
        {
            MaskOptions.Check(pictures, output, cancellation);
        }
        else
        {
            foreach (Finding finding in all.Findings.Take(5))
            {
                output.Warn(finding.Problem.ToString());
            }
        }

        (IDataset training, IDataset? validation, DatasetSplit? split) = Split(
            all, arguments.GetRequiredValue(_validation), recipe.Dataset, recipe.Seed, arguments.GetValue(_axial));
        WarnOfSharedImages(training, validation, output);
        torch.Device device = Devices.Choose(
            ranks.DeviceOf(arguments.GetRequiredValue(_device)), ranks.ThreadsOf(arguments.GetValue(_threads)));
        bool tensorBoard = arguments.GetValue(_tensorBoard);
        recipe = recipe with
        {
            BatchSize = Math.Min(recipe.BatchSize, training.Count),
            Loading = recipe.Loading with { Device = device, Logger = output.Logger },
            Trainer = recipe.Trainer with
            {
                OutputFolder = folder,
                ProcessGroup = ranks.Group,
                CalibrateThreshold = recipe.Trainer.CalibrateThreshold && validation is not null,
                EarlyStopping = validation is null ? null : recipe.Trainer.EarlyStopping,
                Resume = mode,
                ValidationPictures = tensorBoard ? PicturesToLog : recipe.Trainer.ValidationPictures,
            },
        };
        ITrainingObserver[] observers = [.. Observers(arguments, recipe, pretrained, folder, split, output)];
        recipe = recipe.WithTrainer(trainer => trainer with { Observers = observers });
        using SegmentationModel model = Build(recipe, pretrained, device, output);
        output.Note(
            $"Training {model.ParameterCount:N0} parameters on {training.Count} images, "
                + $"{(validation is null ? "without validation" : $"validating on {validation.Count}")}, on {model.Device}, into {folder}");

        TrainingResult result;
        try
        {
            result = TrainingProgressDisplay.Show(
                output, progress => recipe.TrainModel(model, training, validation, progress, output.Logger, cancellation));
        }
        catch (OperationCanceledException)
        {
            ranks.Complete();
            output.Note("The run is saved: the same command with --resume goes on.");
            output.Result["run"] = folder;
            if (!cancellation.IsCancellationRequested)
            {
                // Another rank was asked to stop.
                return ExitCode.Cancelled;
            }

            throw;
        }

        ranks.Complete();
        Show(result, folder, output);
        if (arguments.GetValue(_report) && ranks.Lead)
        {
            RunPictures.Save(
                folder,
                Path.Combine(folder, RunFolder.ReportFileName),
                validation,
                [.. recipe.Dataset.Labels.Select(label => label.Name)],
                channels: null,
                (arguments.GetRequiredValue(_device), arguments.GetValue(_threads)),
                output,
                cancellation);
        }

        return ExitCode.Done;
    }

    /// <summary>A validation on images that are trained on tells nothing of others; to try something out it may be wanted.</summary>
    private static void WarnOfSharedImages(IDataset training, IDataset? validation, CommandOutput output)
    {
        if (validation is null)
        {
            return;
        }

        static IEnumerable<string> Images(IDataset set) => Enumerable.Range(0, set.Count)
            .Select(i => set.FilesOf(i)?.Image)
            .OfType<string>()
            .Select(path => Path.GetFullPath(path));
        int shared = Images(training).Intersect(Images(validation), StringComparer.Ordinal).Count();
        if (shared > 0)
        {
            output.Warn(
                $"--validation: received {shared} images that are trained on, too; expected others: these tell nothing of what the network "
                    + "does elsewhere. Use a share, such as 0.2, or a folder of other images.");
        }
    }

    private static (IDataset Training, IDataset? Validation, DatasetSplit? Split) Split(
        IDataset all, string what, FolderDatasetOptions reading, long seed, bool axial)
    {
        if (what == "none")
        {
            return (all, null, null);
        }

        if (double.TryParse(what, NumberStyles.Float, CultureInfo.InvariantCulture, out double share))
        {
            if (!(share > 0 && share < 1))
            {
                throw new UsageException(new Problem("--validation", what, "a share between 0 and 1", "Use 0.2, or none"));
            }

            // Slices of one volume look alike: they go to one side together.
            Func<string, string>? groupOf = all is MedicalDataset { Volumes.Count: > 1 }
                ? name => name[..name.LastIndexOf('/')]
                : null;
            var split = DatasetSplit.Random(all, [(Train, 1 - share), (Validation, share)], seed, groupOf);
            return (split.Of(all, Train), split.Of(all, Validation), split);
        }

        if (Directory.Exists(what))
        {
            return (all, Sources.OpenFolder(what, reading, axial), null);
        }

        if (File.Exists(what))
        {
            var split = DatasetSplit.Load(what);
            return (split.Of(all, Train), split.Of(all, Validation), split);
        }

        throw new UsageException(new Problem(
            "--validation", $"'{what}'", "a folder, a split file, a share of the images or none", "Check the path, or use 0.2"));
    }

    private static SegmentationModel Build(Recipe recipe, PretrainedChoice? pretrained, torch.Device device, CommandOutput output)
    {
        SegmentationModel model = recipe.BuildModel(out WeightLoadReport? report);
        try
        {
            if (pretrained is { IsOnnx: true })
            {
                report = pretrained.LoadInto(model);
            }

            if (report is not null)
            {
                output.Note($"Loaded {recipe.Weights ?? pretrained!.Encoder.Weights}: {report}");
            }

            return device.type == DeviceType.CPU ? model : (SegmentationModel)model.to(device);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private IEnumerable<ITrainingObserver> Observers(
        ParseResult arguments,
        Recipe recipe,
        PretrainedChoice? pretrained,
        string folder,
        DatasetSplit? split,
        CommandOutput output)
    {
        if (split is not null)
        {
            yield return new SplitFile(split, folder, output);
        }

        yield return new RecipeFile(recipe, folder, output);
        yield return new HistoryWriter(logger: output.Logger);
        yield return new RunFolder(
            new RunFolderOptions
            {
                Command = $"madgnet {string.Join(' ', arguments.Tokens.Select(Quoted))}",
                WeightSeed = recipe.Seed,
                Notes = pretrained?.Encoder.Notes() ?? new Dictionary<string, string>(),
            },
            output.Logger);
        if (arguments.GetValue(_tensorBoard))
        {
            yield return new TensorBoardWriter(logger: output.Logger);
        }
    }

    private static string Quoted(Token token) => token.Value.Contains(' ', StringComparison.Ordinal) ? $"\"{token.Value}\"" : token.Value;

    private static void Show(TrainingResult result, string folder, CommandOutput output)
    {
        var table = new Table();
        foreach (string column in new[] { "epoch", "loss", "learning rate", "Dice", "IoU", "seconds" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (EpochRecord epoch in result.History)
        {
            table.AddRow(
                $"{epoch.Epoch}{(epoch.Epoch == result.BestEpoch ? "*" : string.Empty)}",
                $"{epoch.Loss:F4}",
                $"{epoch.LearningRate:0.###e-0}",
                epoch.Validation is { } score ? $"{score.Dice:F4}" : "-",
                epoch.Validation is { } overlap ? $"{overlap.IntersectionOverUnion:F4}" : "-",
                $"{epoch.Duration.TotalSeconds:F1}");
        }

        output.Table(table);
        output.Line($"Best epoch {result.BestEpoch}: {result.BestCheckpoint}");
        output.Line($"madgnet predict --weights {result.BestCheckpoint} --input IMAGES --output MASKS");
        output.Result["run"] = folder;
        output.Result["bestEpoch"] = result.BestEpoch;
        output.Result["best"] = result.BestCheckpoint;
        output.Result["last"] = result.LastCheckpoint;
        output.Result["epochs"] = new JsonArray([.. result.History.Select(epoch => (JsonNode)new JsonObject
        {
            ["epoch"] = epoch.Epoch,
            ["loss"] = CommandOutput.Number(epoch.Loss),
            ["learningRate"] = epoch.LearningRate,
            ["dice"] = epoch.Validation is { } score ? CommandOutput.Number(score.Dice) : null,
            ["intersectionOverUnion"] = epoch.Validation is { } overlap ? CommandOutput.Number(overlap.IntersectionOverUnion) : null,
            ["seconds"] = epoch.Duration.TotalSeconds,
        })]);
    }
}

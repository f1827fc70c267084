using System.CommandLine;
using System.CommandLine.Parsing;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;
using MadgNet.Core.Models;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Training.Reporting;
using MadgNet.Core.Weights;
using TorchSharp;

namespace MadgNet.Cli.Commands;

/// <summary>Trains a network on a folder of images and a folder of masks.</summary>
internal sealed class TrainCommand : CliCommand
{
    private const int PicturesToLog = 8;

    private readonly Argument<DirectoryInfo?> _folder = DataFolders.Argument(
        "A folder that holds images/ and masks/, instead of --images and --masks.");
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
        Description = "Go on where the run in RUN_DIR stopped, also to more --epochs; begins a new one where there is none."
    };
    private readonly Option<bool> _overwrite = new("--overwrite")
    {
        Description = "Begin a run of its own where one is in RUN_DIR already; that one is kept in RUN_DIR/earlier-1, earlier-2, …"
    };
    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Check everything and say what would be read, trained and written; nothing is."
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
    private readonly Option<string> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<long?> _pixels = CommonOptions.MaximumPixels();
    private readonly Option<bool> _distributed = Ranks.Distributed();
    private readonly Option<string?> _library = Ranks.Library();

    public TrainCommand()
        : base(
            "train",
            "Trains a network on images and their masks.",
            "madgnet train data --output runs/first",
            "madgnet train --images data/images --masks data/masks --output runs/first",
            "madgnet train --images data/images --masks data/masks --output runs/first --resume",
            "madgnet train --images i --masks m --config runs/first/recipe.json --output runs/second --epochs 50",
            "madgnet train --images i --masks m --output runs/few --model unet --pretrained resnet18 --size 192 --batch 4 "
                + "--learning-rate 1e-3",
            "madgnet train --images i --masks m --output runs/small --epochs 20 --batch 4 --size 128 --augmentation crop "
                + "--learning-rate 1e-3")
    {
        _recipe = new TrainRecipe(new MaskOptions(this));
        Add(_folder);
        foreach (Option option in (Option[])
        [
            _images, _masks, _output, .. _recipe.Options, _resume, _overwrite, _dryRun, _validation, _tensorBoard, _report, _fillBoxes,
            _device, _threads, _pixels, _distributed, _library,
        ])
        {
            Add(option);
        }
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        using var ranks = Ranks.Join(arguments, _distributed, _library, output);
        (string images, string masks) = DataFolders.Of(
            arguments.GetValue(_folder), arguments.GetValue(_images), arguments.GetValue(_masks));
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
            [.. _recipe.Inputs(arguments), ("--validation", arguments.GetRequiredValue(_validation))]);
        output.Note($"Looking at {images} and {masks}");
        IDataset all = Sources.Open(images, masks, recipe.Dataset, arguments.GetValue(_fillBoxes));
        foreach (Finding finding in all is FolderDataset ? [] : all.Findings.Take(5))
        {
            output.Warn(finding.Problem.ToString());
        }

        if (ranks.Lead)
        {
            TrainingChecks.Run(all, recipe.Dataset.Reader, output, cancellation);
        }

        var split = TrainingSplit.Of(all, arguments.GetRequiredValue(_validation), recipe.Dataset, recipe.Seed);
        output.Note("Making the network ready");
        torch.Device device = Devices.Choose(
            ranks.DeviceOf(arguments.GetRequiredValue(_device)), ranks.ThreadsOf(arguments.GetValue(_threads)));
        recipe = ForRun(recipe, arguments, split, folder, mode, device, ranks, output);
        ITrainingObserver[] observers = [.. Observers(arguments, recipe, pretrained, folder, split.Split, output)];
        recipe = recipe.WithTrainer(trainer => trainer with { Observers = observers });
        using SegmentationModel model = Build(recipe, pretrained, device, output);

        // All that can be refused is, before the first file is touched or a step announced.
        new Trainer(model, recipe.Trainer).Check(
            recipe.CreateTrainingLoader(split.Training),
            split.Validation is null ? null : recipe.CreateValidationLoader(split.Validation));
        if (arguments.GetValue(_dryRun))
        {
            TrainingPlan.Show(recipe, model, split, (images, masks), folder, output);
            ranks.Complete();
            return ExitCode.Done;
        }

        output.Note(
            $"Training {model.ParameterCount:N0} parameters on {split.Training.Count} images, "
                + $"{(split.Validation is null ? "without validation" : $"validating on {split.Validation.Count}")}, on {model.Device}, "
                + $"into {folder}");
        TrainingResult result;
        try
        {
            Interruption.Answer = () => output.Answer("Stopping after this step; Ctrl-C again ends without saving");
            result = TrainingProgressDisplay.Show(output, progress => recipe.TrainModel(
                model, split.Training, split.Validation, progress, output.Logger, cancellation));
        }
        catch (Exception exception) when (IsDivergence(exception))
        {
            output.Error(Divergence(recipe, exception));
            output.Trace(exception);
            output.Result["run"] = folder;
            return ExitCode.Failed;
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
        finally
        {
            Interruption.Answer = null;
        }

        ranks.Complete();
        if (arguments.GetValue(_report) && ranks.Lead)
        {
            RunPictures.Save(
                folder,
                Path.Combine(folder, RunOutput.ReportName),
                split.Validation,
                [.. recipe.Dataset.Labels.Select(label => label.Name)],
                (arguments.GetRequiredValue(_device), arguments.GetValue(_threads)),
                output,
                cancellation);
        }

        string validation = arguments.GetRequiredValue(_validation);
        bool isFolder = Directory.Exists(Path.Combine(validation, "images")) && Directory.Exists(Path.Combine(validation, "masks"));
        new TrainingEnd(folder, images, masks, isFolder ? validation : null, model.Input.Size is null).Show(result, output);
        return ExitCode.Done;
    }

    /// <summary>A recipe with what this machine and this command add to it.</summary>
    private Recipe ForRun(
        Recipe recipe,
        ParseResult arguments,
        TrainingSplit split,
        string folder,
        ResumeMode mode,
        torch.Device device,
        Ranks ranks,
        CommandOutput output) => recipe with
        {
            BatchSize = Math.Min(recipe.BatchSize, split.Training.Count),
            Loading = recipe.Loading with { Device = device, Logger = output.Logger },
            Trainer = recipe.Trainer with
            {
                OutputFolder = folder,
                ProcessGroup = ranks.Group,
                CalibrateThreshold = recipe.Trainer.CalibrateThreshold && split.Validation is not null,
                EarlyStopping = split.Validation is null ? null : recipe.Trainer.EarlyStopping,
                Resume = mode,
                ValidationPictures = arguments.GetValue(_tensorBoard) ? PicturesToLog : recipe.Trainer.ValidationPictures,
            },
        };

    /// <summary>Whether numbers grew beyond all bounds: in a step, or seen by the validation behind it.</summary>
    private static bool IsDivergence(Exception exception) => exception is TrainingException { IsDivergence: true }
        || (exception is MadgNetException and not TrainingException
            && exception.Message.Contains("training that diverged", StringComparison.Ordinal));

    private static string Divergence(Recipe recipe, Exception exception)
    {
        string rate = recipe.Trainer.Schedule is CosineAnnealingSchedule cosine
            ? FormattableString.Invariant($" (was {cosine.Initial})")
            : string.Empty;
        string place = exception is TrainingException { Problem: { } problem } ? problem.Subject.Split(", images")[0] : "The validation";
        return $"Training diverged: lower --learning-rate{rate}. {place}: the numbers are no longer finite.";
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

        string before = Path.Combine(folder, RunOutput.RecipeName);
        int? epochs = recipe.Trainer.Resume == ResumeMode.Extend && File.Exists(before) ? EpochsOf(before) : null;
        yield return new TrainingWatch(epochs, output);
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

    /// <summary>The epochs of an earlier run; null where its recipe cannot be read, which is no reason to stop.</summary>
    private static int? EpochsOf(string recipe)
    {
        try
        {
            return Recipe.Load(recipe).Trainer.Epochs;
        }
        catch (MadgNetException)
        {
            return null;
        }
    }

    private static string Quoted(Token token) => token.Value.Contains(' ', StringComparison.Ordinal) ? $"\"{token.Value}\"" : token.Value;
}

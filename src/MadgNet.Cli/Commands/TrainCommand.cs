using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Checkpoints;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using MadgNet.Core.Training.Reporting;
using MadgNet.Core.Weights;
using Spectre.Console;
using TorchSharp;

namespace MadgNet.Cli.Commands;

/// <summary>Trains a network on a folder of images and a folder of masks.</summary>
internal sealed class TrainCommand : CliCommand
{
    private const int PicturesToLog = 8;
    private const string Train = "train";
    private const string Validation = "validation";

    private static readonly Dictionary<string, TrainingPrecision> Precisions = new(StringComparer.Ordinal)
    {
        ["float32"] = TrainingPrecision.Float32,
        ["bfloat16"] = TrainingPrecision.BFloat16,
        ["float16"] = TrainingPrecision.Float16,
        ["auto"] = TrainingPrecision.Auto,
    };

    private readonly Option<DirectoryInfo> _images = CommonOptions.Folder("--images", "The images to train on.");
    private readonly Option<DirectoryInfo> _masks = CommonOptions.Folder(
        "--masks",
        "Their masks, named like the images; or annotations: a COCO, CVAT, Label Studio, QuPath, VOC or labelme file or folder.");
    private readonly Option<DirectoryInfo> _output = new("--output", "-o")
    {
        Description = "The folder of the run: weights, checkpoints, history.",
        HelpName = "RUN_DIR",
        Required = true
    };
    private readonly Option<int> _epochs = CommonOptions.AtLeast(
        new Option<int>("--epochs")
        {
            Description = "How often the training images are gone through.",
            HelpName = "N",
            DefaultValueFactory = _ => 100
        },
        1);
    private readonly Option<int> _batch = CommonOptions.AtLeast(
        new Option<int>("--batch")
        {
            Description = "Images in a step; ResNeSt needs 2 or more.",
            HelpName = "N",
            DefaultValueFactory = _ => 16
        },
        1);
    private readonly Option<int> _size = new("--size")
    {
        Description = "Side of the square that images are brought to, a multiple of 32.",
        HelpName = "PIXELS",
        DefaultValueFactory = _ => CommonOptions.PublishedSize
    };
    private readonly Option<string> _model = new("--model")
    {
        Description = "The kind of network: madgnet or unet.",
        HelpName = "NAME",
        DefaultValueFactory = _ => MadgNetModel.ArchitectureName
    };
    private readonly Option<string> _backbone = new("--backbone")
    {
        Description = "The encoder. [default: resnest50 for madgnet, unet for unet]",
        HelpName = "NAME"
    };
    private readonly Option<string> _attention = new("--attention")
    {
        Description = "The channel attention. [default: dct for madgnet, none for unet]",
        HelpName = "NAME"
    };
    private readonly Option<string> _spatial = new("--spatial")
    {
        Description = "The spatial attention. [default: mssa for madgnet, none for unet]",
        HelpName = "NAME"
    };
    private readonly Option<string> _subDecoder = new("--sub-decoder")
    {
        Description = "What predicts the maps. [default: ensemble for madgnet, region for unet]",
        HelpName = "NAME"
    };
    private readonly Option<long> _seed = new("--seed")
    {
        Description = "Seed of weights, order, augmentation and split.",
        HelpName = "N",
        DefaultValueFactory = _ => 0
    };
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
    private readonly Option<FileInfo> _weights = CommonOptions.Weights(
        "Start from these weights; the file's configuration goes before --backbone and --labels.");
    private readonly Option<FileInfo> _encoder = new("--encoder-weights")
    {
        Description = "Start with the encoder of this file, for example ImageNet weights in a .pth.",
        HelpName = "FILE"
    };
    private readonly Option<string[]> _strip = new("--strip-prefix")
    {
        Description =
            "A prefix to take off the names in --weights or --encoder-weights; usual ones, such as model. and encoder., need not be "
                + "named. May be given several times.",
        HelpName = "PREFIX",
        DefaultValueFactory = _ => []
    };
    private readonly Option<double> _rate = CommonOptions.Above(
        new Option<double>("--learning-rate")
        {
            Description = "The first epoch's; it falls to 1e-6 along a cosine.",
            HelpName = "RATE",
            DefaultValueFactory = _ => 1e-4
        },
        0);
    private readonly Option<string> _augmentation = new("--augmentation")
    {
        Description =
            "published (resize, flips, ±5°), strong (also scale, shear, colour, noise), crop (pieces at native scale, flips, ±5°) or "
                + "none (resize).",
        HelpName = "NAME",
        DefaultValueFactory = _ => "published"
    };
    private readonly Option<string> _intensity = new("--intensity")
    {
        Description = "full (the range of the bit depth) or minmax (each image's own range); kept with the weights.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "full"
    };
    private readonly Option<int?> _labels = CommonOptions.Labels("How many labels. [default: 1]");
    private readonly Option<string?> _names = CommonOptions.LabelNames();
    private readonly Option<string?> _values = CommonOptions.LabelValues();
    private readonly Option<bool> _skip = CommonOptions.SkipUnpaired();
    private readonly Option<string> _precision = new("--precision")
    {
        Description = "float32, bfloat16, float16 (CUDA) or auto (the fastest that the device computes in).",
        HelpName = "NAME",
        DefaultValueFactory = _ => "float32"
    };
    private readonly Option<int?> _patience = CommonOptions.AtLeast(
        new Option<int?>("--patience")
        {
            Description = "End the run after so many validations without gain. [default: never]",
            HelpName = "N"
        },
        1);
    private readonly Option<bool> _calibrate = new("--calibrate")
    {
        Description = "Look for the threshold with the best validation Dice, and keep it with the weights."
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

    public TrainCommand()
        : base(
            "train",
            "Trains a network on images and their masks.",
            "madgnet train --images data/images --masks data/masks --output runs/first",
            "madgnet train --images data/images --masks data/masks --output runs/first --resume",
            "madgnet train --images i --masks m --output runs/small --epochs 20 --batch 4 --size 128 --augmentation crop "
                + "--learning-rate 1e-3")
    {
        _images.Required = true;
        _masks.Required = true;
        _size.Validators.Add(result =>
        {
            if (result.Tokens is [var token]
                && int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int side)
                && (side < 32 || side % 32 != 0))
            {
                result.AddError($"--size: received {side}; expected a multiple of 32. Use {CommonOptions.PublishedSize} as published.");
            }
        });
        _model.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.Architectures.Select(entry => entry.Name)]);
        _backbone.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.Encoders.Select(entry => entry.Name)]);
        _attention.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.ChannelAttentions.Select(entry => entry.Name)]);
        _spatial.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.SpatialAttentions.Select(entry => entry.Name)]);
        _subDecoder.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.SubDecoders.Select(entry => entry.Name)]);
        _augmentation.AcceptOnlyFromAmong("published", "strong", "crop", "none");
        _intensity.AcceptOnlyFromAmong("full", "minmax");
        _precision.AcceptOnlyFromAmong([.. Precisions.Keys]);
        foreach (Option option in new Option[]
        {
            _images, _masks, _output, _epochs, _batch, _size, _model, _backbone, _attention, _spatial, _subDecoder, _seed, _resume,
            _overwrite,
            _validation, _weights, _encoder, _strip, _rate, _augmentation, _intensity, _labels, _names, _values, _skip, _precision,
            _patience, _calibrate, _tensorBoard, _report, _fillBoxes, _device, _threads,
        })
        {
            Add(option);
        }
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        string folder = arguments.GetRequiredValue(_output).ToString();
        ResumeMode mode = RunOutput.Check(
            folder,
            arguments.GetValue(_resume),
            arguments.GetValue(_overwrite),
            ("--weights", arguments.GetValue(_weights)?.ToString()),
            ("--encoder-weights", arguments.GetValue(_encoder)?.ToString()),
            ("--validation", arguments.GetRequiredValue(_validation)));
        int side = arguments.GetValue(_size);
        long seed = arguments.GetValue(_seed);
        bool minMax = arguments.GetValue(_intensity) == "minmax";
        Labels labels = Labels.From(arguments, _labels, _names, _values);
        var reading = new FolderDatasetOptions
        {
            Labels = labels.Sources,
            Window = minMax ? IntensityWindow.MinMax : null,
            Unpaired = arguments.GetValue(_skip) ? UnpairedFiles.LeaveOut : UnpairedFiles.Refuse,
        };
        IDataset all = Sources.Open(
            arguments.GetRequiredValue(_images).ToString(),
            arguments.GetRequiredValue(_masks).ToString(),
            reading,
            labels,
            arguments.GetValue(_fillBoxes));
        (IDataset training, IDataset? validation, DatasetSplit? split) = Split(all, arguments.GetRequiredValue(_validation), reading, seed);

        torch.Device device = Devices.Choose(arguments.GetRequiredValue(_device), arguments.GetValue(_threads));
        string augmentation = arguments.GetRequiredValue(_augmentation);
        int batch = Math.Min(arguments.GetValue(_batch), training.Count);
        var trainingLoader = new BatchLoader(training, new BatchLoaderOptions
        {
            BatchSize = batch,
            Transform = Augmentation(augmentation, side),
            Seed = seed,
            DropLast = true,
            Device = device,
            Logger = output.Logger,
        });
        var validationLoader = validation is null ? null : new BatchLoader(validation, new BatchLoaderOptions
        {
            // Images of different sizes do not go into one batch.
            BatchSize = augmentation == "crop" ? 1 : batch,
            Transform = augmentation == "crop" ? null : PublishedRecipe.Evaluation(side),
            Shuffle = false,
            Device = device,
            Logger = output.Logger,
        });
        // Pieces at native scale are no size that whole images are resized to.
        ImageSize? trained = arguments.GetRequiredValue(_augmentation) == "crop" ? null : new ImageSize(side, side);
        using SegmentationModel model = Build(arguments, labels, minMax, trained, seed, device, output);
        output.Note(
            $"Training {model.ParameterCount:N0} parameters on {training.Count} images, "
                + $"{(validation is null ? "without validation" : $"validating on {validation.Count}")}, on {model.Device}, into {folder}");

        double rate = arguments.GetValue(_rate);
        TrainingPrecision precision = Precisions[arguments.GetRequiredValue(_precision)];
        var trainer = new Trainer(
            model,
            new TrainerOptions
            {
                Epochs = arguments.GetValue(_epochs),
                Schedule = new CosineAnnealingSchedule(rate, Math.Min(1e-6, rate)),
                Precision = precision,
                Layout = precision == TrainingPrecision.Float32 ? MemoryLayout.Contiguous : MemoryLayout.Auto,
                EarlyStopping = arguments.GetValue(_patience) is { } patience ? new EarlyStopping { Patience = patience } : null,
                CalibrateThreshold = arguments.GetValue(_calibrate) && validation is not null,
                OutputFolder = folder,
                Resume = mode,
                ValidationPictures = arguments.GetValue(_tensorBoard) ? PicturesToLog : 0,
                Observers = [.. Observers(arguments, split, seed, output)],
            },
            output.Logger);
        TrainingResult result;
        try
        {
            result = TrainingProgressDisplay.Show(
                output, progress => trainer.Train(trainingLoader, validationLoader, progress, cancellation));
        }
        catch (OperationCanceledException)
        {
            output.Note("The run is saved: the same command with --resume goes on.");
            output.Result["run"] = folder;
            throw;
        }

        Show(result, folder, augmentation == "crop" ? "native" : $"{side}", output);
        if (arguments.GetValue(_report))
        {
            RunPictures.Save(
                folder,
                Path.Combine(folder, RunOutput.ReportName),
                validation,
                labels.Names,
                (arguments.GetRequiredValue(_device), arguments.GetValue(_threads)),
                output,
                cancellation);
        }

        return ExitCode.Done;
    }

    private static (IDataset Training, IDataset? Validation, DatasetSplit? Split) Split(
        IDataset all, string what, FolderDatasetOptions reading, long seed)
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

            var split = DatasetSplit.Random(all, [(Train, 1 - share), (Validation, share)], seed);
            return (split.Of(all, Train), split.Of(all, Validation), split);
        }

        if (Directory.Exists(what))
        {
            return (all, new FolderDataset(what, reading), null);
        }

        if (File.Exists(what))
        {
            var split = DatasetSplit.Load(what);
            return (split.Of(all, Train), split.Of(all, Validation), split);
        }

        throw new UsageException(new Problem(
            "--validation", $"'{what}'", "a folder, a split file, a share of the images or none", "Check the path, or use 0.2"));
    }

    private static Compose Augmentation(string name, int side) => name switch
    {
        "none" => new Compose(new Resize(side, side)),
        "crop" => new Compose(new RandomCrop(side, side), new HorizontalFlip(), new VerticalFlip(), new RandomRotation(5)),
        "strong" => new Compose(
            new Resize(side, side),
            new HorizontalFlip(),
            new VerticalFlip(),
            new RandomAffine { Degrees = 20, Scale = 1.25, ShearDegrees = 5, Shift = 0.1 },
            new ColorJitter { Brightness = 0.2, Contrast = 0.2, Saturation = 0.2, Hue = 0.02 },
            new RandomGamma(1.5) { Probability = 0.5 },
            new GaussianNoise(0.03) { Probability = 0.5 }),
        _ => PublishedRecipe.Training(side),
    };

    private SegmentationModel Build(
        ParseResult arguments, Labels labels, bool minMax, ImageSize? size, long seed, torch.Device device, CommandOutput output)
    {
        string? weights = arguments.GetValue(_weights)?.ToString();
        string? encoder = arguments.GetValue(_encoder)?.ToString();
        if (weights is not null && encoder is not null)
        {
            throw new UsageException(new Problem(
                "--encoder-weights", "also --weights, which hold an encoder", "one of the two", "Leave one of them out"));
        }

        string[] prefixes = arguments.GetValue(_strip) ?? [];
        if (prefixes.Length > 0 && weights is null && encoder is null)
        {
            throw new UsageException(new Problem(
                "--strip-prefix",
                $"'{prefixes[0]}' without weights",
                "--weights or --encoder-weights beside it",
                "Name the file, or leave --strip-prefix out"));
        }

        var names = new WeightLoadOptions { StripPrefixes = prefixes };
        ModelInput With(ModelInput input) =>
            input with { Scaling = minMax ? IntensityScaling.MinMax : IntensityScaling.FullRange, Size = size };
        NetworkOptions network = weights is null ? Network(arguments, labels) : NetworkOf(weights, names, labels);
        SegmentationModel model = (network with { Input = With(network.Input) }).Build(ModelRegistry.BuiltIn, seed);
        try
        {
            if ((weights ?? encoder) is { } file)
            {
                WeightLoadReport report = model.LoadWeights(file, encoder is null ? names : names with { Mode = WeightLoadMode.Encoder });
                output.Note($"Loaded {file}: {report}");
            }

            return device.type == DeviceType.CPU ? model : (SegmentationModel)model.to(device);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The network that the options ask for.</summary>
    private NetworkOptions Network(ParseResult arguments, Labels labels)
    {
        bool named = labels.Count > 1 || arguments.GetValue(_names) is not null;
        IReadOnlyList<string> labelNames = named ? labels.Names : [];
        if (arguments.GetRequiredValue(_model) == UNet.ArchitectureName)
        {
            var usual = new UNetOptions();
            return usual with
            {
                Encoder = arguments.GetValue(_backbone) ?? usual.Encoder,
                ChannelAttention = arguments.GetValue(_attention) ?? usual.ChannelAttention,
                SpatialAttention = arguments.GetValue(_spatial) ?? usual.SpatialAttention,
                SubDecoder = arguments.GetValue(_subDecoder) ?? usual.SubDecoder,
                Labels = labels.Count,
                LabelNames = labelNames,
            };
        }

        var published = new MadgNetOptions();
        return published with
        {
            Encoder = arguments.GetValue(_backbone) ?? published.Encoder,
            ChannelAttention = arguments.GetValue(_attention) ?? published.ChannelAttention,
            SpatialAttention = arguments.GetValue(_spatial) ?? published.SpatialAttention,
            SubDecoder = arguments.GetValue(_subDecoder) ?? published.SubDecoder,
            Labels = labels.Count,
            LabelNames = labelNames,
        };
    }

    /// <summary>The network that a file is of: it knows.</summary>
    private static NetworkOptions NetworkOf(string weights, WeightLoadOptions names, Labels labels)
    {
        using SegmentationModel loaded = SegmentationModel.Load(weights, names: names);
        if (loaded.Labels != labels.Count)
        {
            throw new UsageException(new Problem(
                "--labels",
                $"{labels.Count} for weights of {loaded.Labels}",
                $"{loaded.Labels}",
                "Name that many labels, or start from other weights"));
        }

        return loaded switch
        {
            MadgNetModel madgNet => madgNet.Options,
            UNet uNet => uNet.Options,
            _ => throw new UsageException(new Problem(
                "--weights", $"a network of the kind '{loaded.Architecture}'", "madgnet or unet", "Start from other weights")),
        };
    }

    private IEnumerable<ITrainingObserver> Observers(ParseResult arguments, DatasetSplit? split, long seed, CommandOutput output)
    {
        if (split is not null)
        {
            yield return new SplitFile(split, arguments.GetRequiredValue(_output).ToString(), output);
        }

        yield return new HistoryWriter(logger: output.Logger);
        yield return new RunFolder(
            new RunFolderOptions { Command = $"madgnet {string.Join(' ', arguments.Tokens.Select(Quoted))}", WeightSeed = seed },
            output.Logger);
        if (arguments.GetValue(_tensorBoard))
        {
            yield return new TensorBoardWriter(logger: output.Logger);
        }
    }

    private static string Quoted(Token token) => token.Value.Contains(' ', StringComparison.Ordinal) ? $"\"{token.Value}\"" : token.Value;

    private static void Show(TrainingResult result, string folder, string size, CommandOutput output)
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
        output.Line($"madgnet predict --weights {result.BestCheckpoint} --size {size} --input IMAGES --output MASKS");
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

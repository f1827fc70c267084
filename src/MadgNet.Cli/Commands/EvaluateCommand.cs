using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;
using MadgNet.Core.Metrics;
using MadgNet.Medical.Data;
using Spectre.Console;

namespace MadgNet.Cli.Commands;

/// <summary>Measures a network, or masks that lie in a folder, against the truth.</summary>
internal sealed class EvaluateCommand : CliCommand
{
    /// <summary>Measures cases that are known by their names and loaded by their numbers; null where it was a shard of them.</summary>
    private delegate EvaluationReport? Measuring(Evaluator evaluator, IReadOnlyList<string> names, Func<int, EvaluationCase?> load);

    private readonly Option<FileInfo> _weights = CommonOptions.Weights("The trained network, as for predict; with --images.");
    private readonly Argument<DirectoryInfo?> _folder = DataFolders.Argument(
        "A folder that holds images/ and masks/, instead of --images and --masks.");
    private readonly Option<DirectoryInfo> _images = CommonOptions.Folder("--images", "The images that the network is to segment.");
    private readonly Option<DirectoryInfo> _predictions = CommonOptions.Folder(
        "--predictions", "Masks or probabilities that exist already, named as predict names them; instead of --weights and --images.");
    private readonly Option<DirectoryInfo> _masks = CommonOptions.Folder(
        "--masks", "The truth: masks, or with --images annotations of another program.");
    private readonly Option<string> _profile = new("--profile")
    {
        Description = "standard (as PySODMetrics) or official (as the published tables: binary maps at the network's size).",
        DefaultValueFactory = _ => "standard",
        HelpName = "PROFILE"
    };
    private readonly Option<FileInfo> _output = new("--output", "-o")
    {
        Description = "The report as JSON, every case with every metric.",
        HelpName = "report.json"
    };
    private readonly Option<InputSide> _size = CommonOptions.Size(
        "Side that images are resized to for the network; with the official profile also the size that is compared at.");
    private readonly Option<double?> _threshold = CommonOptions.Threshold();
    private readonly Option<int?> _labels = CommonOptions.Labels("How many labels. [default: the network's, else 1]");
    private readonly Option<string?> _names = CommonOptions.LabelNames();
    private readonly Option<string?> _values = CommonOptions.LabelValues();
    private readonly MaskOptions _reading;
    private readonly MeasuringOptions _measuring;
    private readonly Option<string?> _predictionValues = new("--prediction-label-values")
    {
        Description = "Where --predictions are label images with other values than the truth: their values of each label.",
        HelpName = "1,2"
    };
    private readonly Option<bool> _skip = CommonOptions.SkipUnpaired();
    private readonly Option<string?> _shard = ShardOption.Create("Evaluate a part of the images; 'merge' puts the reports together.");
    private readonly Option<bool> _fillBoxes = Sources.FillBoxes();
    private readonly Option<bool> _axial = Sources.Axial();
    private readonly Option<string?> _spacing = new("--spacing")
    {
        Description =
            "Size of a pixel, for distances: height and width, parted by a comma, or one number for both. "
                + "[default: that of the files, else 1 pixel]",
        HelpName = "MM"
    };
    private readonly Option<string?> _group = new("--group")
    {
        Description = "A regular expression whose first group in a case's name is its patient: intervals are then drawn by patients.",
        HelpName = "REGEX"
    };
    private readonly Option<bool> _all = new("--all") { Description = "Show every metric, not the five main ones alone." };
    private readonly TableFiles _tables = new();
    private readonly Option<string> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<long?> _pixels = CommonOptions.MaximumPixels();
    private readonly OnnxChoices _onnx = new();

    public EvaluateCommand()
        : base(
            "evaluate",
            "Measures a network, or predictions that exist already, against the truth.",
            "madgnet evaluate --weights best.safetensors --images test/images --masks test/masks --output report.json",
            "madgnet evaluate --predictions masks --masks test/masks --profile official")
    {
        Add(_folder);
        _profile.AcceptOnlyFromAmong("standard", "official");
        foreach (Option option in new Option[]
        {
            _weights,
            _images,
            _predictions,
            _masks,
            _profile,
            _output,
            _size,
            _threshold,
            _labels,
            _names,
            _values,
            _predictionValues,
            _skip,
            _shard,
            _fillBoxes,
            _axial,
            _spacing,
            _group,
            _all,
            _tables.Csv,
            _tables.Latex,
            _device,
            _threads,
            _pixels
        }.Concat(_onnx.Options))
        {
            Add(option);
        }

        _reading = new MaskOptions(this);
        _measuring = new MeasuringOptions(this);
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        string? weights = arguments.GetValue(_weights)?.ToString();
        string? predictions = arguments.GetValue(_predictions)?.ToString();
        (string? images, string masks) = Folders(arguments, predictions);
        if ((predictions is null) == (weights is null) || (weights is null) != (images is null))
        {
            string given = string.Join(
                " and ",
                new[] { weights is null
                    ? null
                    : "--weights", images is null ? null : "--images", predictions is null ? null : "--predictions" }.OfType<string>());
            throw new UsageException(new Problem(
                "evaluate",
                given.Length == 0 ? "nothing to evaluate" : given,
                "--weights FILE with --images DIR, or --predictions DIR alone",
                "Name what is to be evaluated in one of the two ways"));
        }

        if (predictions is null && arguments.GetValue(_predictionValues) is not null)
        {
            throw new UsageException(new Problem(
                "--prediction-label-values", "no --predictions", "label images to evaluate", "Leave it out, or evaluate --predictions"));
        }

        Shard? shard = ShardOption.Read(arguments, _shard);
        string? path = arguments.GetValue(_output)?.FullName;
        if (shard is { } part)
        {
            path = ShardedEvaluation.PathOf(
                path ?? throw new UsageException(new Problem(
                    "--shard", $"{part} without --output", "--output beside it", "Name the report; the shard's lies beside it")),
                part);
        }

        var grouping = CaseGroups.Of(arguments.GetValue(_group));
        Plan(arguments, path, weights, images, predictions);
        EvaluationReport? Measure(Evaluator evaluator, IReadOnlyList<string> names, Func<int, EvaluationCase?> load)
        {
            EvaluationCase? Grouped(int index) => load(index) is { } measured ? grouping.Apply(measured) : null;
            if (shard is { } own)
            {
                ShardedEvaluation.Run(evaluator, own, names, Grouped, path!, output, cancellation);
                return null;
            }

            return WorkProgress.Show(output, "evaluated", names.Count, progress => evaluator.Evaluate(
                Enumerable.Range(0, names.Count).Select(Grouped).OfType<EvaluationCase>(), progress, cancellation));
        }

        EvaluationReport? report = predictions is null
            ? OfModel(weights!, images!, arguments, output, Measure, cancellation)
            : OfPredictions(predictions, arguments, output, Measure);
        if (report is null)
        {
            return ExitCode.Done;
        }

        BootstrapOptions bootstrap = grouping.Bootstrap;
        EvaluationTable.Show(report, bootstrap, output, arguments.GetValue(_all));
        _tables.Write(arguments, report.ToCsv, () => report.ToLatex(bootstrap), output);
        if (arguments.GetValue(_output) is { } file)
        {
            Directory.CreateDirectory(file.DirectoryName!);
            Abandoned.RemoveFrom(file.DirectoryName!, output);
            report.SaveJson(file.FullName);
            output.Line($"Report: {file}");
            output.Result["report"] = file.ToString();
        }

        return ExitCode.Done;
    }

    /// <summary>The images, where a network segments them, and the truth.</summary>
    private (string? Images, string Masks) Folders(ParseResult arguments, string? predictions)
    {
        DirectoryInfo? folder = arguments.GetValue(_folder);
        DirectoryInfo? images = arguments.GetValue(_images);
        DirectoryInfo? masks = arguments.GetValue(_masks);
        if (folder is null && (predictions is not null || images is null))
        {
            return (images?.ToString(), masks?.ToString() ?? throw new UsageException(new Problem(
                "--masks", "no folder", "the folder of the true masks", "Add it")));
        }

        (string Images, string Masks) both = DataFolders.Of(folder, images, masks);
        return predictions is null ? both : (null, both.Masks);
    }

    private string Masks(ParseResult arguments) => Folders(arguments, arguments.GetValue(_predictions)?.ToString()).Masks;

    /// <summary>A report replaces no file that is evaluated, and none that is no report.</summary>
    private void Plan(ParseResult arguments, string? report, string? weights, string? images, string? predictions)
    {
        if (report is null && arguments.GetValue(_tables.Csv) is null && arguments.GetValue(_tables.Latex) is null)
        {
            return;
        }

        var plan = new OutputPlan();
        if (weights is not null)
        {
            plan.ReadFile(weights, "--weights");
        }

        foreach ((string? folder, string option) in new[]
        {
            (images, "--images"), (predictions, "--predictions"), (Masks(arguments), "--masks"),
        })
        {
            foreach (string path in folder is null
                ? []
                : File.Exists(folder) ? [folder] : FolderFiles.Find(folder, recursive: true).Paths)
            {
                plan.ReadFile(path, option);
            }
        }

        // What is read is known now: a table replaces none of it.
        _tables.Plan(arguments, plan);
        if (report is null)
        {
            plan.ThrowIfRefused();
            return;
        }

        plan.Write(report, "--output");
        plan.ThrowIfRefused();
        if (!Path.GetExtension(report).Equals(".json", StringComparison.OrdinalIgnoreCase) && !IsReport(report))
        {
            throw new OutputException([new Problem(
                "--output", $"'{report}', a file that is there and is no report", "a new file, or a report to replace",
                "Choose another name, or remove the file")]);
        }
    }

    /// <summary>Whether there is no file, or one that begins as a report does.</summary>
    private static bool IsReport(string path)
    {
        if (!File.Exists(path))
        {
            return true;
        }

        using FileStream stream = RegularFile.OpenRead(path);
        return stream.ReadByte() == '{';
    }

    private EvaluationReport? OfModel(
        string weights,
        string images,
        ParseResult arguments,
        CommandOutput output,
        Measuring measure,
        CancellationToken cancellation)
    {
        var options = new PredictorOptions
        {
            Threshold = arguments.GetValue(_threshold),
            InputSize = arguments.GetRequiredValue(_size).Square,
            NativeSize = arguments.GetRequiredValue(_size).Square is null,
        };
        using SegmentationPredictor predictor = ModelFile.OpenPredictor(
            weights,
            options,
            arguments.GetResult(_size)!.Implicit,
            arguments.GetRequiredValue(_device),
            arguments.GetValue(_threads),
            _onnx.Of(arguments, arguments.GetValue(_threads)),
            output);
        Labels labels = Labels.From(arguments, _labels, _names, _values, (predictor.Network.Labels, predictor.Network.LabelNames));
        IDataset dataset = Sources.Open(
            images,
            Masks(arguments),
            Reading(arguments, labels).For(predictor.Network.Input),
            arguments.GetValue(_fillBoxes),
            arguments.GetValue(_axial));
        (int Height, int Width)? network = predictor.Options.InputSize ?? predictor.Network.FixedSize
            ?? (predictor.Options.NativeSize ? null : predictor.Network.Input.Size);
        Evaluator evaluator = Create(
            arguments,
            labels,
            predictor.Thresholds[0],
            Path.GetFileNameWithoutExtension(weights),
            images,
            network,
            out (int Height, int Width)? size);
        return measure(evaluator, [.. Enumerable.Range(0, dataset.Count).Select(dataset.NameOf)], i => Guarded(
            dataset.NameOf(i),
            output,
            () => Case(
                AtNetworkSize(dataset.Load(i), size, predictor.Network.Input.Fit),
                sample => predictor.Predict(sample.Image, null, cancellation).Probability,
                size is null ? (dataset as MedicalDataset)?.SpacingOf(i) : null)));
    }

    private EvaluationReport? OfPredictions(string predictions, ParseResult arguments, CommandOutput output, Measuring measure)
    {
        Labels labels = Labels.From(arguments, _labels, _names, _values);
        if (Sources.AreAnnotations(Masks(arguments)))
        {
            throw new UsageException(new Problem(
                "--masks",
                "annotations beside --predictions",
                "a folder of masks",
                "Make masks of them with 'madgnet convert --to masks' first"));
        }

        if (MedicalPredictions.Recognizes(predictions, arguments.GetRequiredValue(_masks).ToString()))
        {
            return OfVolumes(predictions, arguments, labels, output, measure);
        }

        var files = new PredictionFolder(
            predictions,
            Masks(arguments),
            Reading(arguments, labels),
            Labels.ValuesOf(arguments.GetValue(_predictionValues), labels.Count));
        int resized = 0;
        Evaluator evaluator = Create(
            arguments,
            labels,
            arguments.GetValue(_threshold) ?? 0.5,
            null,
            predictions,
            arguments.GetRequiredValue(_size).Square,
            out (int Height, int Width)? size);
        EvaluationReport? report = measure(
            evaluator, [.. Enumerable.Range(0, files.Count).Select(files.NameOf)], i => Guarded(files.NameOf(i), output, () =>
            {
                LoadedPrediction read = files.Load(i);
                resized += read.Resized is null ? 0 : 1;
                return Case(read, size);
            }));
        if (resized > 0)
        {
            output.Warn($"{resized} predictions were of another size than their truth, and were resized to it.");
        }

        return report;
    }

    /// <summary>Predictions and truths that are DICOM segmentations or NIfTI files: every slice is a case, in millimetres.</summary>
    private EvaluationReport? OfVolumes(
        string predictions, ParseResult arguments, Labels labels, CommandOutput output, Measuring measure)
    {
        var volumes = new MedicalPredictions(
            predictions,
            arguments.GetRequiredValue(_masks).ToString(),
            Reading(arguments, labels),
            Sources.Reading(arguments.GetValue(_axial)),
            Labels.ValuesOf(arguments.GetValue(_predictionValues), labels.Count));
        Evaluator evaluator = Create(
            arguments,
            labels,
            arguments.GetValue(_threshold) ?? 0.5,
            null,
            predictions,
            arguments.GetRequiredValue(_size).Square,
            out (int Height, int Width)? size);
        return measure(evaluator, [.. Enumerable.Range(0, volumes.Count).Select(volumes.NameOf)], i => Guarded(
            volumes.NameOf(i),
            output,
            () => Case(volumes.Load(i), size, size is null ? volumes.SpacingOf(i) : null)));
    }

    private FolderDatasetOptions Reading(ParseResult arguments, Labels labels) => _reading.Apply(arguments, new FolderDatasetOptions
    {
        Reader = CommonOptions.Reader(arguments.GetValue(_pixels)),
        Labels = labels.Sources,
        Unpaired = arguments.GetValue(_skip) ? UnpairedFiles.LeaveOut : UnpairedFiles.Refuse,
    });

    /// <summary>The official profile compares at the network's size, the standard one at each image's own.</summary>
    private Evaluator Create(
        ParseResult arguments,
        Labels labels,
        double threshold,
        string? model,
        string set,
        (int Height, int Width)? network,
        out (int Height, int Width)? size)
    {
        bool official = arguments.GetValue(_profile) == "official";
        size = official ? network : null;
        return new Evaluator(_measuring.Apply(arguments, new EvaluatorOptions
        {
            SetName = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(set))),
            ModelName = model,
            LabelNames = labels.Names,
            NetworkSize = size,
            Metrics = new MetricOptions
            {
                Profile = official ? MetricProfile.MadgNetOfficial : MetricProfile.Standard,
                Threshold = threshold,
                Spacing = Spacing(arguments.GetValue(_spacing)),
            },
        }));
    }

    private static PixelSpacing Spacing(string? text)
    {
        if (text is null)
        {
            return PixelSpacing.Pixels;
        }

        double[] numbers = [.. text.Split(',').Select(part =>
            double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : 0)];
        return numbers is [> 0] or [> 0, > 0] && Array.TrueForAll(numbers, double.IsFinite)
            ? new PixelSpacing(numbers[0], numbers[^1])
            : throw new UsageException(new Problem(
                "--spacing", $"'{text}'", "one number above 0, or height and width parted by a comma", "Write for example 0.5 or 0.5,0.4"));
    }

    private static EvaluationCase Case(Sample sample, Func<Sample, FloatImage> predict, PixelSpacing? spacing) =>
        new(sample.Name, predict(sample), sample.Masks, sample.Ignored) { Spacing = spacing };

    private static Sample AtNetworkSize(Sample sample, (int Height, int Width)? size, ImageFit fit) => size is not { } network
        ? sample
        : sample.Transformed(each => InputSizing.To(network, fit).Apply(each, new Random(0)));

    /// <summary>A prediction as a case: at the truth's size, or both at the network's.</summary>
    private static EvaluationCase Case(LoadedPrediction read, (int Height, int Width)? size, PixelSpacing? spacing = null)
    {
        if (size is not { } network)
        {
            return new EvaluationCase(read.Name, read.Probability, read.Truth, read.Ignored) { Spacing = spacing };
        }

        Sample sample = new Sample(read.Name, read.Probability, read.Truth) { Ignored = read.Ignored }
            .Transformed(each => new Resize(network.Height, network.Width).Apply(each, new Random(0)));
        return new EvaluationCase(sample.Name, sample.Image, sample.Masks, sample.Ignored);
    }

    /// <summary>A case, or null where it cannot be read: that is told, and the others are measured.</summary>
    private static EvaluationCase? Guarded(string name, CommandOutput output, Func<EvaluationCase> load)
    {
        try
        {
            return load();
        }
        catch (Exception exception) when (exception is MadgNetException or IOException or UnauthorizedAccessException
            or OutOfMemoryException)
        {
            output.Error($"Left out '{name}': {exception.Message}");
            output.Trace(exception);
            return null;
        }
    }
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inference.Visualization;
using MadgNet.Core.Inputs;
using MadgNet.Medical.Seg;
using Spectre.Console;

namespace MadgNet.Cli.Commands;

/// <summary>Segments images.</summary>
internal sealed class PredictCommand : CliCommand
{
    private readonly Option<FileInfo> _weights = CommonOptions.Weights(
        "The trained network: this library's safetensors, a .pth or .pth.tar of the authors' code, or .onnx.");
    private readonly Option<string> _input = new("--input", "-i")
    {
        Description = "An image or a folder of images; a DICOM or NIfTI file, or the folder of a DICOM series.",
        HelpName = "FILE_OR_DIR"
    };
    private readonly Argument<string?> _place = new("INPUT")
    {
        Description = "The same as --input.",
        Arity = ArgumentArity.ZeroOrOne
    };
    private readonly Option<DirectoryInfo> _output = new("--output", "-o")
    {
        Description = "Where the masks go: <stem>.png, or <stem>_<label>.png where there are several labels.",
        HelpName = "DIR",
        Required = true
    };
    private readonly Option<InputSide> _size = CommonOptions.Size(
        "Side that images are resized to for the network; masks come out at the images' own size.");
    private readonly Option<int?> _labels = CommonOptions.Labels(
        "How many labels the network is expected to have; another number is an error.");
    private readonly Option<string?> _names = new("--label-names")
    {
        Description = "Names of the labels in the names of the files, parted by commas. [default: the model's, else 0, 1, …]",
        HelpName = "A,B"
    };
    private readonly Option<double?> _threshold = CommonOptions.Threshold();
    private readonly Option<bool> _probabilities = new("--probabilities")
    {
        Description = "Also write <stem>.prob.npy: float32, H×W or N×H×W, at the image's own size."
    };
    private readonly Option<bool> _overlay = new("--overlay")
    {
        Description = "Also write <stem>.overlay.png: the image with the contours of its masks."
    };
    private readonly Option<int[]?> _overlayChannels = CommonOptions.ShownChannels("With --overlay");
    private readonly Option<bool> _recursive = new("--recursive", "-r")
    {
        Description = "Also the folders below; the output has the same folders."
    };
    private readonly Option<int?> _tile = CommonOptions.AtLeast(
        new Option<int?>("--tile")
        {
            Description =
                "Divide images into tiles of this side that overlap and are blended, for images that are large at their own size; a "
                    + "multiple of 32.",
            HelpName = "PIXELS"
        },
        32);
    private readonly Option<string> _tta = new("--tta")
    {
        Description = "Look at every image in several views and take their mean: none, flips (4 views) or all (8: flips and right angles).",
        HelpName = "VIEWS",
        DefaultValueFactory = _ => "none"
    };
    private readonly Option<double> _minArea = CommonOptions.AtLeast(
        new Option<double>("--min-area") { Description = "Remove objects of fewer pixels.", HelpName = "PIXELS" }, 0);
    private readonly Option<int?> _largest = CommonOptions.AtLeast(
        new Option<int?>("--keep-largest") { Description = "Keep only so many objects of each label, the largest ones.", HelpName = "N" },
        1);
    private readonly Option<double> _holes = CommonOptions.AtLeast(
        new Option<double>("--fill-holes") { Description = "Fill holes of up to so many pixels.", HelpName = "PIXELS" }, 0);
    private readonly Option<FileInfo> _report = new("--report")
    {
        Description = "Also write a list of images and masks. [default with --shard: predictions.json in the folder of the masks]",
        HelpName = "predictions.json"
    };
    private readonly Option<string?> _shard = ShardOption.Create(
        "Segment a part of the images, but those that are done; 'merge' puts the lists together.");
    private readonly Option<string> _format = new("--format")
    {
        Description = "What masks of DICOM and NIfTI are written as: png (one a slice), nifti (one a volume) or seg (DICOM SEG).",
        HelpName = "FORMAT",
        DefaultValueFactory = _ => "png"
    };
    private readonly Option<string> _segType = new("--seg-type")
    {
        Description = "How a DICOM SEG stores segments: binary, fractional (probabilities) or labelmap.",
        HelpName = "TYPE",
        DefaultValueFactory = _ => "binary"
    };
    private readonly Option<bool> _axial = Sources.Axial();
    private readonly Option<FileInfo?> _segCodes = new(SegmentCodes.Option)
    {
        Description = "With --format seg: a JSON file with the codes of each label: what it is in the words of SNOMED CT, and its colour.",
        HelpName = "codes.json"
    };
    private readonly Option<bool> _withPatient = new("--with-patient")
    {
        Description = "Copy name and number of the patient and the study into a DICOM SEG; without it they are left empty."
    };
    private readonly Option<string> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<long?> _pixels = CommonOptions.MaximumPixels();
    private readonly OnnxChoices _onnx = new();

    public PredictCommand()
        : base(
            "predict",
            "Segments an image or a folder of images.",
            "madgnet predict --weights runs/first --input images --output masks",
            "madgnet predict -w model.pth.tar -i colon.png -o masks --threshold 0.4 --probabilities --overlay",
            "madgnet predict -w lung.safetensors -i ct_series -o masks --format seg")
    {
        _weights.Required = true;
        _tta.AcceptOnlyFromAmong("none", "flips", "all");
        _format.AcceptOnlyFromAmong("png", "nifti", "seg");
        _segType.AcceptOnlyFromAmong("binary", "fractional", "labelmap");
        Add(_place);
        foreach (Option option in new Option[]
        {
            _weights,
            _input,
            _output,
            _size,
            _labels,
            _names,
            _threshold,
            _probabilities,
            _overlay,
            _overlayChannels,
            _recursive,
            _tile,
            _tta,
            _minArea,
            _largest,
            _holes,
            _report,
            _shard,
            _format,
            _segType,
            _segCodes,
            _axial,
            _withPatient,
            _device,
            _threads,
            _pixels
        }.Concat(_onnx.Options))
        {
            Add(option);
        }
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        string folder = arguments.GetRequiredValue(_output).ToString();
        string input = InputFiles.Of(arguments.GetValue(_place), arguments.GetValue(_input));
        string weights = arguments.GetRequiredValue(_weights).ToString();
        InputFiles.Require(input);
        string format = arguments.GetRequiredValue(_format);
        IReadOnlyList<MedicalVolume> volumes = MedicalVolume.Find(
            input, arguments.GetValue(_recursive), Sources.Reading(arguments.GetValue(_axial)), output);
        CheckFormat(arguments, format, volumes.Count > 0);
        using SegmentationPredictor predictor = ModelFile.OpenPredictor(
            weights,
            OptionsOf(arguments),
            arguments.GetResult(_size)!.Implicit,
            arguments.GetRequiredValue(_device),
            arguments.GetValue(_threads),
            _onnx.Of(arguments, arguments.GetValue(_threads)),
            output);
        IReadOnlyList<(string Path, string Name)> files =
            volumes.Count > 0 ? [] : InputFiles.Find(input, arguments.GetValue(_recursive), predictor, output);
        Labels labels = Labels.From(arguments, _labels, _names, null, (predictor.Network.Labels, predictor.Network.LabelNames));
        bool probabilities = arguments.GetValue(_probabilities);
        Shard? shard = ShardOption.Read(arguments, _shard);
        if (volumes.Count > 0 && (shard is not null || arguments.GetValue(_report) is not null))
        {
            throw new UsageException(new Problem(
                "--shard, --report",
                "beside volumes",
                "images that are files of their own",
                "Leave them out, or part the folder of volumes"));
        }

        int[]? channels = CommonOptions.Given(arguments, _overlayChannels);
        if (channels is not null && !arguments.GetValue(_overlay))
        {
            throw new UsageException(new Problem("--overlay-channels", "no --overlay", "--overlay beside it", "Ask for overlays, too"));
        }

        if (volumes.Count > 0)
        {
            SegOptions seg = MedicalAlgorithm.Of(weights) with
            {
                Type = Enum.Parse<SegmentationType>(arguments.GetRequiredValue(_segType), ignoreCase: true),
                CopyPatient = arguments.GetValue(_withPatient),
            };
            SegSegment[] segments = SegmentCodes.Of(arguments.GetValue(_segCodes)?.ToString(), labels.Names);
            bool overlay = arguments.GetValue(_overlay);
            var work = new MedicalPrediction(predictor, labels, format, (segments, seg), probabilities, overlay, output);
            return work.Run(weights, input, folder, volumes, cancellation);
        }

        var outputs = PredictionOutputs.Plan(
            weights, input, folder, files, labels, probabilities, arguments.GetValue(_overlay), output, keeps: shard is not null);
        var list = PredictionList.Open(
            shard,
            arguments.GetValue(_report)?.FullName ?? (shard is null ? null : Path.GetFullPath(Path.Combine(folder, "predictions.json"))),
            weights,
            SettingsOf(arguments, predictor, labels),
            outputs,
            output);
        Directory.CreateDirectory(folder);
        if (shard is null)
        {
            // Other shards are at work in the folder, on other machines too.
            outputs.RemoveAbandoned(output);
        }

        var written = new JsonArray();
        output.Result["threshold"] = predictor.Thresholds[0];
        output.Result["labels"] = new JsonArray([.. labels.Names.Select(name => (JsonNode)JsonValue.Create(name)!)]);
        output.Result["files"] = written;
        var table = new Table().AddColumn("image")
            .AddColumn("size")
            .AddColumn(new TableColumn("foreground").RightAligned())
            .AddColumn("mask");
        int done = WorkProgress.Show(output, "predicted", list.Count, progress =>
        {
            int count = 0;
            int seen = 0;
            foreach ((int number, string image, ImageOutputs own) in list.Left())
            {
                cancellation.ThrowIfCancellationRequested();
                if (Predict(predictor, image, own, labels, channels, output, cancellation) is { } result)
                {
                    count++;
                    list.Add(number, result.Json);
                    written.Add((JsonNode)result.Json);
                    string name = Path.GetRelativePath(folder, own.Stem);
                    table.AddRow(Shown.Text(name), result.Size, result.Foreground, Shown.Text(result.Mask));
                }

                progress.Report(++seen);
            }

            list.Complete();
            return count;
        });
        output.Table(table);
        if (shard is { } part)
        {
            output.Line($"Shard {part}: {done} of {list.Count} images segmented into {folder}, {list.Before} were done before");
            output.Result["shard"] = part.ToString();
            return done == list.Count ? ExitCode.Done : ExitCode.Failed;
        }

        output.Line($"{done} of {outputs.Found} images segmented into {folder}");
        return done == outputs.Found ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>What the files depend on besides the weights and the image.</summary>
    private JsonObject SettingsOf(ParseResult arguments, SegmentationPredictor predictor, Labels labels) => new()
    {
        ["threshold"] = predictor.Thresholds[0],
        ["labels"] = new JsonArray([.. labels.Names.Select(name => (JsonNode)JsonValue.Create(name)!)]),
        ["size"] = arguments.GetRequiredValue(_size).Square is { } side ? side.Height : null,
        ["tile"] = arguments.GetValue(_tile),
        ["views"] = arguments.GetValue(_tta),
        ["minimumArea"] = arguments.GetValue(_minArea),
        ["keepLargest"] = arguments.GetValue(_largest),
        ["fillHoles"] = arguments.GetValue(_holes),
        ["probabilities"] = arguments.GetValue(_probabilities),
        ["overlay"] = arguments.GetValue(_overlay),
    };

    private void CheckFormat(ParseResult arguments, string format, bool medical)
    {
        if (!medical && format != "png")
        {
            throw new UsageException(new Problem(
                "--format", $"{format} for pictures", "png, or DICOM or NIfTI as --input", "Leave --format out"));
        }

        if (arguments.GetValue(_overlay) && format != "png")
        {
            throw new UsageException(new Problem(
                "--overlay", $"beside --format {format}", "--format png, whose slices are pictures", "Leave one of the two out"));
        }

        if (arguments.GetValue(_probabilities) && format == "seg")
        {
            throw new UsageException(new Problem(
                "--probabilities", "beside --format seg", "--seg-type fractional, which stores probabilities", "Choose that instead"));
        }

        if (format != "seg"
            && (arguments.GetValue(_withPatient) || arguments.GetValue(_segCodes) is not null || !arguments.GetResult(_segType)!.Implicit))
        {
            throw new UsageException(new Problem(
                $"--seg-type, {SegmentCodes.Option}, --with-patient", $"beside --format {format}", "--format seg", "Add --format seg, or leave them out"));
        }
    }

    private PredictorOptions OptionsOf(ParseResult arguments)
    {
        int? tile = arguments.GetValue(_tile);
        (double minimum, int? largest, double holes) = (arguments.GetValue(_minArea),
            arguments.GetValue(_largest),
            arguments.GetValue(_holes));

        // Tiles are for images at their own size, unless another is asked for.
        bool native = tile is not null && arguments.GetResult(_size)!.Implicit;
        return new PredictorOptions
        {
            Reader = CommonOptions.Reader(arguments.GetValue(_pixels)),
            Threshold = arguments.GetValue(_threshold),
            InputSize = native ? null : arguments.GetRequiredValue(_size).Square,
            NativeSize = !arguments.GetResult(_size)!.Implicit && arguments.GetRequiredValue(_size).Square is null,
            Tiles = tile is { } pixels ? new TileOptions { Size = (pixels, pixels) } : null,
            Augmentation = arguments.GetValue(_tta) switch
            {
                "flips" => new TestTimeAugmentation(),
                "all" => new TestTimeAugmentation { RightAngles = true },
                _ => null,
            },
            PostProcessing = minimum > 0 || largest is not null || holes > 0
                ? new PostProcessing { MinimumArea = minimum, KeepLargest = largest, FillHolesUpTo = holes }
                : null,
        };
    }

    private static FloatImage ReadCase(SegmentationPredictor predictor, string file, CommandOutput output)
    {
        ModelInput input = predictor.Network.Input;
        if (input.Files.Count > 0 || input.FromPages || input.Channels is not (1 or 3))
        {
            return predictor.Read(file);
        }

        PixelImage pixels = predictor.Options.Reader.Read(file);
        if (pixels.Pages > 1)
        {
            output.Warn($"{PlainText.Line(file)}: one of {pixels.Pages} pages is segmented. Divide a stack into files for the others.");
        }

        return predictor.Prepare(pixels);
    }

    private static Written? Predict(
        SegmentationPredictor predictor,
        string file,
        ImageOutputs outputs,
        Labels labels,
        int[]? channels,
        CommandOutput output,
        CancellationToken cancellation)
    {
        try
        {
            RegularFile.Check(file);
            FloatImage image = ReadCase(predictor, file, output);
            Prediction prediction = predictor.Predict(image, null, cancellation);
            string folder = Path.GetDirectoryName(outputs.Stem)!;
            Directory.CreateDirectory(folder);
            var shares = new List<double>();
            for (int label = 0; label < prediction.Labels; label++)
            {
                PixelImage mask = prediction.Mask(label);
                ImageWriter.Write(mask, outputs.Masks[label]);
                shares.Add((double)mask.Bytes.Count(byte.MaxValue) / mask.Bytes.Length);
            }

            var json = new JsonObject
            {
                ["image"] = file,
                ["width"] = prediction.Width,
                ["height"] = prediction.Height,
                ["masks"] = new JsonArray([.. outputs.Masks.Select(path => (JsonNode)JsonValue.Create(path)!)]),
                ["foreground"] = new JsonArray([.. shares.Select(share => (JsonNode)JsonValue.Create(share))]),
            };
            if (outputs.Probabilities is { } probabilities)
            {
                NpyFile.Write(prediction.Probability, probabilities);
                json["probabilities"] = probabilities;
            }

            if (outputs.Overlay is { } overlay)
            {
                OverlayLayer[] layers = [.. labels.Names.Select((name, label) => OverlayLayer.FromMask(prediction.Mask(label), name))];
                var drawing = new OverlayOptions { Channels = channels };
                ImageWriter.Write(Overlay.Draw(AsShown(predictor, file, image), layers, drawing), overlay);
                json["overlay"] = overlay;
            }

            return new Written(
                json,
                $"{prediction.Width}×{prediction.Height}",
                string.Join(", ", shares.Select(share => $"{share:P1}")),
                string.Join(", ", outputs.Masks));
        }
        catch (Exception exception) when (exception is MadgNetException or IOException or UnauthorizedAccessException
            or OutOfMemoryException)
        {
            // One image less: the others are not its hostages.
            if (exception is ImageReadException image)
            {
                output.Error(image.Problem);
            }
            else
            {
                output.Error($"{PlainText.Line(file)}: {exception.Message}");
            }

            output.Trace(exception);
            return null;
        }
    }

    /// <summary>An image as people know it; of several channels the first.</summary>
    private static FloatImage AsShown(SegmentationPredictor predictor, string file, FloatImage image) =>
        predictor.Network.Input.Files.Count > 0 || predictor.Network.Input.FromPages || image.Channels is not (1 or 3)
            ? new FloatImage(1, image.Height, image.Width, image.Plane(0).ToArray())
            : predictor.Options.Reader.Read(file).ToFloat(ImageChannels.Rgb);

    private sealed record Written(JsonObject Json, string Size, string Foreground, string Mask);
}

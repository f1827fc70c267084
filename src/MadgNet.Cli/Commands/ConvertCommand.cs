using System.CommandLine;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Annotations;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference.Visualization;

namespace MadgNet.Cli.Commands;

/// <summary>Turns masks and annotations of one program into those of another.</summary>
internal sealed class ConvertCommand : CliCommand
{
    private readonly Option<string> _masks = new("--masks")
    {
        Description = "A folder of masks, or annotations: a COCO, CVAT, Label Studio, QuPath, VOC or labelme file or folder.",
        HelpName = "FILE_OR_DIR",
        Required = true
    };
    private readonly Option<DirectoryInfo> _images = CommonOptions.Folder("--images", "The images that were drawn on.");
    private readonly Option<string> _to = new("--to")
    {
        Description = "coco (compressed runs), coco-runs, coco-polygons, qupath or masks.",
        HelpName = "FORMAT",
        Required = true
    };
    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The JSON file for coco; a folder for qupath and masks, with a file for each image.",
        HelpName = "FILE_OR_DIR",
        Required = true
    };
    private readonly Option<int?> _labels = CommonOptions.Labels("How many labels the masks have. [default: 1]");
    private readonly Option<string?> _names = CommonOptions.LabelNames();
    private readonly Option<string?> _values = CommonOptions.LabelValues();
    private readonly Option<bool> _fillBoxes = Sources.FillBoxes();
    private readonly Option<bool> _skip = CommonOptions.SkipUnpaired();
    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace files that are there already." };

    public ConvertCommand()
        : base(
            "convert",
            "Turns masks and annotations of QuPath, COCO, CVAT, Label Studio, Pascal VOC and labelme into masks, COCO or QuPath's GeoJSON.",
            "madgnet convert --images slides --masks annotations.json --to masks --output masks",
            "madgnet convert --images images --masks masks --to coco --output instances.json",
            "madgnet convert --images images --masks masks --label-names cup,disc --to qupath --output geojson")
    {
        _images.Required = true;
        _to.AcceptOnlyFromAmong("coco", "coco-runs", "coco-polygons", "qupath", "masks");
        foreach (Option option in new Option[] { _masks, _images, _to, _output, _labels, _names, _values, _fillBoxes, _skip, _overwrite })
        {
            Add(option);
        }
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        Labels labels = Labels.From(arguments, _labels, _names, _values);
        string images = arguments.GetRequiredValue(_images).ToString();
        string masks = arguments.GetRequiredValue(_masks);
        string to = arguments.GetRequiredValue(_to);
        string target = arguments.GetRequiredValue(_output);
        IDataset dataset = Sources.Open(
            images,
            masks,
            new FolderDatasetOptions
            {
                Labels = labels.Sources,
                Unpaired = arguments.GetValue(_skip) ? UnpairedFiles.LeaveOut : UnpairedFiles.Refuse,
            },
            arguments.GetValue(_fillBoxes));
        foreach (Finding finding in dataset.Findings)
        {
            output.Warn(finding.Problem.ToString());
        }

        (string Path, int Sample, int Label)[] files = [.. Files(dataset, to, target)];
        Plan(files.Select(file => file.Path), dataset, masks, arguments.GetValue(_overwrite));
        int written = WorkProgress.Show(output, "converted", dataset.Count, progress => to switch
        {
            "masks" => WriteMasks(files, dataset, progress, cancellation),
            "qupath" => WriteQuPath(files, dataset, progress, cancellation),
            _ => WriteCoco(target, to, dataset, progress, cancellation),
        });
        output.Line($"{dataset.Count} images, {written} {(to == "masks" ? "masks" : "objects")} into {target}");
        output.Result["images"] = dataset.Count;
        output.Result[to == "masks" ? "masks" : "objects"] = written;
        output.Result["files"] = new JsonArray([.. files.Select(file => (JsonNode)JsonValue.Create(file.Path)!)]);
        return ExitCode.Done;
    }

    private static IEnumerable<(string Path, int Sample, int Label)> Files(IDataset dataset, string to, string target)
    {
        if (to is not ("masks" or "qupath"))
        {
            yield return (target, -1, -1);
            yield break;
        }

        for (int i = 0; i < dataset.Count; i++)
        {
            string stem = Path.Combine(target, dataset.NameOf(i).Replace('/', Path.DirectorySeparatorChar));
            if (to == "qupath")
            {
                yield return ($"{stem}.geojson", i, -1);
                continue;
            }

            for (int label = 0; label < dataset.Labels.Count; label++)
            {
                yield return (dataset.Labels.Count == 1 ? $"{stem}.png" : $"{stem}_{dataset.Labels[label]}.png", i, label);
            }
        }
    }

    private static void Plan(IEnumerable<string> files, IDataset dataset, string masks, bool overwrite)
    {
        var plan = new OutputPlan();
        foreach (string path in File.Exists(masks) ? [masks] : FolderFiles.Find(masks, recursive: true).Paths)
        {
            plan.ReadFile(path, "--masks");
        }

        for (int i = 0; i < dataset.Count; i++)
        {
            if (dataset.FilesOf(i) is { } read)
            {
                plan.ReadFile(read.Image, "--images");
            }
        }

        foreach (string path in files)
        {
            plan.Write(path, "--output");
            if (!overwrite && File.Exists(path))
            {
                plan.Refuse(new Problem("--output", $"'{path}', which is there already", "a new file", "Choose another name, or replace it with --overwrite"));
            }
        }

        plan.ThrowIfRefused();
    }

    private static int WriteMasks(
        (string Path, int Sample, int Label)[] files, IDataset dataset, IProgress<int> progress, CancellationToken cancellation)
    {
        foreach (IGrouping<int, (string Path, int Sample, int Label)> group in files.GroupBy(file => file.Sample))
        {
            cancellation.ThrowIfCancellationRequested();
            Sample sample = dataset.Load(group.Key);
            foreach ((string path, _, int label) in group)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
                ImageWriter.Write(sample.BinaryMask(label), path);
            }

            progress.Report(group.Key + 1);
        }

        return files.Length;
    }

    private static int WriteQuPath(
        (string Path, int Sample, int Label)[] files, IDataset dataset, IProgress<int> progress, CancellationToken cancellation)
    {
        int objects = 0;
        foreach ((string path, int index, _) in files)
        {
            cancellation.ThrowIfCancellationRequested();
            AnnotatedImage image = Annotations(dataset, index);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            AnnotationFile.WriteQuPath(image, path);
            objects += image.Objects.Count;
            progress.Report(index + 1);
        }

        return objects;
    }

    private static int WriteCoco(string path, string to, IDataset dataset, IProgress<int> progress, CancellationToken cancellation)
    {
        var images = new List<AnnotatedImage>();
        for (int i = 0; i < dataset.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            images.Add(Annotations(dataset, i));
            progress.Report(i + 1);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AnnotationFile.WriteCoco(
            dataset is AnnotationDataset ? AnnotationSet.Of(images) : AnnotationSet.Of(images) with { Labels = dataset.Labels },
            path,
            to switch
            {
                "coco-runs" => CocoSegmentation.RunLengths,
                "coco-polygons" => CocoSegmentation.Polygons,
                _ => CocoSegmentation.CompressedRunLengths,
            });
        return images.Sum(image => image.Objects.Count);
    }

    /// <summary>What was drawn, as it was drawn and with its classes; or the connected parts of each mask.</summary>
    private static AnnotatedImage Annotations(IDataset dataset, int index)
    {
        Sample sample = dataset.Load(index);
        string name = Path.GetFileName(dataset.FilesOf(index)?.Image ?? sample.Name);
        if (dataset is AnnotationDataset annotations)
        {
            return new AnnotatedImage(name, sample.Image.Height, sample.Image.Width, annotations.AnnotationsOf(index).Objects);
        }

        return new AnnotatedImage(
            name,
            sample.Image.Height,
            sample.Image.Width,
            [
                .. sample.Masks.SelectMany((mask, label) => AnnotatedImage.FromMask(
                    name, OverlayLayer.FromMap(mask).Inside, mask.Height, mask.Width, dataset.Labels[label]).Objects),
            ]);
    }
}

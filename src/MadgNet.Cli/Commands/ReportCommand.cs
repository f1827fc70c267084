using System.CommandLine;
using System.Text.Json;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inputs;
using MadgNet.Core.Metrics;
using MadgNet.Core.Training.Reporting;
using MadgNet.Reports;
using MadgNet.Reports.Pages;
using MadgNet.Studies.Reporting;
using MadgNet.Studies.Running;

namespace MadgNet.Cli.Commands;

/// <summary>Makes a page of a run's folder or of reports.</summary>
internal sealed class ReportCommand : CliCommand
{
    private readonly Argument<string[]> _sources = new("RUN_DIR|STUDY_DIR|report.json")
    {
        Description = "The folder of a run, or of a study or its shards, or one report.json of evaluate, or several of the same cases.",
        Arity = new ArgumentArity(1, 100)
    };
    private readonly Option<FileInfo> _output = new("--output", "-o")
    {
        Description = "The page: one HTML file with everything inside.",
        HelpName = "report.html",
        Required = true
    };
    private readonly Option<DirectoryInfo> _images = CommonOptions.Folder(
        "--images", "With RUN_DIR: the images, for pictures of the validation cases, threshold and calibration.");
    private readonly Option<DirectoryInfo> _masks = CommonOptions.Folder("--masks", "With --images: their masks, as for train.");
    private readonly Option<string?> _names = CommonOptions.LabelNames();
    private readonly Option<string?> _values = CommonOptions.LabelValues();
    private readonly Option<int?> _labels = CommonOptions.Labels("How many labels. [default: 1]");
    private readonly Option<int[]?> _channels = CommonOptions.ShownChannels("With --images");
    private readonly Option<string> _device = CommonOptions.Device();
    private readonly Option<int?> _threads = CommonOptions.Threads();

    public ReportCommand()
        : base(
            "report",
            "Writes a training run, a study, an evaluation or a comparison as one HTML file that needs nothing else.",
            "madgnet report runs/first --output first.html",
            "madgnet report runs/first --images data/images --masks data/masks --output first.html",
            "madgnet report studies/scales --output scales.html",
            "madgnet report a.json b.json --output compared.html")
    {
        Add(_sources);
        foreach (Option option in new Option[] { _output, _images, _masks, _labels, _names, _values, _channels, _device, _threads })
        {
            Add(option);
        }
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        string[] sources = arguments.GetRequiredValue(_sources);
        string page = arguments.GetRequiredValue(_output).FullName;
        bool pictures = arguments.GetValue(_images) is not null;
        if (pictures != arguments.GetValue(_masks) is not null || (pictures && !Directory.Exists(sources[0])))
        {
            throw new UsageException(new Problem(
                "--images",
                pictures ? "no --masks, or no RUN_DIR" : "--masks alone",
                "RUN_DIR with --images and --masks, or none of the two",
                "Name both folders of the run's data, or leave them out"));
        }

        int[]? channels = CommonOptions.Given(arguments, _channels);
        if (channels is not null && !pictures)
        {
            throw new UsageException(
                new Problem("--overlay-channels", "no --images", "--images beside it", "Ask for pictures, too"));
        }

        bool study = sources.All(IsStudy);
        if (study && pictures)
        {
            throw new UsageException(new Problem(
                "--images",
                "the folder of a study",
                "RUN_DIR with --images and --masks",
                "Leave them out: a study's page has no pictures"));
        }

        if (sources.Length > 1 && !study && sources.Any(Directory.Exists))
        {
            throw new UsageException(new Problem(
                "RUN_DIR",
                $"{sources.Length} sources with a folder among them",
                "one RUN_DIR, folders of one study, or reports",
                "Make a page for each run, or compare reports"));
        }

        var plan = new OutputPlan();
        foreach (string source in sources.Where(File.Exists))
        {
            plan.ReadFile(source, "the report");
        }

        plan.Write(page, "--output", ".html");
        plan.ThrowIfRefused();
        Directory.CreateDirectory(Path.GetDirectoryName(page)!);
        if (study)
        {
            StudyReport.Load(sources).ToPage().Save(page);
            output.Line($"Report: {page}");
            output.Result["report"] = page;
            return ExitCode.Done;
        }

        if (Directory.Exists(sources[0]))
        {
            Labels labels = Labels.From(arguments, _labels, _names, _values);
            IDataset? validation = pictures ? Validation(sources[0], arguments, labels) : null;
            RunPictures.Save(
                sources[0],
                page,
                validation,
                labels.Names,
                channels,
                (arguments.GetRequiredValue(_device), arguments.GetValue(_threads)),
                output,
                cancellation);
            return ExitCode.Done;
        }

        (string Name, EvaluationReport Report)[] runs = [.. sources.Select(source => (
            Path.GetFileNameWithoutExtension(source), Load(source)))];
        if (runs.Select(run => run.Name).Distinct(StringComparer.Ordinal).Count() != runs.Length)
        {
            runs = [.. runs.Select((run, i) => (sources[i], run.Report))];
        }

        HtmlReport made = runs.Length == 1 ? EvaluationPage.Create(runs[0].Report) : ComparisonPage.Create(runs);
        made.Save(page);
        output.Line($"Report: {page}");
        output.Result["report"] = page;
        return ExitCode.Done;
    }

    /// <summary>Whether a path is a folder that 'study run' has filled.</summary>
    private static bool IsStudy(string path) => File.Exists(Path.Combine(path, StudyRunner.StudyFileName));

    private static EvaluationReport Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new UsageException(new Problem(
                "RUN_DIR|STUDY_DIR|report.json",
                $"'{path}', where there is nothing",
                "the folder of a run or a study, or a report.json",
                "Check the path"));
        }

        return EvaluationReport.LoadJson(path);
    }

    /// <summary>The images that the run was validated on, by the names in its manifest.</summary>
    private IDataset Validation(string folder, ParseResult arguments, Labels labels)
    {
        var manifest = RunManifest.Load(folder);
        ManifestData part = manifest.Data.FirstOrDefault(data => data.Part == "validation")
            ?? throw new UsageException(new Problem(
                "--images", $"'{folder}', a run without validation images", "a run that was validated", "Leave --images and --masks out"));
        var reading = new FolderDatasetOptions
        {
            Labels = labels.Sources,
            Window = manifest.Model.Input.Scaling == IntensityScaling.MinMax ? IntensityWindow.MinMax : null,
            Unpaired = UnpairedFiles.LeaveOut,
        };
        IDataset all = Sources.Open(
            arguments.GetValue(_images)!.ToString(), arguments.GetValue(_masks)!.ToString(), reading, fillBoxes: false);
        HashSet<string> names = [.. part.Names];
        IDataset found = all.Where(names.Contains);
        return found.Count > 0
            ? found
            : throw new DatasetException(new Problem(
                "--images", "a folder with none of the run's validation images", $"images such as '{part.Names[0]}'", "Name the folder that the run was trained on"));
    }
}

using System.CommandLine;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Data;
using MadgNet.Core.Inputs;
using MadgNet.Medical.Data;
using MadgNet.Reports.Pages;

namespace MadgNet.Cli.Commands;

/// <summary>What is wrong with a dataset.</summary>
internal sealed class DoctorCommand : CliCommand
{
    private readonly Argument<DirectoryInfo?> _folder = new("DIR")
    {
        Description = "A folder of images and masks in one of the usual layouts.",
        Arity = ArgumentArity.ZeroOrOne
    };
    private readonly Option<DirectoryInfo> _images = CommonOptions.Folder("--images", "A folder of images, where they are not in DIR.");
    private readonly Option<DirectoryInfo> _masks = CommonOptions.Folder(
        "--masks", "The folder of their masks, or annotations of another program.");
    private readonly Option<DirectoryInfo[]> _against = new("--against")
    {
        Description = "Another set of the same kind (validation, test), in a usual layout: no image may be in both. May be repeated.",
        HelpName = "DIR"
    };
    private readonly Option<int?> _labels = CommonOptions.Labels("How many labels the masks have. [default: 1]");
    private readonly Option<string?> _names = CommonOptions.LabelNames();
    private readonly Option<string?> _values = CommonOptions.LabelValues();
    private readonly Option<long?> _pixels = CommonOptions.MaximumPixels();
    private readonly InputOptions _input = new();
    private readonly MaskOptions _reading;
    private readonly Option<bool> _noDuplicates = new("--no-duplicates")
    {
        Description = "Do not look for images that are nearly the same."
    };

    private readonly Option<bool> _all = new("--all") { Description = "Show every finding, not one example of each kind." };
    private readonly Option<bool> _fillBoxes = Sources.FillBoxes();
    private readonly Option<bool> _axial = Sources.Axial();
    private readonly Option<FileInfo> _output = new("--output", "-o")
    {
        Description = "Also write a page with every finding and contact sheets of the images behind them.",
        HelpName = "report.html"
    };

    public DoctorCommand()
        : base(
            "doctor",
            "Finds what is wrong with a dataset: unreadable files, lost pairs, odd masks, duplicates, leaks between sets.",
            "madgnet doctor data/train --against data/test",
            "madgnet doctor --images pictures --masks drawn --json")
    {
        Add(_folder);
        foreach (Option option in (Option[])
        [
            _images, _masks, _against, .. _input.Reading, _labels, _names, _values, _noDuplicates, _all, _pixels, _fillBoxes, _axial,
            _output,
        ])
        {
            Add(option);
        }

        _reading = new MaskOptions(this);
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        DirectoryInfo? folder = arguments.GetValue(_folder);
        DirectoryInfo? images = arguments.GetValue(_images);
        DirectoryInfo? masks = arguments.GetValue(_masks);
        if ((folder is null) == (images is null) || (images is null) != (masks is null))
        {
            throw new UsageException(new Problem(
                "dataset",
                folder is null ? "no folder" : "more than one way to name the folders",
                "DIR, or --images DIR with --masks DIR",
                "Name the data in one of the two ways"));
        }

        if (arguments.GetValue(_output) is { } planned)
        {
            var plan = new OutputPlan();
            plan.Write(planned.FullName, "--output", ".html");
            plan.ThrowIfRefused();
        }

        FolderDatasetOptions reading = _reading.Apply(arguments, new FolderDatasetOptions
        {
            Labels = Labels.From(arguments, _labels, _names, _values).Sources,
            Unpaired = UnpairedFiles.LeaveOut,
            Reader = CommonOptions.Reader(arguments.GetValue(_pixels)),
        });
        ModelInput input = _input.Apply(arguments, new ModelInput());
        reading = input == new ModelInput() ? reading : reading.For(input);
        bool axial = arguments.GetValue(_axial);
        DirectoryInfo[] others = arguments.GetValue(_against) ?? [];
        var splits = new List<(string Split, IDataset Dataset)>
        {
            (folder?.Name ?? images!.Name,
                folder is null
                    ? Sources.Open(images!.ToString(), masks!.ToString(), reading, arguments.GetValue(_fillBoxes), axial)
                    : Sources.OpenFolder(folder.ToString(), reading, axial)),
        };
        foreach (DirectoryInfo other in others)
        {
            splits.Add((NameOf(other, [.. splits.Select(split => split.Split)]), Sources.OpenFolder(other.ToString(), reading, axial)));
        }

        var options = new DoctorOptions { NearDuplicates = !arguments.GetValue(_noDuplicates) };
        DoctorReport report = WorkProgress.Show(output, "examined", splits.Sum(split => split.Dataset.Count), progress =>
        {
            int total = splits.Sum(split => split.Dataset.Count);
            return DatasetDoctor.ExamineSplits(splits, options, new Share(progress, total), cancellation);
        });

        // Pictures are examined one by one; what single slices of DICOM say as series comes here.
        Finding[] ofSeries = [.. splits.Select(split => split.Dataset).OfType<FolderDataset>()
            .Where(pictures => pictures.Folder is not null)
            .SelectMany(pictures => MedicalDataset.Examine(pictures.Folder!))];
        if (ofSeries.Length > 0)
        {
            report = report with { Findings = [.. report.Findings.Concat(ofSeries).OrderByDescending(finding => finding.Severity)] };
        }

        DoctorTable.Show(report, output, arguments.GetValue(_all));
        if (arguments.GetValue(_output) is { } page)
        {
            Directory.CreateDirectory(page.DirectoryName!);
            DoctorPage.Create(report, splits).Save(page.FullName);
            output.Line($"Report: {page}");
            output.Result["report"] = page.ToString();
        }

        return report.HasErrors ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>A name that no other set has: that of its folder, its path, or its number. One set may stand on both sides.</summary>
    private static string NameOf(DirectoryInfo folder, string[] taken)
    {
        string[] names = [folder.Name, folder.ToString(), $"{folder.Name} ({taken.Length + 1})"];
        return names.First(name => !taken.Contains(name, StringComparer.Ordinal));
    }

    private sealed class Share(IProgress<int> parts, int total) : IProgress<double>
    {
        public void Report(double value) => parts.Report((int)Math.Round(value * total));
    }
}

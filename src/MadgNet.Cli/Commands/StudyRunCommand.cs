using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Core.Models;
using MadgNet.Pretrained.ResNet18;
using MadgNet.Studies;
using MadgNet.Studies.Cells;
using MadgNet.Studies.Reporting;
using MadgNet.Studies.Running;

namespace MadgNet.Cli.Commands;

/// <summary>Runs a study, or what is left of it, and writes its report.</summary>
internal sealed class StudyRunCommand : CliCommand
{
    private const string Pretrained = "resnet18";

    private readonly Argument<string> _study = new("STUDY")
    {
        Description = "A built-in study's name (see 'study list'), or the file of a study.",
    };

    private readonly Option<DirectoryInfo> _data = CommonOptions.Folder(
        "--data", "The folder of the sets: SET/images and SET/masks for each.");
    private readonly Option<DirectoryInfo> _output = new("--output", "-o")
    {
        Description = "The folder of the results. A study that was stopped goes on there.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<bool> _quick = new("--quick") { Description = "A few steps and two seeds, to see that everything works." };
    private readonly Option<string?> _variants = new("--variants")
    {
        Description = "The variants to run, parted by commas, the baseline among them. [default: all]",
        HelpName = "A,B",
    };

    private readonly Option<string?> _seeds = new("--seeds")
    {
        Description = "The seeds, parted by commas; more of them may be added later. [default: the study's]",
        HelpName = "0,1,2",
    };

    private readonly Option<long?> _steps = CommonOptions.AtLeast(
        new Option<long?>("--steps") { Description = "Train every network for so many steps.", HelpName = "N" }, 1);

    private readonly Option<int?> _epochs = CommonOptions.AtLeast(
        new Option<int?>("--epochs") { Description = "Train every network for so many epochs.", HelpName = "N" }, 1);

    private readonly Option<double?> _seconds = CommonOptions.Above(
        new Option<double?>("--seconds") { Description = "Train every network for so many seconds.", HelpName = "S" }, 0);

    private readonly Option<string?> _start = new("--start")
    {
        Description = "What the encoders start from: resnet18 (has learned on ImageNet) or none (drawn weights). [default: the study's]",
        HelpName = "NAME",
    };

    private readonly Option<string?> _changes = new("--changes")
    {
        Description = "Changes of every variant's recipe as JSON, for example '{\"size\":128}'.",
        HelpName = "JSON",
    };

    private readonly Option<string?> _seen = new("--seen")
    {
        Description = "The sets to train and test on, parted by commas. [default: the study's]",
        HelpName = "A,B",
    };

    private readonly Option<string?> _unseen = new("--unseen")
    {
        Description = "The sets to test on only, parted by commas; none for no set. [default: the study's]",
        HelpName = "A,B",
    };

    private readonly Option<int?> _training = CommonOptions.AtLeast(
        new Option<int?>("--training-images")
        {
            Description = "The most images of a set to train on. [default: the study's]",
            HelpName = "N",
        },
        1);

    private readonly Option<int?> _test = CommonOptions.AtLeast(
        new Option<int?>("--test-images")
        {
            Description = "The most images of a set to test on. [default: the study's]",
            HelpName = "N",
        },
        1);

    private readonly Option<string?> _shard = ShardOption.Create(
        "Run a part of the cells; put parts of several machines together with 'study report'.");

    private readonly Option<bool> _retry = new("--retry") { Description = "Run cells again that failed." };
    private readonly Option<bool> _keep = new("--keep-runs") { Description = "Keep weights and history of every cell." };
    private readonly Option<int?> _threads = CommonOptions.Threads();

    public StudyRunCommand()
        : base(
            "run",
            "Runs a study, or what is left of it, and writes its report.",
            "madgnet study run scales --data data --output studies/scales --quick",
            "madgnet study run first-experiments-1 --data data --output studies/first --seeds 0,1,2,3,4",
            "madgnet study run my-study.json --data data --output studies/mine --shard 1/3")
    {
        _data.Required = true;
        foreach (Symbol symbol in new Symbol[]
        {
            _study, _data, _output, _quick, _variants, _seeds, _steps, _epochs, _seconds, _start, _changes, _seen, _unseen,
            _training, _test,
            _shard, _retry, _keep, _threads,
        })
        {
            if (symbol is Argument argument)
            {
                Add(argument);
            }
            else
            {
                Add((Option)symbol);
            }
        }
    }

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        Study study = StudyListCommand.Find(arguments.GetRequiredValue(_study));
        study = (arguments.GetValue(_quick) ? study.Quick() : study).With(Overrides(study, arguments));
        Shard shard = ShardOption.Read(arguments, _shard) ?? Shard.Whole;
        Devices.Choose("cpu", arguments.GetValue(_threads));
        string folder = arguments.GetRequiredValue(_output).ToString();
        var runner = new StudyRunner(study, new StudyRunOptions
        {
            Data = arguments.GetRequiredValue(_data).ToString(),
            OutputFolder = folder,
            Shard = shard,
            RetryFailed = arguments.GetValue(_retry),
            KeepRuns = arguments.GetValue(_keep),
            Pretrained = study.Start == Pretrained
                ? new Dictionary<string, PretrainedEncoder> { [Pretrained] = ResNet18Weights.ImageNet }
                : new Dictionary<string, PretrainedEncoder>(),
            Logger = output.Logger,
        });
        output.Note($"{study.Label}: {runner.Cells.Count} cells ({study.Budget} each) into {folder}");
        IReadOnlyList<StudyCell> cells;
        try
        {
            cells = StudyProgressDisplay.Show(output, progress => runner.Run(progress, cancellation));
        }
        catch (OperationCanceledException)
        {
            output.Note("What was done is kept: the same command goes on.");
            output.Result["output"] = folder;
            throw;
        }

        StudyReportCommand.Show(StudyReport.Load(folder), folder, output);
        foreach (StudyCell cell in cells.Where(cell => cell.Status == CellStatus.Failed))
        {
            output.Error($"{cell.Key}: {cell.Error}");
        }

        return ExitCode.Done;
    }

    private static string[]? Names(string? text) =>
        text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private StudyOverrides Overrides(Study study, ParseResult arguments)
    {
        long? steps = arguments.GetValue(_steps);
        int? epochs = arguments.GetValue(_epochs);
        double? seconds = arguments.GetValue(_seconds);
        if (new object?[] { steps, epochs, seconds }.Count(value => value is not null) > 1)
        {
            throw new UsageException(new Problem(
                "--steps, --epochs, --seconds", "more than one of them", "one", "Name the one that is to end every training"));
        }

        return new StudyOverrides
        {
            Variants = Names(arguments.GetValue(_variants)),
            Seeds = Seeds(arguments),
            Budget = steps is null && epochs is null && seconds is null
                ? null
                : new StudyBudget { Steps = steps, Epochs = epochs, Seconds = seconds },
            Start = arguments.GetValue(_start),
            Changes = Changes(arguments),
            Seen = Sets(study, arguments.GetValue(_seen)),
            Unseen = arguments.GetValue(_unseen) == "none" ? [] : Sets(study, arguments.GetValue(_unseen)),
            TrainingImages = arguments.GetValue(_training),
            TestImages = arguments.GetValue(_test),
        };
    }

    private string? Changes(ParseResult arguments)
    {
        if (arguments.GetValue(_changes) is not { } text)
        {
            return null;
        }

        try
        {
            if (JsonNode.Parse(text) is JsonObject)
            {
                return text;
            }
        }
        catch (System.Text.Json.JsonException)
        {
            // The answer below says what is expected, which is what the reader's message would not.
        }

        throw new UsageException(new Problem("--changes", $"'{text}'", "one JSON object", "Use for example '{\"size\":128}'"));
    }

    /// <summary>Sets by name; those that the study knows keep what it says of them.</summary>
    private static StudySet[]? Sets(Study study, string? text) => Names(text)?
        .Select(name => study.Protocol.Seen.Concat(study.Protocol.Unseen).FirstOrDefault(set => set.Name == name) ?? new StudySet(name))
        .ToArray();

    private long[]? Seeds(ParseResult arguments)
    {
        if (Names(arguments.GetValue(_seeds)) is not { } texts)
        {
            return null;
        }

        var seeds = new List<long>();
        foreach (string text in texts)
        {
            seeds.Add(long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seed)
                ? seed
                : throw new UsageException(new Problem("--seeds", $"'{text}'", "whole numbers, parted by commas", "Use for example 0,1,2")));
        }

        return [.. seeds];
    }
}

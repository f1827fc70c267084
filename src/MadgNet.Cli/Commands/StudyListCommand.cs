using System.CommandLine;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;
using MadgNet.Studies;
using Spectre.Console;

namespace MadgNet.Cli.Commands;

/// <summary>Lists the built-in studies, or shows one with its variants.</summary>
internal sealed class StudyListCommand : CliCommand
{
    private readonly Argument<string?> _study = new("STUDY")
    {
        Description = "A built-in study's name, or the file of a study: shows its question, variants and how it is read.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<FileInfo> _save = new("--save")
    {
        Description = "Write the study as JSON: the beginning of a study of your own.",
        HelpName = "study.json",
    };

    public StudyListCommand()
        : base(
            "list",
            "Lists the built-in studies, or shows one.",
            "madgnet study list",
            "madgnet study list scales --save my-study.json")
    {
        Add(_study);
        Add(_save);
    }

    /// <summary>A built-in study by its name, or a study from a file.</summary>
    public static Study Find(string nameOrFile) =>
        BuiltInStudies.Names.Contains(nameOrFile, StringComparer.Ordinal) ? BuiltInStudies.Get(nameOrFile) : Study.Load(nameOrFile);

    public override int Run(ParseResult arguments, CommandOutput output, CancellationToken cancellation)
    {
        if (arguments.GetValue(_study) is not { } name)
        {
            if (arguments.GetValue(_save) is not null)
            {
                throw new UsageException(new Problem(
                    "--save", "no study to write", "a study's name before it", "Use 'study list scales --save FILE'"));
            }

            List(output);
            return ExitCode.Done;
        }

        Study study = Find(name);
        Show(study, output);
        if (arguments.GetValue(_save) is { } file)
        {
            if (file.Exists)
            {
                throw new UsageException(new Problem("--save", $"{file}, which exists", "a new file", "Choose another name, or remove the file"));
            }

            Directory.CreateDirectory(file.DirectoryName!);
            study.Save(file.FullName);
            output.Line($"Written: {file}");
            output.Result["file"] = file.ToString();
        }

        return ExitCode.Done;
    }

    private static void List(CommandOutput output)
    {
        Table table = new Table().AddColumn("study").AddColumn("question");
        var studies = new JsonArray();
        foreach (Study study in BuiltInStudies.All)
        {
            table.AddRow(Markup.Escape(study.Name), Markup.Escape(study.Question));
            studies.Add((JsonNode)new JsonObject
            {
                ["name"] = study.Name,
                ["title"] = study.Title,
                ["question"] = study.Question,
                ["variants"] = new JsonArray([.. study.Variants.Select(variant => JsonValue.Create(variant.Name))]),
            });
        }

        output.Table(table);
        output.Result["studies"] = studies;
    }

    private static void Show(Study study, CommandOutput output)
    {
        output.Line($"{study.Label}: {study.Question}");
        Table table = new Table().AddColumn("variant").AddColumn("title").AddColumn("changes");
        foreach (StudyVariant variant in study.Variants)
        {
            string[] others = [
                .. variant.Changes == "{}" ? Array.Empty<string>() : [variant.Changes.ReplaceLineEndings(" ")],
                .. variant.Train is { } train ? new[] { $"trained on {string.Join(", ", train)}" } : [],
                .. variant.Share is { } share ? new[] { FormattableString.Invariant($"{100 * share:0.#} % of the images") } : [],
                .. variant.Channels is { } channels ? new[] { $"channels {string.Join(", ", channels)}" } : [],
            ];
            string baseline = variant.Name == study.Baseline ? " (baseline)" : "";
            table.AddRow(
                Markup.Escape(variant.Name + baseline),
                Markup.Escape(variant.Title),
                Markup.Escape(others.Length == 0 ? "-" : string.Join("; ", others)));
        }

        output.Table(table);
        output.Line($"Seen sets: {string.Join(", ", study.Protocol.Seen.Select(set => set.Name))}");
        output.Line($"Unseen sets: {string.Join(", ", study.Protocol.Unseen.Select(set => set.Name))}");
        output.Line($"Seeds {string.Join(", ", study.Seeds)}; {study.Budget}; decided by {study.Metrics[0]}");
        output.Line($"{study.Reading}");
        output.Result["study"] = JsonNode.Parse(study.ToJson());
    }
}

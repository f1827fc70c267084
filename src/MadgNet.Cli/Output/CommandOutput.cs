using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MadgNet.Cli.CommandLine;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace MadgNet.Cli.Output;

/// <summary>
/// Everything that a command says. Results go to standard output: text for people, or with <c>--json</c> one document;
/// progress, notes and errors go to standard error.
/// </summary>
internal sealed class CommandOutput
{
    public const string Schema = "madgnet-cli";
    public const int SchemaVersion = 1;

    // Names of files and labels in any script stay readable; the document is no part of a web page.
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    private readonly string _command;
    private readonly JsonArray _errors = [];
    private readonly JsonArray _warnings = [];
    private string _speaker = string.Empty;

    public CommandOutput(string command, bool json, bool quiet, bool verbose)
    {
        _command = command;
        Json = json;
        Quiet = quiet;
        Verbose = verbose;
        Console = Create(System.Console.Out);
        ErrorConsole = Create(System.Console.Error);
        Logger = new ErrorLogger(this);
    }

    public bool Json { get; }

    public bool Quiet { get; private set; }

    public bool Verbose { get; }

    /// <summary>Standard output, for results; nothing is written to it with <c>--json</c>.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Standard error, for progress, notes and errors.</summary>
    public IAnsiConsole ErrorConsole { get; }

    /// <summary>What the library logs: warnings, and with <c>--verbose</c> everything.</summary>
    public ILogger Logger { get; }

    /// <summary>What the JSON document holds as <c>result</c>.</summary>
    public JsonObject Result { get; } = [];

    public bool HasErrors => _errors.Count > 0;

    /// <summary>Whether another process says what this one has to say, but for what goes wrong.</summary>
    public bool IsSilent => _speaker.Length > 0;

    /// <summary>Leaves results, progress and notes to rank 0; warnings and errors are those of a rank from now on.</summary>
    public void SpeakAsRank(int rank)
    {
        _speaker = $"rank {rank}: ";
        Quiet = true;
    }

    /// <summary>A number for the document, where one that is none is null.</summary>
    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    public static JsonObject ToJson(Problem problem) => new()
    {
        ["subject"] = problem.Subject,
        ["received"] = problem.Received,
        ["expected"] = problem.Expected,
        ["remedy"] = problem.Remedy,
    };

    /// <summary>Writes a line of the result for people.</summary>
    public void Line(FormattableString text)
    {
        if (!Json && !IsSilent)
        {
            Prose.Write(Console, FormattableStringFactory.Create(
                text.Format, [.. text.GetArguments().Select(value => value is string words ? PlainText.Line(words) : value)]));
        }
    }

    /// <summary>Writes a line of the result as it is, however long it is: a command or a path that people copy.</summary>
    public void Raw(string text)
    {
        if (!Json && !IsSilent)
        {
            System.Console.Out.WriteLine(PlainText.Lines(text));
        }
    }

    /// <summary>
    /// Writes a table of the result for people: with borders on a terminal, in plain columns elsewhere; not with <c>--quiet</c>.
    /// </summary>
    public void Table(Table table)
    {
        if (Json || IsSilent || Quiet)
        {
            return;
        }

        if (Console.Profile.Out.IsTerminal)
        {
            FittedTable.Write(table, Console);
            return;
        }

        PlainTable.Write(table, Console);
    }

    /// <summary>Tells a person what goes on; not with <c>--quiet</c>.</summary>
    public void Note(string text)
    {
        if (!Quiet)
        {
            ErrorConsole.WriteLine(PlainText.Lines(text));
        }
    }

    /// <summary>Answers what a person did just now, such as pressing Ctrl-C; with <c>--quiet</c> too.</summary>
    public void Answer(string text) => ErrorConsole.WriteLine(PlainText.Lines(text));

    /// <summary>Tells of something that a person should look at, without changing the exit code.</summary>
    public void Warn(string text)
    {
        text = ToolWords.Say(text);
        _warnings.Add(JsonValue.Create(text));
        Prose.Write(ErrorConsole, $"[yellow]warning:[/] {_speaker}{PlainText.Lines(text)}");
    }

    /// <summary>Tells of something that failed: the exit code will not be 0.</summary>
    public void Error(Problem problem)
    {
        problem = ToolWords.Of(problem);
        JsonObject error = ToJson(problem);
        error["message"] = problem.ToString();
        _errors.Add(error);
        Prose.Write(ErrorConsole, $"[red]error:[/] {_speaker}{problem.ToString()}");
    }

    /// <summary>Warnings that were given so far.</summary>
    public IReadOnlyList<string> Warnings => [.. _warnings.Select(warning => warning!.GetValue<string>())];

    /// <summary>Tells of something that failed: the exit code will not be 0.</summary>
    public void Error(string message)
    {
        message = ToolWords.Say(message);
        _errors.Add(new JsonObject { ["message"] = message });
        Prose.Write(ErrorConsole, $"[red]error:[/] {_speaker}{PlainText.Lines(message)}");
    }

    /// <summary>Where an error came from, with <c>--verbose</c>.</summary>
    public void Trace(Exception exception)
    {
        if (Verbose)
        {
            ErrorConsole.WriteLine(PlainText.Lines(exception.ToString()));
        }
    }

    /// <summary>Ends the output: with <c>--json</c> this is when the document is written.</summary>
    public void Complete(int exitCode)
    {
        if (!Json || IsSilent)
        {
            return;
        }

        var document = new JsonObject
        {
            ["schema"] = Schema,
            ["version"] = SchemaVersion,
            ["command"] = _command,
            ["status"] = exitCode switch
            {
                ExitCode.Done => "done",
                ExitCode.Usage => "usage",
                ExitCode.Cancelled => "cancelled",
                _ => "failed",
            },
            ["exitCode"] = exitCode,
            ["result"] = Result,
            ["warnings"] = _warnings,
            ["errors"] = _errors,
        };
        System.Console.Out.WriteLine(document.ToJsonString(Format));
    }

    private static IAnsiConsole Create(TextWriter writer)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (!console.Profile.Out.IsTerminal)
        {
            // A file has no edge to wrap at.
            console.Profile.Width = 10_000;
        }

        return console;
    }

    private sealed class ErrorLogger(CommandOutput output) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) =>
            logLevel >= (output.Verbose ? LogLevel.Debug : LogLevel.Warning) && logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            if (logLevel >= LogLevel.Error && exception is MadgNetException && !output.Verbose)
            {
                // What ends a run is told once, by what it ends.
                return;
            }

            string text = formatter(state, exception) + (exception is null ? string.Empty : $" ({exception.Message})");
            if (logLevel >= LogLevel.Warning)
            {
                output.Warn(text);
            }
            else
            {
                output.ErrorConsole.WriteLine(PlainText.Lines(text));
            }
        }
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;

namespace MadgNet.Cli.CommandLine;

/// <summary>A folder where a file is expected, and a file where a folder is: told before anything begins.</summary>
internal static class PathKinds
{
    /// <summary>Files that a folder may have been meant to name, the likeliest first.</summary>
    private static readonly string[] Meant = ["best.safetensors", "last.safetensors", "report.json", "best-validation.json", "recipe.json"];

    /// <summary>Options whose folder is understood, or that take both.</summary>
    private static readonly HashSet<string> Both = new(StringComparer.Ordinal) { "--masks", "--weights" };

    /// <summary>Has every option and argument of a command, and of those below it, refuse the wrong kind of path.</summary>
    public static void ApplyTo(Command command)
    {
        foreach (Option option in command.Options.Where(option => !Both.Contains(option.Name)))
        {
            string name = option.Name;
            if (option is Option<FileInfo>)
            {
                option.Validators.Add(result => RefuseFolders(result, name, option.HelpName));
            }
            else if (option is Option<DirectoryInfo> or Option<DirectoryInfo[]>)
            {
                option.Validators.Add(result => RefuseFiles(result, name));
            }
        }

        // A series of DICOM is a folder, and inspect takes it.
        foreach (Argument argument in command.Arguments.Where(_ => command.Name != "inspect"))
        {
            if (argument is Argument<FileInfo> or Argument<FileInfo[]>)
            {
                argument.Validators.Add(result => RefuseFolders(result, argument.Name, "best-validation.json"));
            }
            else if (argument is Argument<DirectoryInfo>)
            {
                argument.Validators.Add(result => RefuseFiles(result, argument.Name));
            }
        }

        foreach (Command below in command.Subcommands)
        {
            ApplyTo(below);
        }
    }

    /// <summary>The weights that a path means: a file, or the best ones in the folder of a run.</summary>
    /// <param name="path">What was given.</param>
    /// <param name="message">Why there are none; null where there are.</param>
    /// <returns>The path of the file.</returns>
    public static string WeightsOf(string path, out string? message)
    {
        message = null;
        if (!Directory.Exists(path))
        {
            return path;
        }

        string? found = new[] { "best.safetensors", "last.safetensors" }
            .Select(name => Path.Combine(path, name))
            .FirstOrDefault(File.Exists);
        message = found is null
            ? $"--weights: received '{path}', a folder without best.safetensors; expected a file of weights, or the folder of a run. Name "
                + "the file."
            : null;
        return found ?? path;
    }

    /// <summary>What to say of a folder that stands where a file is expected.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="example">The name of a file that the option may write; null where it reads one.</param>
    public static string FolderInstead(string path, string? example)
    {
        string? name = Array.Find(Meant, meant => File.Exists(Path.Combine(path, meant)) && (example is null || example == meant));
        string shown = Path.TrimEndingDirectorySeparator(path);
        return name is not null
            ? $"'{path}' is a folder; did you mean {Path.Combine(shown, name)}?"
            : example is not null && example.Contains('.', StringComparison.Ordinal)
                ? $"'{path}' is a folder; expected a file. Name one in it, such as {Path.Combine(shown, example)}."
                : $"'{path}' is a folder; expected a file. Name the file in it.";
    }

    private static void RefuseFolders(SymbolResult result, string name, string? example)
    {
        foreach (Token token in result.Tokens.Where(token => Directory.Exists(token.Value)))
        {
            string? meant = name == "--config" ? "recipe.json" : example;
            result.AddError($"{name}: {FolderInstead(token.Value, meant)}");
        }
    }

    private static void RefuseFiles(SymbolResult result, string name)
    {
        foreach (Token token in result.Tokens)
        {
            if (File.Exists(token.Value))
            {
                result.AddError($"{name}: '{token.Value}' is a file; expected a folder. Name the folder.");
            }
            else if (FileAbove(token.Value) is { } file)
            {
                result.AddError($"{name}: '{token.Value}' lies below the file '{file}'; expected a folder. Choose another path.");
            }
        }
    }

    private static string? FileAbove(string path)
    {
        for (string? above = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path));
            !string.IsNullOrEmpty(above);
            above = Path.GetDirectoryName(above))
        {
            if (File.Exists(above))
            {
                return above;
            }
        }

        return null;
    }
}

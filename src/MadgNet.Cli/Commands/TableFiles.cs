using System.CommandLine;
using System.Text;
using MadgNet.Cli.Output;

namespace MadgNet.Cli.Commands;

/// <summary>The options <c>--csv</c> and <c>--latex</c>, and the files that they ask for.</summary>
internal sealed class TableFiles
{
    public Option<FileInfo> Csv { get; } = new("--csv")
    {
        Description = "Also write the numbers as comma-separated values, with all their digits.",
        HelpName = "FILE.csv"
    };

    public Option<FileInfo> Latex { get; } = new("--latex")
    {
        Description = "Also write the table in LaTeX, for the package booktabs.",
        HelpName = "FILE.tex"
    };

    /// <summary>Adds the files to what a command will write.</summary>
    public void Plan(ParseResult arguments, OutputPlan plan)
    {
        if (arguments.GetValue(Csv) is { } csv)
        {
            plan.Write(csv.FullName, Csv.Name, ".csv");
        }

        if (arguments.GetValue(Latex) is { } latex)
        {
            plan.Write(latex.FullName, Latex.Name, ".tex");
        }
    }

    /// <summary>Writes what was asked for.</summary>
    public void Write(ParseResult arguments, Func<string> csv, Func<string> latex, CommandOutput output)
    {
        foreach ((Option<FileInfo> option, Func<string> text) in new[] { (Csv, csv), (Latex, latex) })
        {
            if (arguments.GetValue(option) is { } file)
            {
                Directory.CreateDirectory(file.DirectoryName!);
                byte[] content = Encoding.UTF8.GetBytes(text());
                AtomicFile.Write(file.FullName, content.Length, stream => stream.Write(content));
                output.Line($"Table: {file}");
                output.Result[option.Name.TrimStart('-')] = file.ToString();
            }
        }
    }
}

using MadgNet.Core.Models.Registry;

namespace MadgNet.Reports;

/// <summary>What a <see cref="ReportWriter"/> writes, and where.</summary>
public sealed record ReportWriterOptions
{
    /// <summary>The file, whose folder must exist; null for <see cref="ReportWriter.FileName"/> in the run's output folder. Default
    /// null.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// How many best, median and worst validation cases are drawn; 0 leaves out pictures and curves over the threshold, which need all
    /// validation images predicted once more. Default 3.
    /// </summary>
    public int Cases { get; init; } = 3;

    /// <summary>
    /// Which channels of an image pictures show, from 0: one as grey or three as colours. Null, the default, shows all where there are one
    /// or three, and else the first.
    /// </summary>
    public IReadOnlyList<int>? Channels { get; init; }

    /// <summary>Where the names of network and parts are looked up; null, the default, for <see cref="ModelRegistry.BuiltIn"/>.</summary>
    public ModelRegistry? Registry { get; init; }

    /// <summary>Everything that is wrong with these options.</summary>
    /// <returns>The problems; empty when nothing is.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (Path is not null && string.IsNullOrWhiteSpace(Path))
        {
            problems.Add(new Problem(nameof(Path), $"'{Path}'", "the path of a file, or null", "Choose a file in a folder that exists"));
        }

        if (Cases is < 0 or > 100)
        {
            problems.Add(new Problem(nameof(Cases), $"{Cases}", "0 to 100", "Draw a few of each kind"));
        }

        if (Channels is not null && (Channels.Count is not (1 or 3) || Channels.Any(channel => channel < 0)))
        {
            problems.Add(new Problem(
                nameof(Channels),
                $"[{string.Join(", ", Channels)}]",
                "one channel or three, from 0",
                "Choose one for grey, or three for colours"));
        }

        return problems;
    }
}

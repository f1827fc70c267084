using System.CommandLine;
using System.Globalization;
using MadgNet.Core.Data;

namespace MadgNet.Cli.CommandLine;

/// <summary>What <c>--labels</c>, <c>--label-names</c> and <c>--label-values</c> say together.</summary>
internal sealed class Labels
{
    private Labels(IReadOnlyList<string> names, IReadOnlyList<LabelSource> sources)
    {
        Names = names;
        Sources = sources;
    }

    /// <summary>The names, given or numbered from 0; one nameless label where nothing was said.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Where the labels' masks come from.</summary>
    public IReadOnlyList<LabelSource> Sources { get; }

    public int Count => Names.Count;

    /// <summary>Reads the three options together.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="count">How many labels.</param>
    /// <param name="names">Their names.</param>
    /// <param name="values">Their values in label images.</param>
    /// <param name="known">The labels that a model knows; they stand for what is not given.</param>
    /// <exception cref="UsageException">The options contradict each other, or the model.</exception>
    public static Labels From(
        ParseResult arguments,
        Option<int?> count,
        Option<string?> names,
        Option<string?>? values,
        (int Count, IReadOnlyList<string> Names)? known = null)
    {
        string[]? given = Split(arguments.GetValue(names));
        int[][]? indices = values is not null && Split(arguments.GetValue(values)) is { } texts ? [.. texts.Select(Values)] : null;
        int labels = arguments.GetValue(count) ?? given?.Length ?? indices?.Length ?? known?.Count ?? 1;
        if ((given is not null && given.Length != labels) || (indices is not null && indices.Length != labels))
        {
            throw new UsageException(new Problem(
                "--labels",
                $"{labels} labels, {given?.Length ?? labels} names and {indices?.Length ?? labels} values",
                "one name, and one value or sum of values, for each label",
                "Make --labels, --label-names and --label-values agree; --labels may be left out"));
        }

        if (known is { } model && model.Count != labels)
        {
            throw new UsageException(new Problem(
                "--labels",
                $"{labels} for a model of {model.Count}",
                $"{model.Count}",
                "Leave --labels out, or choose the weights of another model"));
        }

        string[] all = given
            ?? (known is { Names.Count: > 0 } named
                ? [.. named.Names]
                : labels == 1 ? ["foreground"] : [.. Enumerable.Range(0, labels).Select(Numbered)]);
        if (all.Distinct(StringComparer.OrdinalIgnoreCase).Count() != labels
            || all.Any(name => name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0))
        {
            throw new UsageException(new Problem(
                "--label-names", string.Join(", ", all), "names that differ and can be part of a file's name", "Use plain words"));
        }

        return new Labels(all, [.. all.Select((name, i) => indices is not null
            ? LabelSource.Indices(name, indices[i])
            : labels == 1 ? LabelSource.AllMasks(name) : LabelSource.MaskFiles(name, "_" + name, name))]);
    }

    /// <summary>The values of each label in label images that predict; null where none are given.</summary>
    /// <exception cref="UsageException">They are not as many as the labels, or no numbers.</exception>
    public static IReadOnlyList<IReadOnlyList<int>>? ValuesOf(string? text, int labels)
    {
        int[][]? values = Split(text) is { } parts ? [.. parts.Select(Values)] : null;
        return values is null || values.Length == labels
            ? values
            : throw new UsageException(new Problem(
                "--prediction-label-values", $"{values.Length} values for {labels} labels", "one value or sum of values for each label", "Make both agree"));
    }

    private static string Numbered(int label) => label.ToString(CultureInfo.InvariantCulture);

    private static string[]? Split(string? text) =>
        text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static int[] Values(string text)
    {
        string[] parts = text.Split('+', StringSplitOptions.TrimEntries);
        return Array.TrueForAll(parts, part => ushort.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? [.. parts.Select(part => int.Parse(part, CultureInfo.InvariantCulture))]
            : throw new UsageException(new Problem(
                "--label-values", $"'{text}'", "values from 0 to 65535, joined by '+'", "Write for example 1,2 or 2,1+2"));
    }
}

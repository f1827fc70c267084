using System.Text.Json;
using System.Text.Json.Serialization;
using MadgNet.Cli.CommandLine;
using MadgNet.Core.Inference.Visualization;
using MadgNet.Medical.Seg;

namespace MadgNet.Cli.Commands;

/// <summary>
/// What the labels of a network mean in the words of a published vocabulary, from a JSON file: <c>{"Lung": {"category": {"value":
/// "123037004", "scheme": "SCT", "meaning": "Anatomical Structure"}, "type": {…}, "color": "#50A0FF"}}</c>.
/// </summary>
internal static class SegmentCodes
{
    public const string Option = "--seg-codes";

    /// <summary>A code is at most this long; a file of all labels of a network is far smaller.</summary>
    private const long MostBytes = 1 << 20;

    private static readonly JsonSerializerOptions Reading = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    /// <summary>The segments of the labels, in their order.</summary>
    /// <param name="path">The file; null where no codes are given.</param>
    /// <param name="labels">The names of the labels.</param>
    /// <exception cref="UsageException">The file cannot be read, names a label that there is not, or holds what the standard
    /// refuses.</exception>
    public static SegSegment[] Of(string? path, IReadOnlyList<string> labels)
    {
        Dictionary<string, Entry?> entries = path is null ? [] : Read(path);
        string[] unknown = [.. entries.Keys.Where(name => !labels.Contains(name, StringComparer.OrdinalIgnoreCase))];
        if (unknown.Length > 0)
        {
            throw Refused($"codes of '{string.Join("', '", unknown)}'", $"labels of the network: {string.Join(", ", labels)}", "Rename them");
        }

        var problems = new List<Problem>();
        SegSegment[] segments = [.. labels.Select(label =>
        {
            string? key = entries.Keys.FirstOrDefault(name => name.Equals(label, StringComparison.OrdinalIgnoreCase));
            return key is null ? new SegSegment { Label = label } : Segment(label, key, entries[key], problems);
        })];
        return problems.Count == 0 ? segments : throw new UsageException(problems[0]);
    }

    private static SegSegment Segment(string label, string key, Entry? entry, List<Problem> problems)
    {
        if (entry is null)
        {
            problems.Add(new Problem(Option, $"null for '{key}'", "an object with category and type", "Write the codes, or leave the label out"));
            return new SegSegment { Label = label };
        }

        var plain = new SegSegment { Label = label };
        SegSegment segment = plain with
        {
            Description = entry.Description,
            Category = entry.Category ?? plain.Category,
            Type = entry.Type ?? plain.Type,
        };
        if (entry.Color is { } color)
        {
            try
            {
                RgbColor parsed = RgbColor.Parse(color);
                segment = segment with { Color = (parsed.Red, parsed.Green, parsed.Blue) };
            }
            catch (FormatException)
            {
                problems.Add(new Problem(Option, $"the colour '{color}' of '{key}'", "#RRGGBB", "Write for example #50A0FF"));
            }
        }

        problems.AddRange(segment.Validate().Select(problem => problem with { Subject = $"{Option}, {key}: {problem.Subject}" }));
        return segment;
    }

    private static Dictionary<string, Entry?> Read(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MostBytes } large)
            {
                throw Refused($"a file of {large.Length} bytes", $"a JSON file of at most {MostBytes}", "Check the path");
            }

            return JsonSerializer.Deserialize<Dictionary<string, Entry?>>(RegularFile.ReadAllText(path), Reading)
                ?? throw Refused("null", "an object with the names of labels", "Write {\"LABEL\": {\"type\": {…}}}");
        }
        catch (JsonException error)
        {
            throw Refused(
                $"'{path}', which is not readable as codes at line {error.LineNumber + 1}: {PlainText.Line(error.Message)}",
                "an object of labels, each with category, type, description and color",
                "See the guide to DICOM for an example");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refused(PlainText.Line(error.Message).TrimEnd('.'), "a readable JSON file", "Check the path");
        }
    }

    private static UsageException Refused(string received, string expected, string remedy) =>
        new(new Problem(Option, received, expected, remedy));

    private sealed record Entry(CodedConcept? Category, CodedConcept? Type, string? Description, string? Color);
}

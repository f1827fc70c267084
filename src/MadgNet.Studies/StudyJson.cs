using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MadgNet.Studies;

/// <summary>Studies in the schema <c>madgnet-study</c>, version 1, read strictly: every problem is listed, nothing is guessed.</summary>
internal static class StudyJson
{
    private const string Schema = "madgnet-study";
    private const int Version = 1;

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Study Read(string json, string source)
    {
        var problems = new List<Problem>();
        using JsonDocument document = Parse(json, source);
        var root = new JsonFields(document.RootElement, "", problems);
        CheckSchema(root, Schema, Version, problems);
        var study = new Study
        {
            Name = root.Text("name", required: true),
            Title = root.Text("title"),
            Question = root.Text("question"),
            Reading = root.Text("reading"),
            Recipe = root.Object("recipe", required: true) ?? "{}",
            Start = root.Text("start", Study.FreshStart),
            Variants = [.. (root.List("variants", required: true) ?? []).Select(item => Variant(item.Item, item.Place, problems))],
            Baseline = root.Text("baseline", required: true),
            Seeds = root.Integers("seeds") ?? [0, 1, 2],
            Protocol = root.Inner("protocol", required: true) is { } protocol ? Protocol(protocol, problems) : new StudyProtocol(),
            Budget = root.Inner("budget", required: true) is { } budget ? Budget(budget) : new StudyBudget(),
            QuickOverrides = root.Inner("quick") is { } quick ? Overrides(quick, problems) : null,
        };
        if (root.Texts("metrics") is { } metrics)
        {
            study = study with { Metrics = metrics };
        }

        root.RefuseOthers();
        StudyException.ThrowIfAny(source, problems);
        return study;
    }

    public static string Write(Study study) => ToNode(study).ToJsonString(Format) + "\n";

    public static void CheckSchema(JsonFields root, string schema, int version, List<Problem> problems)
    {
        string found = root.Text("schema", required: true);
        long foundVersion = root.Integer("version", required: true) ?? version;
        if (found.Length > 0 && (found != schema || foundVersion != version))
        {
            problems.Add(new Problem(
                "schema",
                FormattableString.Invariant($"'{found}', version {foundVersion}"),
                FormattableString.Invariant($"'{schema}', version {version}"),
                foundVersion > version ? "Read the file with the version of the library that wrote it" : "Choose the right file"));
        }
    }

    public static JsonDocument Parse(string json, string source)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw new StudyException(
                source,
                [new Problem(
                    source,
                    $"text that is no JSON ({exception.Message.TrimEnd('.')})",
                    "one JSON document",
                    "Mend the file at that line, or restore it")],
                exception);
        }
    }

    private static StudyVariant Variant(JsonElement item, string place, List<Problem> problems)
    {
        var fields = new JsonFields(item, place, problems);
        var variant = new StudyVariant
        {
            Name = fields.Text("name", required: true),
            Title = fields.Text("title"),
            Changes = fields.Object("changes") ?? "{}",
            Train = fields.Texts("train"),
            Share = fields.Number("share"),
            Channels = fields.Integers("channels")?.Select(channel => (int)Math.Clamp(channel, -1, int.MaxValue)).ToArray(),
        };
        fields.RefuseOthers();
        return variant;
    }

    private static StudyProtocol Protocol(JsonFields fields, List<Problem> problems)
    {
        var defaults = new StudyProtocol();
        var protocol = new StudyProtocol
        {
            Seen = Sets(fields.List("seen", required: true), problems) ?? [],
            Unseen = Sets(fields.List("unseen"), problems) ?? [],
            TestShare = fields.Number("testShare") ?? defaults.TestShare,
            ValidationShare = fields.Number("validationShare") ?? defaults.ValidationShare,
            SplitSeed = fields.Integer("splitSeed") ?? defaults.SplitSeed,
            TrainingImages = fields.Small("trainingImages"),
            ValidationImages = fields.Small("validationImages"),
            TestImages = fields.Small("testImages"),
            Share = fields.Number("share") ?? defaults.Share,
            Channels = fields.Integers("channels")?.Select(channel => (int)Math.Clamp(channel, -1, int.MaxValue)).ToArray(),
        };
        fields.RefuseOthers();
        return protocol;
    }

    private static StudySet[]? Sets(IReadOnlyList<(JsonElement Item, string Place)>? items, List<Problem> problems) =>
        items is null ? null : [.. items.Select(item =>
        {
            if (item.Item.ValueKind == JsonValueKind.String)
            {
                return new StudySet(item.Item.GetString()!);
            }

            var fields = new JsonFields(item.Item, item.Place, problems);
            var set = new StudySet(fields.Text("name", required: true)) { Consecutive = fields.Small("consecutive") ?? 1 };
            fields.RefuseOthers();
            return set;
        })];

    private static StudyBudget Budget(JsonFields fields)
    {
        var budget = new StudyBudget
        {
            Epochs = fields.Small("epochs"),
            Steps = fields.Integer("steps"),
            Seconds = fields.Number("seconds"),
        };
        fields.RefuseOthers();
        return budget;
    }

    private static StudyOverrides Overrides(JsonFields fields, List<Problem> problems)
    {
        var overrides = new StudyOverrides
        {
            Variants = fields.Texts("variants"),
            Seeds = fields.Integers("seeds"),
            Budget = fields.Inner("budget") is { } budget ? Budget(budget) : null,
            Changes = fields.Object("changes"),
            Start = fields.Text("start") is { Length: > 0 } start ? start : null,
            Seen = Sets(fields.List("seen"), problems),
            Unseen = Sets(fields.List("unseen"), problems),
            TrainingImages = fields.Small("trainingImages"),
            ValidationImages = fields.Small("validationImages"),
            TestImages = fields.Small("testImages"),
        };
        fields.RefuseOthers();
        return overrides;
    }

    private static JsonObject ToNode(Study study)
    {
        JsonObject node = Filled(
            ("schema", Schema),
            ("version", Version),
            ("name", study.Name),
            ("title", study.Title.Length > 0 ? study.Title : null),
            ("question", study.Question.Length > 0 ? study.Question : null),
            ("reading", study.Reading.Length > 0 ? study.Reading : null),
            ("recipe", JsonNode.Parse(study.Recipe)),
            ("start", study.Start),
            ("variants", new JsonArray([.. study.Variants.Select(ToNode)])),
            ("baseline", study.Baseline),
            ("seeds", List(study.Seeds)),
            ("protocol", ToNode(study.Protocol)),
            ("budget", ToNode(study.Budget)),
            ("metrics", List(study.Metrics)));
        if (study.QuickOverrides is { } quick)
        {
            node["quick"] = Filled(
                ("variants", quick.Variants is null ? null : List(quick.Variants)),
                ("seeds", quick.Seeds is null ? null : List(quick.Seeds)),
                ("budget", quick.Budget is null ? null : ToNode(quick.Budget)),
                ("changes", quick.Changes is null ? null : JsonNode.Parse(quick.Changes)),
                ("start", quick.Start),
                ("seen", quick.Seen is null ? null : new JsonArray([.. quick.Seen.Select(ToNode)])),
                ("unseen", quick.Unseen is null ? null : new JsonArray([.. quick.Unseen.Select(ToNode)])),
                ("trainingImages", quick.TrainingImages),
                ("validationImages", quick.ValidationImages),
                ("testImages", quick.TestImages));
        }

        return node;
    }

    private static JsonNode ToNode(StudyVariant variant) => Filled(
        ("name", variant.Name),
        ("title", variant.Title.Length > 0 ? variant.Title : null),
        ("changes", JsonNode.Parse(variant.Changes)),
        ("train", variant.Train is null ? null : List(variant.Train)),
        ("share", variant.Share),
        ("channels", variant.Channels is null ? null : List(variant.Channels)));

    /// <summary>A protocol, also for what identifies a cell.</summary>
    public static JsonObject ToNode(StudyProtocol protocol) => Filled(
        ("seen", new JsonArray([.. protocol.Seen.Select(ToNode)])),
        ("unseen", new JsonArray([.. protocol.Unseen.Select(ToNode)])),
        ("testShare", protocol.TestShare),
        ("validationShare", protocol.ValidationShare),
        ("splitSeed", protocol.SplitSeed),
        ("trainingImages", protocol.TrainingImages),
        ("validationImages", protocol.ValidationImages),
        ("testImages", protocol.TestImages),
        ("share", protocol.Share),
        ("channels", protocol.Channels is null ? null : List(protocol.Channels)));

    /// <summary>A budget, also for what identifies a cell.</summary>
    public static JsonObject ToNode(StudyBudget budget) =>
        Filled(("epochs", budget.Epochs), ("steps", budget.Steps), ("seconds", budget.Seconds));

    private static JsonNode ToNode(StudySet set) => set.Consecutive == 1
        ? JsonValue.Create(set.Name)
        : Filled(("name", set.Name), ("consecutive", set.Consecutive));

    private static JsonArray List<T>(IEnumerable<T> values) => new([.. values.Select(value => JsonValue.Create(value))]);

    /// <summary>An object of what is not null.</summary>
    private static JsonObject Filled(params (string Name, JsonNode? Value)[] fields) =>
        new(fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Name, field.Value)));
}

using System.Text.Json;
using System.Text.Json.Nodes;
using MadgNet.Core.Metrics;
using MadgNet.Core.Models.Registry;
using MadgNet.Studies.Recipes;

namespace MadgNet.Studies;

/// <summary>
/// A question to networks, as data: variants of a recipe, seeds, the sets to train and test on, a budget and metrics. A
/// <see cref="Running.StudyRunner"/> trains and tests every variant from every seed; a <see cref="Reporting.StudyReport"/> says what can be
/// told from the results.
/// </summary>
public sealed record Study
{
    /// <summary>The <see cref="Start"/> of networks whose weights are drawn from the seed.</summary>
    public const string FreshStart = "none";

    /// <summary>The study's name: lower case letters, digits and <c>-</c>.</summary>
    public required string Name { get; init; }

    /// <summary>A heading for reports; the name where it is empty. Default empty.</summary>
    public string Title { get; init; } = "";

    /// <summary>What the study asks, as a question.</summary>
    public string Question { get; init; } = "";

    /// <summary>How its report is to be read, and what cannot be concluded from it.</summary>
    public string Reading { get; init; } = "";

    /// <summary>What every variant begins with: a recipe as one JSON object.</summary>
    public string Recipe { get; init; } = "{}";

    /// <summary>
    /// What the encoders start from: <see cref="FreshStart"/>, the default, or the name of weights that have learned before, which
    /// <see cref="Running.StudyRunOptions.Pretrained"/> holds; they choose the encoder, its input and a tenth of the rate for it.
    /// </summary>
    public string Start { get; init; } = FreshStart;

    /// <summary>The variants, in the order of reports; at least one.</summary>
    public IReadOnlyList<StudyVariant> Variants { get; init => field = value is null ? null! : [.. value]; } = [];

    /// <summary>The name of the variant that the others are compared with.</summary>
    public string Baseline { get; init; } = "";

    /// <summary>The seeds of weights, order and augmentation; at least one, each once. Default 0, 1, 2.</summary>
    public IReadOnlyList<long> Seeds { get; init => field = value is null ? null! : [.. value]; } = [0, 1, 2];

    /// <summary>What is trained and tested on.</summary>
    public StudyProtocol Protocol { get; init; } = new();

    /// <summary>How long every network is trained.</summary>
    public StudyBudget Budget { get; init; } = new();

    /// <summary>
    /// The names of the metrics, the first of which the study is decided by; at least one. Default Dice and intersection over union.
    /// </summary>
    public IReadOnlyList<string> Metrics { get; init => field = value is null ? null! : [.. value]; } =
        [nameof(Metric.Dice), nameof(Metric.IntersectionOverUnion)];

    /// <summary>What a quick run of the study takes otherwise, to see that everything works; null, the default, for nothing.</summary>
    public StudyOverrides? QuickOverrides { get; init; }

    /// <summary>What reports call the study.</summary>
    public string Label => Title.Length > 0 ? Title : Name;

    /// <summary>Every cell in the order in which they are run: all variants from the first seed, then from the next.</summary>
    public IReadOnlyList<StudyCellKey> Cells =>
        [.. Seeds.SelectMany(seed => Variants.Select(variant => new StudyCellKey(variant.Name, seed)))];

    /// <summary>Reads a study that <see cref="ToJson"/> wrote, or a person.</summary>
    /// <param name="json">The text, in the schema <c>madgnet-study</c>, version 1.</param>
    /// <param name="source">What the text is called in messages.</param>
    /// <returns>The study, validated.</returns>
    /// <exception cref="StudyException">The text is no such study; lists all that is wrong with it.</exception>
    public static Study FromJson(string json, string source)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(source);
        Study study = StudyJson.Read(json, source);
        StudyException.ThrowIfAny(source, study.Validate());
        return study;
    }

    /// <summary>Reads a study from a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The study, validated.</returns>
    /// <exception cref="StudyException">The file cannot be read or is no study; lists all that is wrong with it.</exception>
    public static Study Load(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string json;
        try
        {
            json = RegularFile.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StudyException(
                path,
                [new Problem(
                    path,
                    exception is FileNotFoundException or DirectoryNotFoundException ? "no such file" : exception.Message.TrimEnd('.'),
                    $"a study, or the name of a built-in one: {string.Join(", ", BuiltInStudies.Names)}",
                    "Check the path or the name")],
                exception);
        }

        return FromJson(json, path);
    }

    /// <summary>The study as JSON in the schema <c>madgnet-study</c>, version 1: what <see cref="FromJson"/> reads.</summary>
    /// <returns>Indented JSON with a line break at its end.</returns>
    public string ToJson() => StudyJson.Write(this);

    /// <summary>Writes the study; the file appears whole or not at all.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(ToJson())));

    /// <summary>The study with something otherwise.</summary>
    /// <param name="overrides">What is to be otherwise.</param>
    /// <returns>The changed study; this one stays as it is.</returns>
    /// <exception cref="StudyException">A variant does not exist, or the baseline would be missing.</exception>
    public Study With(StudyOverrides overrides)
    {
        ArgumentNullException.ThrowIfNull(overrides);
        var problems = new List<Problem>();
        string[] names = [.. Variants.Select(variant => variant.Name)];
        problems.AddRange((overrides.Variants ?? []).Except(names).Select(name => new Problem(
            "variants", $"'{name}'", $"variants of {Name}: {string.Join(", ", names)}", "Choose among them")));
        if (overrides.Variants is { } kept && !kept.Contains(Baseline, StringComparer.Ordinal))
        {
            problems.Add(new Problem(
                "variants",
                $"{string.Join(", ", kept)} without the baseline",
                $"'{Baseline}' among them: the others are compared with it",
                $"Add {Baseline}"));
        }

        StudyException.ThrowIfAny(Name, problems);
        return this with
        {
            Variants = overrides.Variants is { } chosen ? [.. Variants.Where(variant => chosen.Contains(variant.Name))] : Variants,
            Seeds = overrides.Seeds ?? Seeds,
            Budget = overrides.Budget ?? Budget,
            Start = overrides.Start ?? Start,
            Recipe = overrides.Changes is { } changes ? MergePatch.Apply(Recipe, changes) : Recipe,
            Protocol = Protocol with
            {
                Seen = overrides.Seen ?? Protocol.Seen,
                Unseen = overrides.Unseen ?? Protocol.Unseen,
                TrainingImages = overrides.TrainingImages ?? Protocol.TrainingImages,
                ValidationImages = overrides.ValidationImages ?? Protocol.ValidationImages,
                TestImages = overrides.TestImages ?? Protocol.TestImages,
            },
        };
    }

    /// <summary>The study as a quick run takes it; itself where it names no <see cref="QuickOverrides"/>.</summary>
    /// <returns>The study.</returns>
    public Study Quick() => QuickOverrides is { } quick ? With(quick) : this;

    /// <summary>Everything that is wrong with the study but its recipes; empty when nothing is.</summary>
    /// <returns>The problems. The recipes, which may name parts of a host's, are for <see cref="ValidateRecipes"/>.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (Variants is null || Seeds is null || Metrics is null || Protocol is null || Budget is null || Recipe is null || Start is null)
        {
            problems.Add(new Problem("study", "null for a part", "a value", "Leave the defaults or set a value"));
            return problems;
        }

        if (!Checks.IsName(Name))
        {
            problems.Add(new Problem("name", $"'{Name}'", "lower case letters, digits and '-'", "Rename the study: files bear its name"));
        }

        CheckVariants(problems);
        if (Seeds.Count == 0 || Seeds.Distinct().Count() != Seeds.Count)
        {
            problems.Add(new Problem(
                "seeds", $"[{string.Join(", ", Seeds)}]", "at least one seed, each once", "Use 0, 1, 2, or more where noise is large"));
        }

        string[] known = [.. Metric.BuiltIn.Select(metric => metric.Name)];
        problems.AddRange(Metrics.Except(known).Select(name => new Problem(
            "metrics", $"'{name}'", string.Join(", ", known), "Choose among them")));
        if (Metrics.Count == 0 || Metrics.Distinct().Count() != Metrics.Count)
        {
            problems.Add(new Problem("metrics", $"[{string.Join(", ", Metrics)}]", "at least one, each once", "Use Dice"));
        }

        problems.AddRange(Protocol.Validate());
        problems.AddRange(Budget.Validate());
        return problems;
    }

    /// <summary>Everything that is wrong with the variants' recipes; empty when nothing is.</summary>
    /// <param name="registry">Where the names of networks and their parts are looked up.</param>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> ValidateRecipes(ModelRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        var problems = new List<Problem>();
        foreach (StudyVariant variant in Variants)
        {
            JsonObject recipe;
            try
            {
                recipe = RecipeOf(variant);
            }
            catch (JsonException exception)
            {
                problems.Add(new Problem(
                    $"variant '{variant.Name}', changes",
                    $"text that cannot be read ({exception.Message.TrimEnd('.')})",
                    "one JSON object, as the study's recipe is one",
                    "Mend recipe or changes"));
                continue;
            }

            problems.AddRange(StudyRecipe.Validate(recipe, registry)
                .Select(problem => problem with { Subject = $"variant '{variant.Name}', {problem.Subject}" }));
        }

        return problems;
    }

    /// <summary>The recipe of a variant as JSON, with everything that it says otherwise than the study.</summary>
    internal JsonObject RecipeOf(StudyVariant variant) =>
        (JsonObject)JsonNode.Parse(MergePatch.Apply(Recipe, variant.Changes))!;

    /// <summary>The protocol of a variant.</summary>
    internal StudyProtocol ProtocolOf(StudyVariant variant) => Protocol with
    {
        Share = variant.Share ?? Protocol.Share,
        Channels = variant.Channels ?? Protocol.Channels,
    };

    /// <summary>The names of the sets that a variant is trained on.</summary>
    internal IReadOnlyList<string> TrainOf(StudyVariant variant) => variant.Train ?? [.. Protocol.Seen.Select(set => set.Name)];

    private void CheckVariants(List<Problem> problems)
    {
        if (Variants.Count == 0)
        {
            problems.Add(new Problem("variants", "none", "at least one", "Name what is to be compared"));
        }
        else if (!Variants.Any(variant => variant.Name == Baseline))
        {
            problems.Add(new Problem(
                "baseline",
                $"'{Baseline}'",
                $"one of the variants {string.Join(", ", Variants.Select(variant => variant.Name))}",
                "Name the variant that the others are compared with"));
        }

        problems.AddRange(Variants.GroupBy(variant => variant.Name, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => new Problem("variants", $"'{group.Key}' twice", "every name once", "Rename one of them")));
        string[] seen = [.. Protocol.Seen?.Select(set => set.Name) ?? []];
        foreach (StudyVariant variant in Variants)
        {
            string subject = $"variant '{variant.Name}'";
            if (!Checks.IsName(variant.Name))
            {
                problems.Add(new Problem(
                    subject, "this name", "lower case letters, digits and '-'", "Rename it: a folder bears its name"));
            }

            problems.AddRange((variant.Train ?? []).Except(seen).Select(set => new Problem(
                $"{subject}, train", $"'{set}'", $"a seen set of the protocol: {string.Join(", ", seen)}", "Choose among them")));
            if (variant.Train is { Count: 0 })
            {
                problems.Add(new Problem($"{subject}, train", "no set", "one or more", "Name the sets, or leave train out for all"));
            }

            Checks.Within(problems, $"{subject}, share", variant.Share ?? 1, 0, 1, includeLeast: false, includeMost: true);
            Checks.Channels(problems, $"{subject}, channels", variant.Channels);
        }
    }
}

using System.Reflection;

namespace MadgNet.Studies;

/// <summary>The studies that come with the library: the questions that the paper and its readers leave open.</summary>
public static class BuiltInStudies
{
    private const string Prefix = "MadgNet.Studies.BuiltIn.";
    private const string Suffix = ".json";

    /// <summary>Their names, in the order in which they are best read.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "first-experiments-1", "scales", "supervision", "transform", "selection", "modalities", "fusion", "resolution", "data", "seeds",
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Study> All => [.. Names.Select(Get)];

    /// <summary>One of them.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The study.</returns>
    /// <exception cref="StudyException">There is none of that name.</exception>
    public static Study Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + name + Suffix)
            ?? throw new StudyException("built-in studies", [new Problem(
                "study", $"'{name}'", string.Join(", ", Names), "Choose one of them, or load a study of your own from a file")]);
        using var reader = new StreamReader(stream);
        return Study.FromJson(reader.ReadToEnd(), $"the built-in study '{name}'");
    }
}

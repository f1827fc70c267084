namespace MadgNet.Core.Tests.Architecture;

/// <summary>A place in the library's source that uses a type of another namespace.</summary>
internal sealed record Dependency(string From, string To, string FromType, string ToType, string Place)
{
    private const string Library = "MadgNet.Core.";

    /// <summary>The room that the user lives in: <c>Training</c> for <c>MadgNet.Core.Training.Optimization</c>.</summary>
    public string FromRoom => Room(From);

    /// <summary>The room of what is used; null where it is none of the library's.</summary>
    public string? ToRoom => To.StartsWith(Library, StringComparison.Ordinal) ? Room(To) : null;

    public override string ToString() => $"{Place}: {FromType} uses {To}.{ToType}";

    private static string Room(string name) => name[Library.Length..].Split('.')[0];
}

namespace MadgNet.Cli.CommandLine.Completion;

/// <summary>An option as a shell knows it.</summary>
/// <param name="Names">Its names, the main one first.</param>
/// <param name="Description">What it is for.</param>
/// <param name="TakesValue">Whether a value follows it.</param>
/// <param name="Choices">The values; empty where any is taken, which may be a path.</param>
internal sealed record CompletionOption(
    IReadOnlyList<string> Names, string Description, bool TakesValue, IReadOnlyList<string> Choices);

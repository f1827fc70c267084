namespace MadgNet.Core.Benchmarks.Fuzzing;

/// <summary>A kind of input that the library reads.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Corpus">Good inputs with the extension of their files, which are mutated.</param>
/// <param name="Text">Whether an input is text, which is mutated as such.</param>
/// <param name="Read">
/// Reads a mutated input, given as a file and as its content. Whatever it throws that is no
/// <see cref="MadgNetException"/> is a crash.
/// </param>
internal sealed record FuzzTarget(
    string Name,
    IReadOnlyList<(string Extension, byte[] Content)> Corpus,
    bool Text,
    Action<string, byte[]> Read)
{
    /// <summary>Damages a good input in a way of the target's own; null for the ways of all.</summary>
    public Func<byte[], Random, byte[]>? Damage { get; init; }
}

using MadgNet.Cli.CommandLine;

namespace MadgNet.Cli.Commands;

/// <summary>The files that become of one image.</summary>
/// <param name="Stem">The path that their names begin with.</param>
/// <param name="Masks">One a label.</param>
/// <param name="Probabilities">The probabilities; null where they are not asked for.</param>
/// <param name="Overlay">The overlay; null where it is not asked for.</param>
internal sealed record ImageOutputs(string Stem, IReadOnlyList<string> Masks, string? Probabilities, string? Overlay)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<string> All => [.. Masks, .. new[] { Probabilities, Overlay }.OfType<string>()];

    /// <summary>The files of a stem, as the help of <c>predict</c> names them.</summary>
    public static ImageOutputs Of(string stem, Labels labels, bool probabilities, bool overlay) => new(
        stem,
        labels.Count == 1 ? [$"{stem}.png"] : [.. labels.Names.Select(name => $"{stem}_{name}.png")],
        probabilities ? $"{stem}.prob.npy" : null,
        overlay ? $"{stem}.overlay.png" : null);
}

namespace MadgNet.Core.Inference;

/// <summary>
/// Has the network look at an image several times, turned, mirrored and resized, and takes the mean of what it finds. How far
/// the views disagree is the standard deviation of their probabilities (population, divided by the number of views).
/// </summary>
/// <remarks>
/// The views are those of what the network is run on: of the image after it was brought to
/// <see cref="PredictorOptions.InputSize"/>, or of each tile.
/// </remarks>
public sealed record TestTimeAugmentation
{
    /// <summary>Whether left and right also change places. Default true.</summary>
    public bool HorizontalFlip { get; init; } = true;

    /// <summary>Whether top and bottom also change places. Default true.</summary>
    public bool VerticalFlip { get; init; } = true;

    /// <summary>Whether the image is also turned by 90, 180 and 270 degrees. Default false.</summary>
    public bool RightAngles { get; init; }

    /// <summary>By what height and width are multiplied, 0.1 to 10; at least one. Default 1 alone.</summary>
    public IReadOnlyList<double> Scales { get; init => field = value is null ? null! : [.. value]; } = [1];

    /// <summary>
    /// All combinations, each different picture once: flips give 2 or 4, right angles alone 4, with a flip all 8; times the scales.
    /// </summary>
    /// <returns>The views, scale after scale.</returns>
    public IReadOnlyList<AugmentedView> Views()
    {
        var turns = new List<AugmentedView>();
        foreach (bool transposed in (bool[])[false, true])
        {
            foreach (bool y in (bool[])[false, true])
            {
                foreach (bool x in (bool[])[false, true])
                {
                    // Turning by right angles alone never mirrors: an even number of the three switches is on.
                    bool turn = !(transposed ^ x ^ y);
                    bool flip = !transposed && (!x || HorizontalFlip) && (!y || VerticalFlip);
                    if (RightAngles ? turn || HorizontalFlip || VerticalFlip : flip)
                    {
                        turns.Add(new AugmentedView(transposed, x, y, 1));
                    }
                }
            }
        }

        return [.. Scales.SelectMany(scale => turns.Select(view => view with { Scale = scale }))];
    }

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate() =>
        Scales is null
            || Scales.Count == 0
            || Scales.Any(scale => !(scale >= 0.1 && scale <= 10))
            || Scales.Distinct().Count() != Scales.Count
            ? [new Problem(
                nameof(Scales),
                Scales is null ? "null" : $"[{string.Join(", ", Scales.Select(scale => FormattableString.Invariant($"{scale}")))}]",
                "at least one number from 0.1 to 10, none twice",
                "Use 1 alone, or for example 0.75, 1 and 1.25")]
            : [];
}

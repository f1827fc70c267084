namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// What a <see cref="MultiFrequencyMultiScaleAttention"/> block is made of. The defaults are the published ones.
/// </summary>
public sealed record MultiFrequencyMultiScaleOptions
{
    /// <summary>S, the number of scales; 1 or more, at most 8. Default 3.</summary>
    public int Scales { get; init; } = 3;

    /// <summary>F, the number of DCT frequencies; 1 to 32, or 0 to leave channel attention out. Default 16.</summary>
    public int Frequencies { get; init; } = 16;

    /// <summary>The ranking that the frequencies are taken from. Default <see cref="FrequencySelection.Top"/>.</summary>
    public FrequencySelection Selection { get; init; } = FrequencySelection.Top;

    /// <summary>Whether spatial attention (MSSA) weighs foreground and background. Default true.</summary>
    public bool SpatialAttention { get; init; } = true;

    /// <summary>The fewest channels that a scale is narrowed to; 1 or more. Default 32.</summary>
    public int MinimumChannels { get; init; } = 32;

    /// <summary>
    /// The smallest height that a scale is pooled to; where it would fall below, the scale stays unpooled; 1 or more. Default 8.
    /// </summary>
    public int MinimumResolution { get; init; } = 8;

    /// <summary>
    /// D, the size of the DCT basis images; 7 to 1024. Default null: <see cref="PublishedDctSize"/> of the block's channels.
    /// </summary>
    public int? DctSize { get; init; }

    /// <summary>
    /// The size of the DCT basis images for a number of channels: 112 for 32, 56 for 64, 28 for 128, 14 for 256, 7 for 512
    /// as published, that is 3584 / C, continued to every other width and kept within 7 to 112.
    /// </summary>
    /// <param name="channels">The channels of the block; 1 or more.</param>
    /// <returns>D, 7 to 112.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="channels"/> is not positive.</exception>
    public static int PublishedDctSize(long channels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        return (int)Math.Clamp(3584 / channels, 7, 112);
    }

    /// <summary>Everything that is wrong with these options; empty when they can be built from.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        Guard.Range(problems, nameof(Scales), Scales, 1, 8);
        Guard.Range(problems, nameof(MinimumChannels), MinimumChannels, 1);
        Guard.Range(problems, nameof(MinimumResolution), MinimumResolution, 1);
        if (Frequencies == 0)
        {
            return problems;
        }

        Guard.Range(
            problems,
            nameof(Frequencies),
            Frequencies,
            0,
            FrequencyTable.Count,
            "Choose 1 to 32 frequencies (the published network uses 16), or 0 to leave channel attention out");
        problems.AddRange(DctBasis.Validate(DctSize ?? FrequencyTable.GridSize, 1, Selection));
        return problems;
    }
}

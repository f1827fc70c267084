namespace MadgNet.Studies.Cells;

/// <summary>What one attention block had learned at the end of a training, over a few test images.</summary>
public sealed record CellAttention
{
    /// <summary>Where the block stands in the network.</summary>
    public required string Path { get; init; }

    /// <summary>α, the weight of the background, of spatial attention; null for channel attention.</summary>
    public double? Alpha { get; init; }

    /// <summary>β, the weight of the foreground, of spatial attention; null for channel attention.</summary>
    public double? Beta { get; init; }

    /// <summary>The mean of the channels' weights, or of the foreground map.</summary>
    public double Mean { get; init; }

    /// <summary>The standard deviation of the channels' weights within an image, or of the map's pixels, mean over the images.</summary>
    public double Deviation { get; init; }

    /// <summary>The share of weights, or pixels, within a hundredth of 0 or 1, where a sigmoid hardly learns any more.</summary>
    public double Saturated { get; init; }

    /// <summary>
    /// The frequencies of channel attention on cosines, on the published grid of 7×7, vertical index before horizontal: <c>0,1</c>; empty
    /// for
    /// other blocks.
    /// </summary>
    public IReadOnlyList<string> Frequencies { get; init; } = [];

    /// <summary>
    /// The share that each frequency has in the statistics that the channels' weights follow from (mean size over images and channels, all
    /// frequencies together 1).
    /// </summary>
    public IReadOnlyList<double> FrequencyShares { get; init; } = [];

    /// <summary>What looks like a failure: constant, saturated, collapsed; empty where nothing does.</summary>
    /// <returns>The signs in words.</returns>
    public IReadOnlyList<string> Signs()
    {
        const double least = 0.01;
        var signs = new List<string>();
        if (Deviation < least)
        {
            signs.Add("constant");
        }

        if (Saturated > 0.9)
        {
            signs.Add("saturated");
        }

        if (Math.Abs(Alpha ?? 1) < least || Math.Abs(Beta ?? 1) < least)
        {
            signs.Add("collapsed");
        }

        return signs;
    }
}

namespace MadgNet.Core.Data;

/// <summary>What one part of a dataset looks like as a whole.</summary>
/// <param name="Split">The part's name.</param>
/// <param name="Samples">Number of samples.</param>
/// <param name="Readable">Number of samples whose image can be read.</param>
/// <param name="Smallest">Size of the image of least area; (0, 0) where none can be read.</param>
/// <param name="Largest">Size of the image of largest area; (0, 0) where none can be read.</param>
/// <param name="Channels">The numbers of channels that occur, ascending.</param>
/// <param name="Foreground">Mean share of foreground in the samples' largest masks, 0..1; NaN where it is not known of any.</param>
public sealed record SplitSummary(
    string Split,
    int Samples,
    int Readable,
    (int Height, int Width) Smallest,
    (int Height, int Width) Largest,
    IReadOnlyList<int> Channels,
    double Foreground);

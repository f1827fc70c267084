namespace MadgNet.Core.Modules.Attention;

/// <summary>The published rankings of the DCT frequencies, on a 7×7 grid.</summary>
internal static class FrequencyTable
{
    public const int GridSize = 7;
    public const int Count = 32;

    private static ReadOnlySpan<byte> TopU =>
        [0, 0, 6, 0, 0, 1, 1, 4, 5, 1, 3, 0, 0, 0, 3, 2, 4, 6, 3, 5, 5, 2, 6, 5, 5, 3, 3, 4, 2, 2, 6, 1];

    private static ReadOnlySpan<byte> TopV =>
        [0, 1, 0, 5, 2, 0, 2, 0, 0, 6, 0, 4, 6, 3, 5, 2, 6, 3, 3, 3, 5, 1, 1, 2, 4, 2, 1, 1, 3, 0, 5, 3];

    private static ReadOnlySpan<byte> LowU =>
        [0, 0, 1, 1, 0, 2, 2, 1, 2, 0, 3, 4, 0, 1, 3, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4];

    private static ReadOnlySpan<byte> LowV =>
        [0, 1, 0, 1, 2, 0, 1, 2, 2, 3, 0, 0, 4, 3, 1, 5, 4, 3, 2, 1, 0, 6, 5, 4, 3, 2, 1, 0, 6, 5, 4, 3];

    private static ReadOnlySpan<byte> BottomU =>
        [6, 1, 3, 3, 2, 4, 1, 2, 4, 4, 5, 1, 4, 6, 2, 5, 6, 1, 6, 2, 2, 4, 3, 3, 5, 5, 6, 2, 5, 5, 3, 6];

    private static ReadOnlySpan<byte> BottomV =>
        [6, 4, 4, 6, 6, 3, 1, 4, 4, 5, 6, 5, 2, 2, 5, 1, 4, 3, 5, 0, 3, 1, 1, 2, 4, 2, 1, 1, 5, 3, 3, 3];

    /// <summary>The pair (u, v) at a rank, on the 7×7 grid: u is the vertical, v the horizontal frequency.</summary>
    public static (int U, int V) At(FrequencySelection selection, int rank) => selection switch
    {
        FrequencySelection.Top => (TopU[rank], TopV[rank]),
        FrequencySelection.Low => (LowU[rank], LowV[rank]),
        FrequencySelection.Bottom => (BottomU[rank], BottomV[rank]),
        _ => throw new ArgumentOutOfRangeException(nameof(selection), selection, "Expected Top, Low or Bottom."),
    };
}

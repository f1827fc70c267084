using CsCheck;

namespace MadgNet.Core.Tests.Support;

/// <summary>Random predictions and truths of any small size, empty, full, of one pixel and of one row among them.</summary>
internal static class MetricMaps
{
    public static Gen<(float[] Prediction, bool[] Truth, int Height, int Width)> Gen { get; } =
        from height in CsCheck.Gen.Int[1, 11]
        from width in CsCheck.Gen.Int[1, 19]
        from rarity in CsCheck.Gen.Int[0, 4]
        from marks in CsCheck.Gen.Int[0, 4].Array[height * width]
        from levels in CsCheck.Gen.Int[1, 300]
        from values in CsCheck.Gen.Int[0, levels].Array[height * width]
        select (
            values.Select(value => (float)value / levels).ToArray(),
            marks.Select(mark => mark < rarity).ToArray(),
            height,
            width);

    /// <summary>The columns of a row-major plane in reverse.</summary>
    public static T[] FlipHorizontally<T>(T[] plane, int width) =>
        [.. plane.Select((_, i) => plane[((i / width) * width) + width - 1 - (i % width)])];

    /// <summary>The rows of a row-major plane in reverse.</summary>
    public static T[] FlipVertically<T>(T[] plane, int width) =>
        [.. plane.Select((_, i) => plane[((plane.Length / width) - 1 - (i / width)) * width + (i % width)])];
}

namespace MadgNet.Core.Inference.Visualization;

/// <summary>What drawing a band of rows needs beside the picture; a thread uses one for all of its bands.</summary>
internal sealed class OverlayBuffers(int rows, int width, IReadOnlyList<ContourBand> contours)
{
    /// <summary>For each contour, how much of each pixel it covers.</summary>
    public float[][] Coverages { get; } = [.. contours.Select(_ => new float[rows * width])];

    /// <summary>Which pixels any contour covers; all false between two bands.</summary>
    public bool[] Touched { get; } = new bool[rows * width];

    /// <summary>Room in which a contour finds the pixels to look at.</summary>
    public bool[] Near { get; } = new bool[contours.Select(contour => contour.BufferLength(rows)).DefaultIfEmpty(0).Max()];
}

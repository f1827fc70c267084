namespace MadgNet.Core.Inference;

/// <summary>
/// A place in an image: (0, 0) is the top left corner of the first pixel, whose middle is at half a pixel. In pixels, or in the
/// unit of the pixel spacing.
/// </summary>
/// <param name="X">To the right.</param>
/// <param name="Y">Downwards.</param>
public readonly record struct RegionPoint(double X, double Y);

namespace MadgNet.Core.Inference;

/// <summary>The smallest upright rectangle around the pixels of a region. In pixels, or in the unit of the pixel spacing.</summary>
/// <param name="X">The left edge of the leftmost pixel.</param>
/// <param name="Y">The upper edge of the topmost pixel.</param>
/// <param name="Width">From there to the right edge of the rightmost pixel.</param>
/// <param name="Height">From there to the lower edge of the lowest pixel.</param>
public readonly record struct RegionBounds(double X, double Y, double Width, double Height);

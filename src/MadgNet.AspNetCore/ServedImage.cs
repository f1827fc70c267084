using MadgNet.Core.Imaging;

namespace MadgNet.AspNetCore;

/// <summary>An image that a caller sent.</summary>
/// <param name="Pixels">Its pixels.</param>
/// <param name="Spacing">The distances of its rows and columns in millimetres; null where the file does not state them.</param>
/// <param name="Source">What its format keeps for writing an answer, such as the file's header; null for nothing.</param>
public sealed record ServedImage(PixelImage Pixels, PixelSpacing? Spacing = null, object? Source = null);

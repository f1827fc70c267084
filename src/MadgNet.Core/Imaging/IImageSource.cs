namespace MadgNet.Core.Imaging;

/// <summary>
/// An image that is read window by window, because it is too large for memory. A host implements it to add a format of its own,
/// such as that of a slide scanner.
/// </summary>
/// <remarks>Used by one thread at a time.</remarks>
public interface IImageSource : IDisposable
{
    /// <summary>Width in pixels, at least 1.</summary>
    int Width { get; }

    /// <summary>Height in pixels, at least 1.</summary>
    int Height { get; }

    /// <summary>Reads a window. Windows come in rows from top to bottom, and may overlap.</summary>
    /// <param name="left">The first column, from 0.</param>
    /// <param name="top">The first row, from 0.</param>
    /// <param name="width">At least 1; the window lies inside the image.</param>
    /// <param name="height">At least 1.</param>
    /// <returns>width×height pixels, of the same channels, bit depth and offset for every window.</returns>
    /// <exception cref="ImageReadException">The file is damaged where the window lies.</exception>
    PixelImage Read(int left, int top, int width, int height);
}

namespace MadgNet.Core.Imaging;

/// <summary>An image in memory, read window by window.</summary>
public sealed class PixelImageSource : IImageSource
{
    private readonly PixelImage _image;

    /// <summary>Creates a source on an image.</summary>
    /// <param name="image">The image.</param>
    public PixelImageSource(PixelImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        _image = image;
    }

    /// <inheritdoc/>
    public int Width => _image.Width;

    /// <inheritdoc/>
    public int Height => _image.Height;

    /// <inheritdoc/>
    public PixelImage Read(int left, int top, int width, int height) => _image.Crop(left, top, width, height);

    /// <summary>Nothing is to be freed.</summary>
    public void Dispose()
    {
    }
}

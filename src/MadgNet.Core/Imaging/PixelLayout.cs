namespace MadgNet.Core.Imaging;

/// <summary>How the pixels of a buffer lie in memory, as cameras, bitmaps and other libraries hand them over.</summary>
public enum PixelLayout
{
    /// <summary>One byte a pixel.</summary>
    Gray8,

    /// <summary>Two bytes a pixel in the machine's byte order.</summary>
    Gray16,

    /// <summary>Three bytes a pixel: red, green, blue.</summary>
    Rgb24,

    /// <summary>Three bytes a pixel: blue, green, red, as OpenCV and Windows bitmaps have it.</summary>
    Bgr24,

    /// <summary>Four bytes a pixel: red, green, blue and alpha, which is kept and does not count for a network.</summary>
    Rgba32,

    /// <summary>Four bytes a pixel: blue, green, red and alpha.</summary>
    Bgra32,
}

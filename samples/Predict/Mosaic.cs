using MadgNet.Core.Imaging;

namespace MadgNet.Samples.Predict;

/// <summary>Puts images together to one that is larger than a tile.</summary>
internal static class Mosaic
{
    /// <summary>The upper left corners of the images of a folder that are large enough, row after row, each stretched to its own range.</summary>
    public static PixelImage Of(string folder, int columns, int rows, int side)
    {
        var reader = new ImageReader();
        PixelImage[] images = [.. Directory.EnumerateFiles(folder, "*.png").Order(StringComparer.Ordinal).Select(path => reader.Read(path).ToGray()).Where(image => image.Width >= side && image.Height >= side)];
        var samples = new byte[columns * side * rows * side];
        for (int i = 0; i < columns * rows; i++)
        {
            FloatImage part = images[i % images.Length].Crop(0, 0, side, side).ToFloat(ImageChannels.Gray, IntensityWindow.MinMax);
            for (int y = 0; y < side; y++)
            {
                for (int x = 0; x < side; x++)
                {
                    samples[(((((i / columns * side) + y) * columns) + (i % columns)) * side) + x] = (byte)(255 * part[0, y, x]);
                }
            }
        }

        return new PixelImage(columns * side, rows * side, 1, samples);
    }
}

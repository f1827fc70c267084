using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inputs;

/// <summary>Where in a frame an image lies that was resized to it, by itself or as a letterbox.</summary>
internal readonly record struct Placement(int FrameHeight, int FrameWidth, int Top, int Left, int Height, int Width)
{
    public static Placement Of(int height, int width, ImageSize frame, ImageFit fit)
    {
        if (fit == ImageFit.Resize)
        {
            return new Placement(frame.Height, frame.Width, 0, 0, frame.Height, frame.Width);
        }

        double scale = Math.Min((double)frame.Height / height, (double)frame.Width / width);
        int inner = Math.Clamp((int)Math.Round(height * scale), 1, frame.Height);
        int across = Math.Clamp((int)Math.Round(width * scale), 1, frame.Width);
        return new Placement(frame.Height, frame.Width, (frame.Height - inner) / 2, (frame.Width - across) / 2, inner, across);
    }

    private bool IsFull => Height == FrameHeight && Width == FrameWidth;

    /// <summary>The image in its frame; zeros around it.</summary>
    public FloatImage Place(FloatImage image)
    {
        FloatImage resized = ImageResizer.Bilinear(image, Height, Width);
        if (IsFull)
        {
            return resized;
        }

        var framed = new FloatImage(image.Channels, FrameHeight, FrameWidth);
        for (int c = 0; c < image.Channels; c++)
        {
            for (int y = 0; y < Height; y++)
            {
                resized.Row(c, y).CopyTo(framed.Row(c, Top + y)[Left..]);
            }
        }

        return framed;
    }

    /// <summary>A map of the frame, without what surrounds the image, at the image's own size.</summary>
    public FloatImage Restore(FloatImage map, int height, int width)
    {
        if (IsFull)
        {
            return ImageResizer.Bilinear(map, height, width);
        }

        FloatImage inner = FloatImage.Uninitialized(map.Channels, Height, Width);
        for (int c = 0; c < map.Channels; c++)
        {
            for (int y = 0; y < Height; y++)
            {
                map.Row(c, Top + y).Slice(Left, Width).CopyTo(inner.Row(c, y));
            }
        }

        return ImageResizer.Bilinear(inner, height, width);
    }
}

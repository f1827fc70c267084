using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inputs;

/// <summary>The published DSB2018 loader's way to bring stained (bright) images to fluorescence's dark background.</summary>
internal static class BrightBackground
{
    /// <summary>
    /// The image's inverted grey where its Otsu-thresholded grey is foreground on more than half its pixels; the image itself otherwise.
    /// </summary>
    public static PixelImage Invert(PixelImage image)
    {
        PixelImage gray = image.ToGray();
        int count = gray.Width * gray.Height;
        int shift = gray.BitDepth - 8;
        var histogram = new long[256];
        for (int i = 0; i < count; i++)
        {
            histogram[(gray.BitDepth == 8 ? gray.Bytes[i] : gray.Words[i]) >> shift]++;
        }

        int threshold = Otsu(histogram, count);
        long foreground = 0;
        for (int value = threshold + 1; value < histogram.Length; value++)
        {
            foreground += histogram[value];
        }

        if (foreground * 2 <= count)
        {
            return image;
        }

        if (gray.BitDepth == 8)
        {
            var inverted = new byte[count];
            for (int i = 0; i < count; i++)
            {
                inverted[i] = (byte)(255 - gray.Bytes[i]);
            }

            return new PixelImage(gray.Width, gray.Height, 1, inverted);
        }

        var wide = new ushort[count];
        for (int i = 0; i < count; i++)
        {
            wide[i] = (ushort)(ushort.MaxValue - gray.Words[i]);
        }

        return new PixelImage(gray.Width, gray.Height, 1, wide, gray.Offset) { Scale = gray.Scale };
    }

    /// <summary>The threshold of largest variance between classes (Otsu 1979); foreground lies above it.</summary>
    private static int Otsu(long[] histogram, long count)
    {
        double total = 0;
        for (int value = 0; value < histogram.Length; value++)
        {
            total += (double)value * histogram[value];
        }

        long below = 0;
        double sum = 0;
        double best = -1;
        int threshold = 0;
        for (int value = 0; value < histogram.Length; value++)
        {
            below += histogram[value];
            sum += (double)value * histogram[value];
            long above = count - below;
            if (below == 0 || above == 0)
            {
                continue;
            }

            double difference = (sum / below) - ((total - sum) / above);
            double variance = (double)below * above * difference * difference;
            if (variance > best)
            {
                (best, threshold) = (variance, value);
            }
        }

        return threshold;
    }
}

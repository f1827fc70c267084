using MadgNet.Core.Annotations;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;
using MadgNet.Core.Inference.Visualization;

namespace MadgNet.AspNetCore;

/// <summary>Answers that are files: pictures as PNG, and regions as GeoJSON.</summary>
internal static class Pictures
{
    private static readonly OverlayOptions Drawing = new() { FillOpacity = 0.25 };

    /// <summary>The mask of one label: 0 and 255.</summary>
    public static byte[] Mask(Segmented segmented) => Png(segmented.Prediction.Mask(segmented.Labels[0]));

    /// <summary>The map of one label: 0 … 255 for 0 … 1.</summary>
    public static byte[] Probability(Segmented segmented) => Png(Bytes(segmented.Prediction.Probability, segmented.Labels[0]));

    /// <summary>The image with the masks of the labels, each in its colour.</summary>
    public static byte[] Overlay(Segmented segmented)
    {
        OverlayLayer[] layers =
        [
            .. segmented.Labels.Select(label => OverlayLayer.FromMask(
                segmented.Prediction.Mask(label), segmented.Names[label], LabelPalette.Default[label])),
        ];
        return Png(Core.Inference.Visualization.Overlay.Draw(Visible(segmented), layers, Drawing));
    }

    /// <summary>The image as a browser shows it: 8 bits, and a grey image of 16 bits as the network sees it.</summary>
    public static byte[] Image(Segmented segmented) => Png(Visible(segmented));

    /// <summary>The regions as objects of QuPath, in pixels.</summary>
    public static byte[] GeoJson(Segmented segmented)
    {
        Prediction prediction = segmented.Prediction;
        AnnotatedObject[] objects =
        [
            .. from label in segmented.Labels
               from region in prediction.Regions(label)
               let pixels = new PixelRegion(region, prediction.Spacing)
               select new AnnotatedObject(segmented.Names[label], [new AnnotationPolygon(pixels.Outer, pixels.Holes)])
               {
                   Score = Math.Clamp(region.MeanProbability, 0, 1),
               },
        ];
        return AnnotationFile.EncodeQuPath(
            new AnnotatedImage(ImageFormats.Name, prediction.Height, prediction.Width, objects), "detection");
    }

    private static PixelImage Visible(Segmented segmented)
    {
        PixelImage image = segmented.Image.Pixels;
        if (image.BitDepth == 8)
        {
            return image;
        }

        if (image.Channels == 1)
        {
            return Bytes(segmented.Input.Prepare(image), 0);
        }

        FloatImage colors = image.ToFloat(ImageChannels.Rgb);
        var bytes = new byte[image.Width * image.Height * 3];
        for (int channel = 0; channel < 3; channel++)
        {
            ReadOnlySpan<float> plane = colors.Plane(channel);
            for (int i = 0; i < plane.Length; i++)
            {
                bytes[(i * 3) + channel] = Byte(plane[i]);
            }
        }

        return new PixelImage(image.Width, image.Height, 3, bytes);
    }

    private static PixelImage Bytes(FloatImage map, int plane)
    {
        ReadOnlySpan<float> values = map.Plane(plane);
        var bytes = new byte[values.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = Byte(values[i]);
        }

        return new PixelImage(map.Width, map.Height, 1, bytes);
    }

    private static byte Byte(float value) => (byte)MathF.Round(Math.Clamp(float.IsNaN(value) ? 0 : value, 0, 1) * 255);

    private static byte[] Png(PixelImage image)
    {
        using var stream = new MemoryStream();
        ImageWriter.Write(image, stream);
        return stream.ToArray();
    }
}

using System.Text.Json;
using MadgNet.Core.Imaging;
using MadgNet.Core.Inference;

namespace MadgNet.Core.Annotations;

/// <summary>labelme's JSON: shapes on one image.</summary>
internal static class LabelMeFile
{
    public static bool Recognizes(JsonElement root) =>
        root.Member("shapes") is { ValueKind: JsonValueKind.Array } && root.Member("imagePath") is { ValueKind: JsonValueKind.String };

    public static AnnotatedImage Read(JsonElement root, AnnotationSink sink)
    {
        (int height, int width) = (root.Whole("imageHeight") ?? 0, root.Whole("imageWidth") ?? 0);
        foreach ((JsonElement shape, int index) in root.Items("shapes").Select((shape, i) => (shape, i)))
        {
            ReadShape(shape, sink, $"shape {AnnotationSink.Number(index)}", height, width);
        }

        return new AnnotatedImage(root.Text("imagePath")!, height, width, sink.Take());
    }

    private static void ReadShape(JsonElement shape, AnnotationSink sink, string where, int height, int width)
    {
        string? label = shape.Text("label");
        List<RegionPoint> points = shape.Member("points")?.Points()
            ?? throw sink.Broken(where, "points that are no list of places", "[[x, y], …]");
        switch (shape.Text("shape_type") ?? "polygon")
        {
            case "polygon":
                sink.Add(where, label, [new AnnotationPolygon(points.Open())]);
                break;
            case "rectangle" when points is [var from, var to]:
                // Somebody drew a rectangle where others draw polygons: it is the area, as labelme's own converters have it.
                sink.Add(where, label, [AnnotationPolygon.Rectangle(from.X, from.Y, to.X, to.Y)]);
                break;
            case "circle" when points is [var middle, var edge]:
                double radius = Math.Sqrt(Math.Pow(edge.X - middle.X, 2) + Math.Pow(edge.Y - middle.Y, 2));
                sink.Add(where, label, [AnnotationPolygon.Ellipse(middle.X, middle.Y, radius, radius)]);
                break;
            case "mask" when points is [var corner, _]:
                sink.Add(new AnnotatedObject(sink.Name(label), Mask(shape, sink, where, corner, height, width)));
                break;
            case string kind:
                sink.LeaveOut(where, $"a shape of the type '{kind}' with {points.Count} places", "Draw a polygon");
                break;
        }
    }

    /// <summary>A picture of the object's box, whose top left pixel is given.</summary>
    private static RunLengthMask Mask(JsonElement shape, AnnotationSink sink, string where, RegionPoint corner, int height, int width)
    {
        try
        {
            if (height < 1 || width < 1)
            {
                throw new FormatException("the file does not say the image's size");
            }

            byte[] png = Convert.FromBase64String(shape.Text("mask") ?? throw new FormatException("it holds no picture"));
            PixelImage picture = new ImageReader().Decode(png, "mask.png").ToGray();
            (int left, int top) = (checked((int)Math.Round(corner.X)), checked((int)Math.Round(corner.Y)));
            var inside = new bool[height * width];
            for (int y = Math.Max(0, -top); y < Math.Min(picture.Height, height - top); y++)
            {
                for (int x = Math.Max(0, -left); x < Math.Min(picture.Width, width - left); x++)
                {
                    inside[((top + y) * width) + left + x] = picture[x, y, 0] > 0;
                }
            }

            return RunLengthMask.Encode(inside, height, width);
        }
        catch (Exception exception) when (exception is FormatException or ImageReadException or OverflowException)
        {
            throw sink.Broken(where, $"a mask that cannot be read ({exception.Message.TrimEnd('.')})", "a PNG in base64, and the image's size");
        }
    }
}

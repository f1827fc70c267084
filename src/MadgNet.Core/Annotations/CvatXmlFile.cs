using System.Xml.Linq;

namespace MadgNet.Core.Annotations;

/// <summary>"CVAT for images 1.1".</summary>
internal static class CvatXmlFile
{
    public static bool Recognizes(XElement root) => root.Name.LocalName == "annotations";

    public static AnnotationSet Read(XElement root, AnnotationSink sink)
    {
        if (root.Elements("track").Any())
        {
            throw sink.Broken("track", "annotations of a video", "\"CVAT for images 1.1\"");
        }

        var images = new List<AnnotatedImage>();
        foreach (XElement image in root.Elements("image"))
        {
            string name = (string?)image.Attribute("name") ?? throw sink.Broken("image", "no name", "the name of the image's file");
            if (XmlParts.Whole((string?)image.Attribute("height")) is not { } height
                || XmlParts.Whole((string?)image.Attribute("width")) is not { } width || height < 1 || width < 1)
            {
                throw sink.Broken($"image '{name}'", "no width and height", "the image's size");
            }

            // A higher z_order lies above; shapes of the same lie in the order of the file.
            foreach ((XElement shape, int index) in image.Elements().Select((shape, i) => (shape, i))
                .OrderBy(entry => XmlParts.Whole((string?)entry.shape.Attribute("z_order")) ?? 0))
            {
                ReadShape(shape, sink, $"image '{name}', shape {AnnotationSink.Number(index)}", height, width);
            }

            images.Add(new AnnotatedImage(name, height, width, sink.Take()));
        }

        string[] declared = [.. root.Descendants("label").Select(label => (string?)label.Element("name")).OfType<string>()];
        AnnotationSet drawn = AnnotationSet.Of(images);
        return drawn with { Labels = [.. declared.Concat(drawn.Labels).Distinct()], LeftOut = sink.LeftOut };
    }

    private static void ReadShape(XElement shape, AnnotationSink sink, string where, int height, int width)
    {
        string? label = (string?)shape.Attribute("label");
        double Of(string name) => XmlParts.Number((string?)shape.Attribute(name)) ?? throw sink.Broken(where, $"no number '{name}'", "a number");
        switch (shape.Name.LocalName)
        {
            case "polygon":
                sink.Add(where, label, [new AnnotationPolygon((XmlParts.Points((string?)shape.Attribute("points"))
                    ?? throw sink.Broken(where, "points that are no places", "x,y;x,y;…")).Open())]);
                break;
            case "box":
                sink.AddBox(where, label, Of("xtl"), Of("ytl"), Of("xbr"), Of("ybr"));
                break;
            case "ellipse":
                double degrees = XmlParts.Number((string?)shape.Attribute("rotation")) ?? 0;
                sink.Add(where, label, [AnnotationPolygon.Ellipse(Of("cx"), Of("cy"), Of("rx"), Of("ry"), degrees)]);
                break;
            case "mask":
                sink.Add(new AnnotatedObject(sink.Name(label), Mask(shape, sink, where, height, width)));
                break;
            case "polyline" or "points" or "cuboid" or "skeleton":
                sink.LeaveOut(where, $"a shape of the type '{shape.Name.LocalName}'", "Draw a polygon or a mask");
                break;
            default:
                // Tags are about the image as a whole.
                break;
        }
    }

    /// <summary>Runs within a box, along its rows, the first one outside.</summary>
    private static RunLengthMask Mask(XElement shape, AnnotationSink sink, string where, int height, int width)
    {
        int Of(string name) => XmlParts.Whole((string?)shape.Attribute(name)) ?? throw sink.Broken(where, $"no number '{name}'", "a whole number");
        (int left, int top, int wide, int high) = (Of("left"), Of("top"), Of("width"), Of("height"));
        int?[] runs = [.. ((string?)shape.Attribute("rle") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(XmlParts.Whole)];
        long sum = runs.Sum(run => (long)(run ?? 0));
        if (left < 0 || top < 0 || wide < 1 || high < 1 || (long)left + wide > width || (long)top + high > height
            || Array.Exists(runs, run => run is null or < 0) || sum > (long)wide * high)
        {
            throw sink.Broken(where, $"a mask of {wide}×{high} at {left}, {top} with runs of {sum} pixels", $"a box within {width}×{height} and runs that fit in it");
        }

        var mask = new bool[height * width];
        long at = 0;
        for (int i = 0; i < runs.Length; i++)
        {
            for (long pixel = at; i % 2 == 1 && pixel < at + runs[i]!.Value; pixel++)
            {
                mask[((top + (pixel / wide)) * width) + left + (pixel % wide)] = true;
            }

            at += runs[i]!.Value;
        }

        return RunLengthMask.Encode(mask, height, width);
    }
}

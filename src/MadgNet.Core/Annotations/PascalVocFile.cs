using System.Xml.Linq;
using MadgNet.Core.Inference;

namespace MadgNet.Core.Annotations;

/// <summary>Pascal VOC's XML of one image: boxes, and polygons where a program adds them.</summary>
internal static class PascalVocFile
{
    public static bool Recognizes(XElement root) => root.Name.LocalName == "annotation";

    public static AnnotatedImage Read(XElement root, AnnotationSink sink)
    {
        string name = (string?)root.Element("filename") ?? throw sink.Broken("filename", "none", "the name of the image's file");
        XElement? size = root.Element("size");
        int height = XmlParts.Whole((string?)size?.Element("height")) ?? 0;
        int width = XmlParts.Whole((string?)size?.Element("width")) ?? 0;
        foreach ((XElement drawn, int index) in root.Elements("object").Select((drawn, i) => (drawn, i)))
        {
            string where = $"object {AnnotationSink.Number(index)}";
            string? label = (string?)drawn.Element("name");
            if (drawn.Element("polygon") is { } polygon)
            {
                sink.Add(where, label, [new AnnotationPolygon(Places(polygon, sink, where))]);
            }
            else if (drawn.Element("bndbox") is { } box)
            {
                double Of(string side) => XmlParts.Number((string?)box.Element(side)) ?? throw sink.Broken(where, $"no number '{side}'", "a number");

                // Pixels are counted from 1, and the last one belongs to the box.
                sink.AddBox(where, label, Of("xmin") - 1, Of("ymin") - 1, Of("xmax"), Of("ymax"));
            }
            else
            {
                sink.LeaveOut(where, "neither polygon nor box", "Draw a polygon");
            }
        }

        return new AnnotatedImage(name, height, width, sink.Take());
    }

    /// <summary>Places as elements <c>x1</c>, <c>y1</c>, <c>x2</c>, … or <c>pt</c> with <c>x</c> and <c>y</c>.</summary>
    private static List<RegionPoint> Places(XElement polygon, AnnotationSink sink, string where)
    {
        var points = new List<RegionPoint>();
        XElement[] pairs = [.. polygon.Elements("pt")];
        for (int i = 1; pairs.Length > 0 ? i <= pairs.Length : polygon.Element($"x{AnnotationSink.Number(i)}") is not null; i++)
        {
            (XElement? x, XElement? y) = pairs.Length > 0
                ? (pairs[i - 1].Element("x"), pairs[i - 1].Element("y"))
                : (polygon.Element($"x{AnnotationSink.Number(i)}"), polygon.Element($"y{AnnotationSink.Number(i)}"));
            points.Add(XmlParts.Number((string?)x) is { } right && XmlParts.Number((string?)y) is { } down
                ? new RegionPoint(right, down)
                : throw sink.Broken(where, $"place {i} of a polygon that is no pair of numbers", "x and y"));
        }

        return points.Open();
    }
}

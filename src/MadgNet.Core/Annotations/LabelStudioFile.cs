using System.Text.Json;
using MadgNet.Core.Inference;

namespace MadgNet.Core.Annotations;

/// <summary>Label Studio's JSON: tasks with results, whose places are percents of the image's size.</summary>
internal static class LabelStudioFile
{
    public static bool Recognizes(JsonElement root) => root.ValueKind == JsonValueKind.Array
        ? root.GetArrayLength() > 0 && IsTask(root[0])
        : IsTask(root);

    public static AnnotationSet Read(JsonElement root, AnnotationSink sink)
    {
        var images = new List<AnnotatedImage>();
        IEnumerable<JsonElement> tasks = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray() : [root];
        foreach ((JsonElement task, int index) in tasks.Select((task, i) => (task, i)))
        {
            string where = $"task {task.Text("id") ?? AnnotationSink.Number(index)}";
            string name = task.Member("data") is { } data
                ? data.Text("image") ?? data.EnumerateObject().Select(member => member.Value)
                    .FirstOrDefault(value => value.ValueKind == JsonValueKind.String).GetString() ?? ""
                : "";
            if (name.Length == 0)
            {
                throw sink.Broken(where, "no image", "data.image, the name of the image's file");
            }

            (int height, int width) = (0, 0);
            JsonElement[] annotations = [.. task.Items("annotations").Concat(task.Items("completions"))
                .Where(annotation => annotation.Member("was_cancelled") is not { ValueKind: JsonValueKind.True })];
            if (annotations.Length > 1)
            {
                // Several people drew the same image: to join them would be a guess.
                sink.LeaveOut(where, $"{annotations.Length} annotations of one image, of which the first is taken", "Export one for each task");
            }

            foreach ((JsonElement result, int number) in annotations.Take(1).SelectMany(annotation => annotation.Items("result"))
                .Select((result, i) => (result, i)))
            {
                string part = $"{where}, result {AnnotationSink.Number(number)}";
                (height, width) = (result.Whole("original_height") ?? height, result.Whole("original_width") ?? width);
                ReadResult(result, sink, part, height, width);
            }

            images.Add(new AnnotatedImage(FileName(name), height, width, sink.Take()));
        }

        return AnnotationSet.Of(images) with { LeftOut = sink.LeftOut };
    }

    private static bool IsTask(JsonElement element) =>
        element.Member("data") is { ValueKind: JsonValueKind.Object }
            && (element.Member("annotations") ?? element.Member("completions")) is { ValueKind: JsonValueKind.Array };

    private static void ReadResult(JsonElement result, AnnotationSink sink, string where, int height, int width)
    {
        string kind = result.Text("type") ?? "";
        JsonElement value = result.Member("value") ?? default;
        string? label = value.Items(kind).Concat(value.Items("labels")).Select(name => name.ToString()).FirstOrDefault();
        if (kind is not ("polygonlabels" or "brushlabels" or "rectanglelabels" or "ellipselabels" or "polygon" or "brush" or "rectangle"
            or "ellipse"))
        {
            if (kind is "keypointlabels" or "keypoint" or "vectorlabels")
            {
                sink.LeaveOut(where, $"a result of the type '{kind}'", "Draw a polygon, or use the brush");
            }

            // Choices, ratings and texts are about the image as a whole.
            return;
        }

        if (height < 1 || width < 1)
        {
            throw sink.Broken(where, "no original_width and original_height", "the image's size, which the percents are of");
        }

        (double x, double y) = (width / 100.0, height / 100.0);
        double Of(string name) => value.Number(name) ?? throw sink.Broken(where, $"no number '{name}'", "a number");
        switch (kind)
        {
            case "polygonlabels" or "polygon":
                List<RegionPoint> points = value.Member("points")?.Points()
                    ?? throw sink.Broken(where, "points that are no list of places", "[[x, y], …]");
                sink.Add(
                    where, label, [new AnnotationPolygon([.. points.Open().Select(point => new RegionPoint(point.X * x, point.Y * y))])]);
                break;
            case "brushlabels" or "brush":
                sink.Add(new AnnotatedObject(sink.Name(label), Brush(value, sink, where, height, width)));
                break;
            case "ellipselabels" or "ellipse":
                sink.Add(
                    where,
                    label,
                    [
                        AnnotationPolygon.Ellipse(
                            Of("x") * x, Of("y") * y, Of("radiusX") * x, Of("radiusY") * y, value.Number("rotation") ?? 0),
                    ]);
                break;
            default:
                Rectangle(where, label, sink, (Of("x") * x, Of("y") * y, Of("width") * x, Of("height") * y), value.Number("rotation") ?? 0);
                break;
        }
    }

    private static RunLengthMask Brush(JsonElement value, AnnotationSink sink, string where, int height, int width)
    {
        try
        {
            if (value.Text("format") != "rle" || value.Member("rle")?.Numbers() is not { } numbers
                || Array.Exists(numbers, number => number is < 0 or > 255))
            {
                throw new FormatException("it has no format 'rle' with a list of bytes");
            }

            return RunLengthMask.Encode(LabelStudioBrush.Decode([.. numbers.Select(number => (byte)number)], height, width), height, width);
        }
        catch (FormatException exception)
        {
            throw sink.Broken(where, $"a brush that cannot be read ({exception.Message})", "Label Studio's run lengths of the image's size");
        }
    }

    /// <summary>Label Studio turns a rectangle around its top left corner, clockwise.</summary>
    private static void Rectangle(
        string where, string? label, AnnotationSink sink, (double X, double Y, double Width, double Height) box, double degrees)
    {
        if (degrees == 0 || !sink.Options.FillBoxes)
        {
            sink.AddBox(where, label, box.X, box.Y, box.X + box.Width, box.Y + box.Height);
            return;
        }

        (double sin, double cos) = Math.SinCos(degrees * Math.PI / 180);
        RegionPoint At(double right, double down) => new(box.X + (right * cos) - (down * sin), box.Y + (right * sin) + (down * cos));
        sink.Add(where, label, [new AnnotationPolygon([At(0, 0), At(box.Width, 0), At(box.Width, box.Height), At(0, box.Height)])]);
    }

    /// <summary>
    /// The file that a link means: uploads are called <c>/data/upload/1/0a1b2c3d-name.png</c>, local files <c>?d=folder/name.png</c>.
    /// </summary>
    private static string FileName(string link)
    {
        int query = link.IndexOf("?d=", StringComparison.Ordinal);
        string path = Uri.UnescapeDataString(query >= 0 ? link[(query + 3)..] : link);
        string name = path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
        bool upload = link.Contains("/upload/", StringComparison.Ordinal) && name.Length > 9 && name[8] == '-'
            && name.AsSpan(0, 8).IndexOfAnyExcept("0123456789abcdef") < 0;
        return upload ? name[9..] : name;
    }
}

using System.Text.Json;
using MadgNet.Core.Inference;

namespace MadgNet.Core.Annotations;

/// <summary>COCO's object instances.</summary>
internal static class CocoFile
{
    public static bool Recognizes(JsonElement root) =>
        root.Member("images") is { ValueKind: JsonValueKind.Array } && root.Member("annotations") is { ValueKind: JsonValueKind.Array };

    public static AnnotationSet Read(JsonElement root, AnnotationSink sink)
    {
        var categories = new Dictionary<string, string>();
        foreach (JsonElement category in root.Items("categories"))
        {
            categories[category.Text("id") ?? ""] = category.Text("name")
                ?? throw sink.Broken("categories", "one without a name", "a name");
        }

        var byImage = root.Items("annotations").Select((annotation, i) => (Annotation: annotation, Index: i))
            .GroupBy(entry => entry.Annotation.Text("image_id") ?? "")
            .ToDictionary(group => group.Key, group => group.ToList());
        var images = new List<AnnotatedImage>();
        var ids = new HashSet<string>();
        foreach (JsonElement image in root.Items("images"))
        {
            string id = image.Text("id") ?? "";
            string where = $"image {id}";
            if (!ids.Add(id))
            {
                throw sink.Broken(where, "an id that occurs twice", "an id for each image");
            }

            string name = image.Text("file_name") ?? throw sink.Broken(where, "no file_name", "the name of the image's file");
            (int height, int width) = (image.Whole("height") ?? 0, image.Whole("width") ?? 0);
            foreach ((JsonElement annotation, int index) in byImage.GetValueOrDefault(id) ?? [])
            {
                ReadAnnotation(annotation, sink, $"annotation {annotation.Text("id") ?? AnnotationSink.Number(index)}", categories, height, width);
            }

            images.Add(new AnnotatedImage(name, height, width, sink.Take()));
        }

        if (byImage.Keys.FirstOrDefault(key => !ids.Contains(key)) is { } lost)
        {
            throw sink.Broken("annotations", $"one of the image '{lost}', which is not there", "an image for each");
        }

        return new AnnotationSet(images, [.. categories.Values.Distinct()]) { LeftOut = sink.LeftOut };
    }

    public static void Write(Utf8JsonWriter json, AnnotationSet set, CocoSegmentation form)
    {
        json.WriteStartObject();
        json.WriteStartArray("images");
        for (int i = 0; i < set.Images.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", i + 1);
            json.WriteString("file_name", set.Images[i].Name);
            json.WriteNumber("height", set.Images[i].Height);
            json.WriteNumber("width", set.Images[i].Width);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        string[] labels = [.. set.Labels.Concat(set.Images.SelectMany(image => image.Objects).Select(drawn => drawn.Label)).Distinct()];
        json.WriteStartArray("categories");
        for (int i = 0; i < labels.Length; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", i + 1);
            json.WriteString("name", labels[i]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("annotations");
        int id = 0;
        for (int i = 0; i < set.Images.Count; i++)
        {
            foreach (AnnotatedObject drawn in set.Images[i].Objects)
            {
                WriteAnnotation(json, drawn, set.Images[i], ++id, i + 1, Array.IndexOf(labels, drawn.Label) + 1, form);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void ReadAnnotation(
        JsonElement annotation, AnnotationSink sink, string where, Dictionary<string, string> categories, int height, int width)
    {
        string category = annotation.Text("category_id") ?? "";
        string label = categories.TryGetValue(category, out string? name)
            ? name
            : throw sink.Broken(where, $"the category '{category}'", $"one of {string.Join(", ", categories.Keys)}");
        double? score = annotation.Number("score");
        bool crowd = annotation.Whole("iscrowd") == 1;
        switch (annotation.Member("segmentation"))
        {
            case { ValueKind: JsonValueKind.Array } polygons when polygons.GetArrayLength() > 0:
                sink.Add(where, label, polygons.EnumerateArray().Select(polygon => Ring(polygon, sink, where)), score, crowd);
                break;
            case { ValueKind: JsonValueKind.Object } runs:
                sink.Add(new AnnotatedObject(label, Runs(runs, sink, where, height, width)) { Score = score, IsCrowd = crowd });
                break;
            case null or { ValueKind: JsonValueKind.Array }:
                if (annotation.Member("bbox")?.Numbers() is [double x, double y, double wide, double high])
                {
                    sink.AddBox(where, label, x, y, x + wide, y + high, score);
                }
                else
                {
                    sink.LeaveOut(where, "neither segmentation nor bbox", "Export it again with its segmentation");
                }

                break;
            default:
                throw sink.Broken(where, "a segmentation of another kind", "a list of polygons, or an object with size and counts");
        }
    }

    private static AnnotationPolygon Ring(JsonElement polygon, AnnotationSink sink, string where)
    {
        double[] numbers = polygon.Numbers() ?? throw sink.Broken(where, "a polygon that is no list of numbers", "[x1, y1, x2, y2, …]");
        return numbers.Length % 2 == 0
            ? new AnnotationPolygon(
                Enumerable.Range(0, numbers.Length / 2).Select(i => new RegionPoint(numbers[2 * i], numbers[(2 * i) + 1])).ToList().Open())
            : throw sink.Broken(where, $"a polygon of {numbers.Length} numbers", "an even number of them");
    }

    private static RunLengthMask Runs(JsonElement runs, AnnotationSink sink, string where, int height, int width)
    {
        try
        {
            (int rows, int columns) = runs.Member("size")?.Numbers() is [double high, double wide]
                ? (checked((int)high), checked((int)wide))
                : throw new FormatException("it has no size of two numbers");
            if (height > 0 && (rows, columns) != (height, width))
            {
                throw new FormatException($"its size {rows}×{columns} is not the image's {height}×{width}");
            }

            return runs.Member("counts") switch
            {
                { ValueKind: JsonValueKind.String } text => RunLengthMask.FromCompressed(rows, columns, text.GetString()!),
                { ValueKind: JsonValueKind.Array } list when list.Numbers() is { } counts =>
                    new RunLengthMask(rows, columns, [.. counts.Select(count => checked((long)count))]),
                _ => throw new FormatException("its counts are neither a text nor a list of numbers"),
            };
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or OverflowException)
        {
            throw sink.Broken(where, $"runs that cannot be read ({exception.Message.TrimEnd('.')})", "size [height, width] and counts that fill it");
        }
    }

    private static void WriteAnnotation(
        Utf8JsonWriter json, AnnotatedObject drawn, AnnotatedImage image, int id, int imageId, int category, CocoSegmentation form)
    {
        if (image.Height < 1 || image.Width < 1)
        {
            throw new AnnotationException(new Problem(
                image.Name,
                "an image whose size is not known",
                "height and width, which COCO needs",
                "Read the annotations together with their images"));
        }

        bool[] mask = drawn.ToMask(image.Height, image.Width);
        var runs = RunLengthMask.Encode(mask, image.Height, image.Width);
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteNumber("image_id", imageId);
        json.WriteNumber("category_id", category);
        if (form == CocoSegmentation.Polygons)
        {
            json.WriteStartArray("segmentation");
            foreach (AnnotationPolygon polygon in Outlines.Of(drawn))
            {
                json.WriteStartArray();
                foreach (RegionPoint point in Outlines.Joined(polygon))
                {
                    json.WriteNumberValue(point.X);
                    json.WriteNumberValue(point.Y);
                }

                json.WriteEndArray();
            }

            json.WriteEndArray();
        }
        else
        {
            WriteRuns(json, runs, form == CocoSegmentation.CompressedRunLengths);
        }

        json.WriteNumber("area", runs.Area);
        WriteBox(json, mask, image.Height, image.Width);
        json.WriteNumber("iscrowd", drawn.IsCrowd ? 1 : 0);
        if (drawn.Score is { } score)
        {
            json.WriteNumber("score", score);
        }

        json.WriteEndObject();
    }

    private static void WriteRuns(Utf8JsonWriter json, RunLengthMask runs, bool compressed)
    {
        json.WriteStartObject("segmentation");
        json.WriteStartArray("size");
        json.WriteNumberValue(runs.Height);
        json.WriteNumberValue(runs.Width);
        json.WriteEndArray();
        if (compressed)
        {
            json.WriteString("counts", runs.ToCompressed());
        }
        else
        {
            json.WriteStartArray("counts");
            foreach (long count in runs.Counts)
            {
                json.WriteNumberValue(count);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>The smallest box around the pixels: left, top, width and height; zeros where there is none.</summary>
    private static void WriteBox(Utf8JsonWriter json, bool[] mask, int height, int width)
    {
        (int left, int top, int right, int bottom) = (width, height, 0, 0);
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i])
            {
                (left, top) = (Math.Min(left, i % width), Math.Min(top, i / width));
                (right, bottom) = (Math.Max(right, (i % width) + 1), Math.Max(bottom, (i / width) + 1));
            }
        }

        json.WriteStartArray("bbox");
        foreach (int number in right > 0 ? [left, top, right - left, bottom - top] : new int[4])
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}

using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace MadgNet.Core.Annotations;

/// <summary>
/// Reads what other programs keep of drawings on images, and writes QuPath's GeoJSON and COCO. Whatever the format, places are turned into
/// pixels from the top left corner of the first pixel.
/// </summary>
public static class AnnotationFile
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Whether a path is one of annotations by its name: a JSON, GeoJSON or XML file, or a folder that holds such files.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <returns>True where <see cref="Read"/> is worth a try.</returns>
    public static bool IsCandidate(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return File.Exists(path) ? HasExtension(path) : Directory.Exists(path) && Directory.EnumerateFiles(path).Any(HasExtension);
    }

    /// <summary>Reads a file, or all files of a folder where the format has one for each image.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <returns>Everything that was drawn.</returns>
    /// <exception cref="AnnotationException">A file cannot be read, is of no known format, or is broken.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public static AnnotationSet Read(string path, AnnotationReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new AnnotationReadOptions();
        InvalidOptionsException.ThrowIfAny(nameof(AnnotationFile), options.Validate());
        if (!Directory.Exists(path))
        {
            return ReadFile(path, options);
        }

        AnnotationSet[] parts = [.. Directory.EnumerateFiles(path).Where(HasExtension).Order(StringComparer.Ordinal)
            .Select(file => ReadFile(file, options))];
        if (parts.Length == 0)
        {
            throw new AnnotationException(new Problem(
                path, "a folder without JSON, GeoJSON or XML files", "files of annotations", "Check the path"));
        }

        return new AnnotationSet([.. parts.SelectMany(part => part.Images)], [.. parts.SelectMany(part => part.Labels).Distinct()])
        {
            LeftOut = [.. parts.SelectMany(part => part.LeftOut)],
        };
    }

    /// <summary>Writes one image's objects as QuPath reads them. A file appears whole or not at all.</summary>
    /// <param name="image">The image; its name and size are not part of the file.</param>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="objectType">What QuPath makes of them: <c>annotation</c> or <c>detection</c>.</param>
    /// <exception cref="ArgumentException">The object type is another.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteQuPath(AnnotatedImage image, string path, string objectType = "annotation")
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentException.ThrowIfNullOrEmpty(path);
        CheckObjectType(objectType);
        Write(path, json => QuPathGeoJson.Write(json, image, objectType));
    }

    /// <summary>One image's objects as the bytes of a file that QuPath reads.</summary>
    /// <param name="image">The image; its name and size are not part of the file.</param>
    /// <param name="objectType">What QuPath makes of them: <c>annotation</c> or <c>detection</c>.</param>
    /// <returns>The whole file.</returns>
    /// <exception cref="ArgumentException">The object type is another.</exception>
    public static byte[] EncodeQuPath(AnnotatedImage image, string objectType = "annotation")
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckObjectType(objectType);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            QuPathGeoJson.Write(json, image, objectType);
        }

        return stream.ToArray();
    }

    /// <summary>Writes COCO's object instances, with areas, boxes and, where objects have them, scores. A file appears whole or not at
    /// all.</summary>
    /// <param name="set">The images, whose sizes must be known, and their objects.</param>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="segmentation">How pixels are kept.</param>
    /// <exception cref="AnnotationException">The size of an image with objects is not known.</exception>
    /// <exception cref="ArgumentException">An object is a mask of another size than its image.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteCoco(AnnotationSet set, string path, CocoSegmentation segmentation = CocoSegmentation.CompressedRunLengths)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentException.ThrowIfNullOrEmpty(path);
        Write(path, json => CocoFile.Write(json, set, segmentation));
    }

    private static void CheckObjectType(string objectType)
    {
        if (objectType is not ("annotation" or "detection"))
        {
            throw new ArgumentException(
                $"received the object type '{objectType}'; expected annotation or detection. Use annotation to edit objects by hand.",
                nameof(objectType));
        }
    }

    private static void Write(string path, Action<Utf8JsonWriter> write) => AtomicFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, Indented);
        write(json);
    });

    private static bool HasExtension(string path) => Path.GetExtension(path).ToUpperInvariant() is ".JSON" or ".GEOJSON" or ".XML";

    private static AnnotationSet ReadFile(string path, AnnotationReadOptions options)
    {
        var sink = new AnnotationSink(path, options);
        try
        {
            if (options.Format is AnnotationFormat.CvatXml or AnnotationFormat.PascalVoc
                || (options.Format is null && Path.GetExtension(path).Equals(".xml", StringComparison.OrdinalIgnoreCase)))
            {
                return ReadXml(XmlParts.Load(path), sink);
            }

            using FileStream stream = File.OpenRead(path);
            using JsonDocument document = JsonDocument.Parse(stream);
            return ReadJson(document.RootElement, sink);
        }
        catch (Exception exception) when (exception is JsonException or XmlException or IOException or UnauthorizedAccessException)
        {
            throw new AnnotationException(
                new Problem(
                    path,
                    $"a file that cannot be read ({exception.Message.TrimEnd('.')})",
                    "annotations of QuPath, COCO, CVAT, Label Studio, Pascal VOC or labelme",
                    "Check the path, or export the file again"),
                exception);
        }
    }

    private static AnnotationSet ReadXml(XElement root, AnnotationSink sink) => sink.Options.Format switch
    {
        AnnotationFormat.CvatXml or null when CvatXmlFile.Recognizes(root) => CvatXmlFile.Read(root, sink),
        AnnotationFormat.PascalVoc or null when PascalVocFile.Recognizes(root) => One(PascalVocFile.Read(root, sink), sink),
        _ => throw Unknown(sink, $"the element '{root.Name.LocalName}'"),
    };

    private static AnnotationSet ReadJson(JsonElement root, AnnotationSink sink) => sink.Options.Format switch
    {
        AnnotationFormat.Coco or null when CocoFile.Recognizes(root) => CocoFile.Read(root, sink),
        AnnotationFormat.QuPathGeoJson or null when QuPathGeoJson.Recognizes(root) =>
            One(QuPathGeoJson.Read(root, sink, Path.GetFileNameWithoutExtension(sink.Path)), sink),
        AnnotationFormat.LabelMe or null when LabelMeFile.Recognizes(root) => One(LabelMeFile.Read(root, sink), sink),
        AnnotationFormat.LabelStudio or null when LabelStudioFile.Recognizes(root) => LabelStudioFile.Read(root, sink),
        _ => throw Unknown(sink, "JSON"),
    };

    private static AnnotationSet One(AnnotatedImage image, AnnotationSink sink) =>
        AnnotationSet.Of([image]) with { LeftOut = sink.LeftOut };

    private static AnnotationException Unknown(AnnotationSink sink, string received) => new(new Problem(
        sink.Path,
        $"{received} that is no file of {sink.Options.Format?.ToString() ?? "a known format"}",
        "annotations of QuPath, COCO, CVAT for images, Label Studio, Pascal VOC or labelme",
        "Export them in one of these formats"));
}

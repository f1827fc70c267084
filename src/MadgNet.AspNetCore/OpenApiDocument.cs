using System.Text;
using System.Text.Json.Nodes;

namespace MadgNet.AspNetCore;

/// <summary>The description of the service for machines, with the forms and formats that it has.</summary>
internal static class OpenApiDocument
{
    private const string Segment = "/segment";

    /// <summary>The document for a service whose endpoint has a path of its own.</summary>
    public static byte[] Write(string path, MadgNetServiceOptions options)
    {
        var outputs = new OutputChoice(options.ResultFormats);
        JsonNode document = JsonNode.Parse(EmbeddedFile.Read("Documents/openapi.json"))!;
        JsonObject paths = document["paths"]!.AsObject();
        if (path != Segment)
        {
            JsonNode segment = paths[Segment]!;
            paths.Remove(Segment);
            paths.Add(path, segment);
        }

        JsonNode post = paths[path]!["post"]!;
        JsonNode output = post["parameters"]!.AsArray().Single(parameter => (string?)parameter!["name"] == "output")!;
        output["schema"]!["enum"] = new JsonArray([.. outputs.Names.Select(name => (JsonNode)JsonValue.Create(name)!)]);
        JsonObject upload = post["requestBody"]!["content"]!.AsObject();
        foreach (IImageFormat format in options.ImageFormats)
        {
            upload[format.MediaType] = Binary();
        }

        JsonObject answers = post["responses"]!["200"]!["content"]!.AsObject();
        foreach (IResultFormat format in options.ResultFormats)
        {
            answers[format.MediaType] = Binary();
        }

        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    private static JsonObject Binary() => new() { ["schema"] = new JsonObject { ["type"] = "string", ["format"] = "binary" } };
}

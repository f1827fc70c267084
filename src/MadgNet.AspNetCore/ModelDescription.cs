using System.Text.Json;
using MadgNet.Core.Inference;
using MadgNet.Onnx.Hosting;

namespace MadgNet.AspNetCore;

/// <summary>What a caller may know of the network and the service's limits.</summary>
internal static class ModelDescription
{
    public static byte[] Write(HostedPredictor hosted, MadgNetServiceOptions options, string endpoint)
    {
        IImagePredictor predictor = hosted.Predictor;
        NetworkDescription network = predictor.Network;
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("name", hosted.Name);
            json.WriteString("endpoint", endpoint);
            WriteTexts(json, "labels", LabelNames.Of(network));
            json.WriteNumber("threshold", predictor.Thresholds[0]);
            json.WriteStartObject("input");
            (int Height, int Width)? size = network.FixedSize
                ?? (network.Input.Size is { } own ? (own.Height, own.Width) : null);
            WriteNumber(json, "width", size?.Width);
            WriteNumber(json, "height", size?.Height);
            json.WriteNumber("channels", network.InputChannels);
            json.WriteEndObject();
            WriteTexts(json, "maps", predictor.Maps);
            json.WriteNumber("maximumBytes", options.MaximumBytes);
            json.WriteNumber("maximumPixels", options.MaximumPixels);
            WriteTexts(json, "formats", new ImageFormats(options).Names);
            WriteTexts(json, "outputs", new OutputChoice(options.ResultFormats).Names);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}

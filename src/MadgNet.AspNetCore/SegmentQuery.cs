using System.Globalization;
using MadgNet.Onnx.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace MadgNet.AspNetCore;

/// <summary>What a caller asks for beside the form of the answer.</summary>
/// <param name="Threshold">The probability from which on a pixel belongs to a label; null for the network's own.</param>
/// <param name="Label">The number of the one label that is wanted; null for all, or for the first where a picture shows one.</param>
/// <param name="Map">The map that is wanted.</param>
internal sealed record SegmentQuery(double? Threshold, int? Label, string Map)
{
    /// <exception cref="ServiceRefusal">A value is none.</exception>
    public static SegmentQuery Of(HttpRequest request, IImagePredictor predictor)
    {
        double? threshold = null;
        if (request.Query.TryGetValue("threshold", out StringValues text))
        {
            threshold = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= 1
                ? value
                : throw Refuse("threshold", text, "a number from 0 to 1");
        }

        IReadOnlyList<string> names = LabelNames.Of(predictor.Network);
        int? label = null;
        if (request.Query.TryGetValue("label", out StringValues name))
        {
            int index = names.ToList().FindIndex(known => name == known);
            label = index >= 0 ? index : throw Refuse("label", name, string.Join(", ", names));
        }

        string map = predictor.Maps[0];
        if (request.Query.TryGetValue("map", out StringValues asked))
        {
            map = predictor.Maps.FirstOrDefault(known => asked == known)
                ?? throw Refuse("map", asked, $"{string.Join(", ", predictor.Maps)}, the maps of this network");
        }

        return new SegmentQuery(threshold, label, map);
    }

    private static ServiceRefusal Refuse(string name, StringValues received, string expected) => new(
        StatusCodes.Status400BadRequest, $"{name}: received '{Shown.Text(received)}'; expected {expected}. Correct the query.");
}

using System.Globalization;
using MadgNet.Core.Foundation;
using MadgNet.Core.Modules.Encoders;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary>The levels of any encoder: one of this library, or one of your own that says what it is.</summary>
internal static class EncoderGraphs
{
    /// <summary>Adds an encoder to a graph.</summary>
    /// <param name="operations">The graph.</param>
    /// <param name="weights">The weights of the whole network.</param>
    /// <param name="encoder">The encoder.</param>
    /// <param name="name">What it is called in the network.</param>
    /// <param name="image">The image.</param>
    /// <exception cref="OnnxExportException">The encoder is the host's, and does not say what it is, or not what it declares.</exception>
    public static IReadOnlyList<OnnxFeatureMap> Build(
        Operations operations, ModelWeights weights, IEncoder encoder, string name, OnnxFeatureMap image)
    {
        IEncoderGraph? graph = encoder switch
        {
            ResNeStEncoder => new ResNeStGraph(operations, weights, name),
            ResNetEncoder resNet => new ResNetGraph(operations, weights, name, resNet.Depth),
            Res2NetEncoder => new Res2NetGraph(operations, weights, name),
            UNetEncoder => new UNetEncoderGraph(operations, weights, name),
            _ => null,
        };
        if (graph is not null)
        {
            return graph.Build(image, (int)encoder.InputChannels);
        }

        return encoder is IOnnxEncoder own
            ? BuildOwn(own, operations, name, image)
            : throw new OnnxExportException(new Problem(
                "Encoder",
                $"an encoder of the host's, {encoder.GetType().Name}",
                $"an encoder of this library, whose graphs the exporter knows, or an {nameof(IOnnxEncoder)}",
                $"Implement {nameof(IOnnxEncoder)} on the encoder"));
    }

    /// <summary>The levels of an encoder of your own, held to what it declares.</summary>
    private static IReadOnlyList<OnnxFeatureMap> BuildOwn(IOnnxEncoder encoder, Operations operations, string name, OnnxFeatureMap image)
    {
        using IDisposable scope = operations.Graph.Scope(name);
        var graph = new OnnxGraph(operations);
        OnnxFeatureMap input = image.Channels == encoder.InputChannels ? image : graph.Concatenate(image, image, image);
        IReadOnlyList<OnnxFeatureMap> levels = encoder.Export(graph, input);
        bool fits = levels is not null && levels.Count == encoder.Levels.Count && levels.Zip(encoder.Levels).All(pair =>
            pair.First.Name is not null
            && pair.First.Channels == pair.Second.Channels
            && (pair.First.Height ?? image.Height / pair.Second.Stride) == image.Height / pair.Second.Stride
            && (pair.First.Width ?? image.Width / pair.Second.Stride) == image.Width / pair.Second.Stride);
        return fits ? levels! : throw new OnnxExportException(new Problem(
            $"{encoder.GetType().Name}.{nameof(IOnnxEncoder.Export)}",
            string.Join(
                ", ",
                levels?.Select(level =>
                    $"{level.Channels}×{level.Height?.ToString(CultureInfo.InvariantCulture) ?? "?"}×{level.Width?.ToString(CultureInfo.InvariantCulture) ?? "?"}")
                    ?? ["null"]),
            string.Join(", ", encoder.Levels.Select(level => $"{level.Channels} channels /{level.Stride}")),
            "Correct what Export returns, or the encoder's Levels"));
    }
}

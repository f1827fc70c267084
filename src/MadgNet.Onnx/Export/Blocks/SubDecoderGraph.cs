using MadgNet.Core.Models;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Weights;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary>
/// <see cref="SubDecoder"/>, all kinds. The heads that are needed are one convolution, and their maps are enlarged together.
/// </summary>
internal sealed class SubDecoderGraph(Operations operations, ModelWeights weights)
{
    /// <summary>The logits of the region and, where they are asked for, of distance and boundary.</summary>
    /// <exception cref="OnnxExportException">The sub-decoder is the host's, and no <see cref="IOnnxModule"/>.</exception>
    public IReadOnlyList<string> Build(OnnxFeatureMap features, string name, SubDecoder decoder, bool regionOnly)
    {
        using IDisposable scope = operations.Graph.Scope(name);
        if (decoder is not (EnsembleSubDecoder or ParallelSubDecoder or RegionSubDecoder))
        {
            return decoder is IOnnxModule own
                ? [own.Export(new OnnxGraph(operations), features).Name]
                : throw ChannelAttentionGraph.NoGraph(decoder.GetName());
        }

        bool ensemble = decoder is EnsembleSubDecoder;
        int tasks = decoder is RegionSubDecoder || (regionOnly && !ensemble) ? 1 : 3;
        int[] sizes = [.. Enumerable.Repeat(decoder.Labels, tasks)];
        Kernel[] heads = [.. new[]
        {
            SubDecoder.RegionHeadName,
            SubDecoder.DistanceHeadName,
            SubDecoder.BoundaryHeadName
        }[..tasks].Select(head => weights.Kernel($"{name}.{head}"))];
        OnnxFeatureMap maps = operations.Convolve(features, Kernel.Stack(heads));
        if (ensemble)
        {
            IReadOnlyList<string> low = operations.Split(maps.Name, 1, sizes);
            string distance = operations.Multiply(low[1], operations.Sigmoid(low[0]));
            string boundary = operations.Multiply(low[2], operations.Sigmoid(distance));
            maps = maps with { Name = operations.Concatenate(1, low[0], distance, boundary) };
        }

        IReadOnlyList<string> large = operations.Split(operations.Enlarge(maps, decoder.Upscale).Name, 1, sizes);
        if (!ensemble)
        {
            return large;
        }

        string corrected = operations.Add(large[1], operations.Sigmoid(large[2]));
        string region = operations.Add(large[0], operations.Sigmoid(corrected));
        return regionOnly ? [region] : [region, corrected, large[2]];
    }
}

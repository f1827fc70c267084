using MadgNet.Core.Models;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Weights;

namespace MadgNet.Onnx.Export.Blocks;

/// <summary><see cref="DecoderStage"/> and the skip connection before it.</summary>
internal sealed class DecoderStageGraph(Operations operations, ModelWeights weights)
{
    private readonly AttentionBlockGraph _attention = new(operations, weights);

    /// <summary>Merges deep features with those of an encoder level.</summary>
    /// <param name="deep">The features of the stage before.</param>
    /// <param name="level">The encoder's level, before its skip connection.</param>
    /// <param name="index">The stage, from 0.</param>
    /// <param name="stage">The stage's module, for its options.</param>
    public OnnxFeatureMap Build(OnnxFeatureMap deep, OnnxFeatureMap level, int index, DecoderStage stage)
    {
        string skipName = $"{MadgNetNames.SkipConnection}{index + 1}";
        string stageName = $"{MadgNetNames.DecoderStage}{index + 1}";
        OnnxFeatureMap skip;
        using (operations.Graph.Scope(skipName))
        {
            skip = operations.ConvolveRelu(level, weights.Kernel(skipName + ".0", skipName + ".1"));
        }

        using IDisposable scope = operations.Graph.Scope(stageName);
        OnnxFeatureMap upsampled = operations.ResizeLike(deep, skip);
        OnnxFeatureMap merged = skip with
        {
            Name = operations.Concatenate(1, upsampled.Name, skip.Name),
            Channels = deep.Channels + skip.Channels
        };
        OnnxFeatureMap features = operations.ConvolveRelu(merged, weights.Kernel(stageName + ".conv1.0", stageName + ".conv1.1"));
        features = _attention.Build(features, $"{stageName}.{DecoderStage.AttentionName}", stage.Attention);
        return operations.ConvolveRelu(features, weights.Kernel(stageName + ".conv2.0", stageName + ".conv2.1"));
    }
}

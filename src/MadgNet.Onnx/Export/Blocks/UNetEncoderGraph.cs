namespace MadgNet.Onnx.Export.Blocks;

/// <summary><see cref="Core.Modules.Encoders.UNetEncoder"/>.</summary>
internal sealed class UNetEncoderGraph(Operations operations, ModelWeights weights, string prefix) : IEncoderGraph
{
    private const int Levels = 5;

    public IReadOnlyList<OnnxFeatureMap> Build(OnnxFeatureMap image, int encoderChannels)
    {
        using IDisposable scope = operations.Graph.Scope(prefix);
        var levels = new List<OnnxFeatureMap>();
        for (int level = 1; level <= Levels; level++)
        {
            OnnxFeatureMap input = level == 1 ? image : operations.MaxPool(levels[^1], 2, 2, 0);
            bool repeated = level == 1 && image.Channels == 1 && encoderChannels != 1;
            levels.Add(DoubleConvolutionGraph.Build(operations, weights, input, $"{prefix}.level{level}", repeated));
        }

        return levels;
    }
}

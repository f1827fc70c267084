namespace MadgNet.Onnx.Export.Blocks;

/// <summary>
/// The blocks of <see cref="Core.Modules.Encoders.Res2NetEncoder"/>: four splits of the channels, each seeing the one before.
/// </summary>
internal sealed class Res2NetGraph(Operations operations, ModelWeights weights, string prefix) : EncoderGraph(operations, weights, prefix)
{
    private const int Scale = 4;

    protected override Kernel[] StemKernels() => DeepStem();

    protected override OnnxFeatureMap Shortcut(OnnxFeatureMap input, string name, int stride) => PooledShortcut(input, name, stride);

    protected override OnnxFeatureMap Residual(OnnxFeatureMap input, string name, int stride, bool first)
    {
        OnnxFeatureMap features = Operations.ConvolveRelu(input, Kernel(name + ".conv1", name + ".bn1"));
        int width = features.Channels / Scale;
        IReadOnlyList<string> splits = Operations.Split(features.Name, 1, width, width, width, width);
        var results = new OnnxFeatureMap[Scale];
        for (int i = 0; i < Scale; i++)
        {
            OnnxFeatureMap split = features with { Name = splits[i], Channels = width };
            if (i == Scale - 1)
            {
                // The first block of a layer pools its last split, whatever the stride; the others pass it on.
                results[i] = first ? Operations.AveragePool(split, 3, stride, 1) : split;
                continue;
            }

            // Within a layer each split adds the result of the one before; its first block keeps them apart.
            OnnxFeatureMap source = i == 0 || first ? split : split with { Name = Operations.Add(results[i - 1].Name, split.Name) };
            results[i] = Operations.ConvolveRelu(source, Kernel($"{name}.convs.{i}", $"{name}.bns.{i}"), stride);
        }

        OnnxFeatureMap merged = results[0] with
        {
            Name = Operations.Concatenate(1, [.. results.Select(result => result.Name)]),
            Channels = width * Scale,
        };
        return Operations.Convolve(merged, Kernel(name + ".conv3", name + ".bn3"));
    }
}

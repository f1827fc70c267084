namespace MadgNet.Onnx.Export.Blocks;

/// <summary>The graph of an encoder.</summary>
internal interface IEncoderGraph
{
    /// <summary>The levels of the pyramid, the finest first.</summary>
    /// <param name="image">The image; of one channel where the encoder takes three, it is repeated.</param>
    /// <param name="encoderChannels">The channels that the encoder takes.</param>
    IReadOnlyList<OnnxFeatureMap> Build(OnnxFeatureMap image, int encoderChannels);
}

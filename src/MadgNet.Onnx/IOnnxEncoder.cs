using MadgNet.Core.Modules.Encoders;

namespace MadgNet.Onnx;

/// <summary>
/// An encoder of a host's own that can say what it is in ONNX: a model on it can be exported like one on the library's encoders.
/// </summary>
public interface IOnnxEncoder : IEncoder
{
    /// <summary>Adds the encoder, in evaluation mode, to a graph.</summary>
    /// <param name="graph">The graph, with the operations that encoders are made of.</param>
    /// <param name="image">A batch of images with <see cref="IEncoder.InputChannels"/> channels.</param>
    /// <returns>One map a level, in the order of <see cref="IEncoder.Levels"/> and with their channels and strides.</returns>
    IReadOnlyList<OnnxFeatureMap> Export(OnnxGraph graph, OnnxFeatureMap image);
}

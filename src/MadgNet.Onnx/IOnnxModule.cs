namespace MadgNet.Onnx;

/// <summary>
/// A module of a host's own that can say what it is in ONNX: a channel or spatial attention, a sub-decoder, or a whole network. Implement
/// it on the class itself, beside its forward pass.
/// </summary>
public interface IOnnxModule
{
    /// <summary>Adds the module, in evaluation mode, to a graph.</summary>
    /// <param name="graph">The graph, with the operations that modules are made of.</param>
    /// <param name="input">What goes in: features, or for a whole network images with the channels of its input, values 0..1.</param>
    /// <returns>
    /// What comes out: for an attention the weighted features; for a sub-decoder, and for a whole network, the region logits at the
    /// output's resolution, one channel a label.
    /// </returns>
    OnnxFeatureMap Export(OnnxGraph graph, OnnxFeatureMap input);
}

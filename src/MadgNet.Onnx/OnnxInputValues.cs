namespace MadgNet.Onnx;

/// <summary>What an exported network takes as its image.</summary>
public enum OnnxInputValues
{
    /// <summary>
    /// float32, scaled as the model was trained, usually 0..1, as <see cref="MadgNet.Core.Models.MadgNetModel"/> takes it.
    /// </summary>
    Scaled,

    /// <summary>
    /// uint8, 0..255 as decoded. The scaling that the model's options name is part of the graph: division by 255, or the
    /// darkest value of each image to 0 and its brightest to 1.
    /// </summary>
    Bytes,
}

namespace MadgNet.Onnx;

/// <summary>What the numbers of an exported network are. Inputs and outputs are float32 in all of them.</summary>
public enum OnnxPrecision
{
    /// <summary>float32 throughout: what the network itself computes. Published configuration: 134 MB.</summary>
    Float32,

    /// <summary>
    /// float16 weights that are widened to float32 when a session loads them, and float32 computation: half the file at the
    /// speed of <see cref="Float32"/>, wherever that runs. For processors.
    /// </summary>
    Float16Weights,

    /// <summary>
    /// float16 weights and float16 computation between a float32 input and float32 outputs, for accelerators that compute
    /// in it. ONNX Runtime's x64 processors do not: there it runs, and is slower than <see cref="Float32"/>.
    /// </summary>
    Float16,

    /// <summary>
    /// 8-bit weights (symmetric around a zero point of 128, one scale an output channel) and activations that are quantised to 8
    /// bits anew for every batch, accumulated in int32: a quarter of the file. Convolutions of fewer than 4096 weights stay float32.
    /// </summary>
    Int8,
}

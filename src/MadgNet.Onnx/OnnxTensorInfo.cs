namespace MadgNet.Onnx;

/// <summary>An input or output of an ONNX file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type, as ONNX calls it: <c>float32</c>, <c>uint8</c> …, or <c>other</c> for what is no tensor.</param>
/// <param name="Shape">Its dimensions: a number, the name of one that is free, or <c>?</c>.</param>
public sealed record OnnxTensorInfo(string Name, string Type, IReadOnlyList<string> Shape);

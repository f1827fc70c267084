using System.Text.Json.Serialization;

namespace MadgNet.Onnx;

/// <summary>The generated serializer of the labels in a file's metadata: programs compiled ahead of time read it too.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class LabelNamesJson : JsonSerializerContext;

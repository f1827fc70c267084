using System.Reflection;
using Google.Protobuf;
using Onnx;

namespace MadgNet.Onnx.Tests.Weights;

/// <summary>The file that the pretrained weights are published in, where the restore has put it.</summary>
internal static class PublishedResNet18
{
    /// <summary>What the levels of the encoder are called in it: the stem, and the last ReLU of each layer.</summary>
    public static IReadOnlyList<string> Levels { get; } =
        ["ReLU253_Output_0", "ReLU283_Output_0", "ReLU315_Output_0", "ReLU347_Output_0", "ReLU393_Output_0"];

    public static string Path { get; } = typeof(PublishedResNet18).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "PublishedResNet18")
        .Value!;

    /// <summary>The network with its levels as outputs.</summary>
    public static byte[] WithLevels()
    {
        ModelProto model = Read();
        model.Graph.Output.Clear();
        foreach (string name in Levels)
        {
            model.Graph.Output.Add(new ValueInfoProto
            {
                Name = name,
                Type = new TypeProto
                {
                    TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float },
                },
            });
        }

        return model.ToByteArray();
    }

    /// <summary>The network, to be changed.</summary>
    public static ModelProto Read()
    {
        using FileStream stream = File.OpenRead(Path);
        return ModelProto.Parser.ParseFrom(stream);
    }
}

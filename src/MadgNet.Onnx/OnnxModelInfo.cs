using System.Globalization;
using Google.Protobuf;
using Onnx;

namespace MadgNet.Onnx;

/// <summary>What is in an ONNX file, without running it: needs neither ONNX Runtime's native library nor libtorch.</summary>
public sealed class OnnxModelInfo
{
    /// <summary>As deep as a file's parts may be nested; graphs inside graphs are a few levels.</summary>
    private const int NestingLimit = 64;

    private OnnxModelInfo(string path, long bytes, ModelProto model)
    {
        Path = path;
        ByteCount = bytes;
        IrVersion = model.IrVersion;
        Opset = model.OpsetImport.Where(set => set.Domain.Length == 0).Select(set => (long?)set.Version).FirstOrDefault();
        Producer = $"{model.ProducerName} {model.ProducerVersion}".Trim();
        var initializers = new HashSet<string>(model.Graph.Initializer.Select(tensor => tensor.Name), StringComparer.Ordinal);

        // Before version 4 of the format, weights were listed as inputs too.
        Inputs = [.. model.Graph.Input.Where(input => !initializers.Contains(input.Name)).Select(Describe)];
        Outputs = [.. model.Graph.Output.Select(Describe)];
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in model.MetadataProps)
        {
            metadata[entry.Key] = entry.Value;
        }

        Metadata = metadata;
        Operators = model.Graph.Node.GroupBy(node => node.OpType, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        ConstantCount = model.Graph.Initializer.Sum(tensor => tensor.Dims.Aggregate(1L, (product, size) => checked(product * size)));
    }

    /// <summary>Where the file is.</summary>
    public string Path { get; }

    /// <summary>The size of the file in bytes.</summary>
    public long ByteCount { get; }

    /// <summary>The version of the file format.</summary>
    public long IrVersion { get; }

    /// <summary>The version of ONNX's own operator set; null where the file uses others only.</summary>
    public long? Opset { get; }

    /// <summary>Name and version of the program that wrote the file.</summary>
    public string Producer { get; }

    /// <summary>The inputs, without weights.</summary>
    public IReadOnlyList<OnnxTensorInfo> Inputs { get; }

    /// <summary>The outputs.</summary>
    public IReadOnlyList<OnnxTensorInfo> Outputs { get; }

    /// <summary>The file's texts; those of this library are named by <see cref="OnnxMetadata"/>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>How many nodes of the main graph there are of each operator.</summary>
    public IReadOnlyDictionary<string, int> Operators { get; }

    /// <summary>The number of values in the constants: weights, and what the graph was built with.</summary>
    public long ConstantCount { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">An ONNX file.</param>
    /// <returns>What is in it.</returns>
    /// <exception cref="OnnxModelException">The file cannot be read, is damaged, or is no ONNX file.</exception>
    public static OnnxModelInfo Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using FileStream stream = RegularFile.OpenRead(path);
            using var input = CodedInputStream.CreateWithLimits(stream, int.MaxValue, NestingLimit);
            ModelProto model = ModelProto.Parser.ParseFrom(input);
            if (model.Graph is null || model.OpsetImport.Count == 0)
            {
                throw NoModel(path, "a file without a graph or without operator sets", null);
            }

            return new OnnxModelInfo(path, stream.Length, model);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or OverflowException)
        {
            throw NoModel(path, $"a damaged file ({exception.Message.TrimEnd('.')})", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw NoModel(path, $"a file that cannot be read ({exception.Message.TrimEnd('.')})", exception);
        }
    }

    private static OnnxModelException NoModel(string path, string received, Exception? cause) =>
        new(new Problem(path, received, "an intact ONNX file of at most 2 GiB", "Check the path, or export the network again"), cause);

    private static OnnxTensorInfo Describe(ValueInfoProto value)
    {
        if (value.Type?.TensorType is not { } tensor)
        {
            return new OnnxTensorInfo(value.Name, "other", []);
        }

        var type = (TensorProto.Types.DataType)tensor.ElemType;
        string name = type switch
        {
            TensorProto.Types.DataType.Float => "float32",
            TensorProto.Types.DataType.Double => "float64",
            _ => Enum.IsDefined(type) ? type.ToString().ToLowerInvariant() : "other",
        };
        return new OnnxTensorInfo(value.Name, name, [.. tensor.Shape?.Dim.Select(Describe) ?? []]);
    }

    private static string Describe(TensorShapeProto.Types.Dimension dimension) => dimension.ValueCase switch
    {
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue => dimension.DimValue.ToString(CultureInfo.InvariantCulture),
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam when dimension.DimParam.Length > 0 => dimension.DimParam,
        _ => "?",
    };
}

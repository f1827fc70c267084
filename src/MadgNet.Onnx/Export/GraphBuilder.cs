using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Google.Protobuf;
using Onnx;

namespace MadgNet.Onnx.Export;

/// <summary>
/// Builds an ONNX graph node by node: names values after the scope they are made in, keeps equal constants once and stores
/// them in the precision that was asked for.
/// </summary>
internal sealed class GraphBuilder(OnnxPrecision precision)
{
    /// <summary>The operator set that the graphs are written in.</summary>
    public const int Opset = 17;

    /// <summary>Constants below this many numbers stay float32 where only the large ones matter for the file's size.</summary>
    private const int SmallConstant = 1024;

    private readonly GraphProto _graph = new() { Name = "MADGNet" };
    private readonly Dictionary<string, string> _constants = [];
    private readonly Dictionary<string, int> _names = [];
    private readonly Stack<string> _scopes = [];
    private readonly Dictionary<string, string> _widened = [];

    /// <summary>The precision that weights are stored in.</summary>
    public OnnxPrecision Precision { get; } = precision;

    /// <summary>The type that the graph computes in.</summary>
    public TensorProto.Types.DataType ComputeType =>
        Precision == OnnxPrecision.Float16 ? TensorProto.Types.DataType.Float16 : TensorProto.Types.DataType.Float;

    /// <summary>Puts a part's name before those of the nodes made until it is disposed.</summary>
    public IDisposable Scope(string name)
    {
        _scopes.Push(name);
        return new ScopeEnd(_scopes);
    }

    /// <summary>Declares an input of the graph. A null dimension is free and has the name beside it.</summary>
    public void Input(string name, TensorProto.Types.DataType type, params (long? Size, string Name)[] dimensions) =>
        _graph.Input.Add(Describe(name, type, dimensions));

    /// <summary>Declares an output of the graph, which a node has been given the name of.</summary>
    public void Output(string name, params (long? Size, string Name)[] dimensions) =>
        _graph.Output.Add(Describe(name, TensorProto.Types.DataType.Float, dimensions));

    /// <summary>Adds a node with one output and gives that output's name.</summary>
    public string Node(string operation, IReadOnlyList<string> inputs, params AttributeProto[] attributes)
    {
        string output = Unique(operation);
        Add(operation, inputs, [output], attributes);
        return output;
    }

    /// <summary>Adds a node with several outputs.</summary>
    public IReadOnlyList<string> Nodes(string operation, IReadOnlyList<string> inputs, int outputs, params AttributeProto[] attributes)
    {
        string[] names = [.. Enumerable.Range(0, outputs).Select(_ => Unique(operation))];
        Add(operation, inputs, names, attributes);
        return names;
    }

    /// <summary>Adds a node whose output has a given name.</summary>
    public void Named(string operation, IReadOnlyList<string> inputs, string output, params AttributeProto[] attributes) =>
        Add(operation, inputs, [output], attributes);

    /// <summary>A constant in the type that the graph computes in.</summary>
    public string Constant(string name, float[] values, params long[] shape)
    {
        switch (Precision)
        {
            case OnnxPrecision.Float16:
                return Store(name, TensorProto.Types.DataType.Float16, Halves(name, values), shape);
            case OnnxPrecision.Float16Weights when values.Length >= SmallConstant:
                string half = Store(name, TensorProto.Types.DataType.Float16, Halves(name, values), shape);
                if (!_widened.TryGetValue(half, out string? wide))
                {
                    wide = Cast(half, TensorProto.Types.DataType.Float);
                    _widened.Add(half, wide);
                }

                return wide;
            default:
                return Float32(name, values, shape);
        }
    }

    /// <summary>A constant that is float32 in every precision.</summary>
    public string Float32(string name, float[] values, params long[] shape) =>
        Store(name, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes<float>(values).ToArray(), shape);

    /// <summary>A uint8 constant.</summary>
    public string UInt8(string name, byte[] values, params long[] shape) =>
        Store(name, TensorProto.Types.DataType.Uint8, values, shape);

    /// <summary>A list of integers, or a single one as a scalar where <paramref name="scalar"/>.</summary>
    public string Integers(string name, long[] values, bool scalar = false) =>
        Store(name, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes<long>(values).ToArray(), scalar ? [] : [values.Length]);

    /// <summary>A cast.</summary>
    public string Cast(string value, TensorProto.Types.DataType type) => Node("Cast", [value], Attribute("to", (long)type));

    /// <summary>
    /// <c>If</c>: the value of one of two sub-graphs, each a single node that reads values of this graph.
    /// </summary>
    public string If(string condition, NodeProto then, NodeProto otherwise)
    {
        return Node(
            "If",
            [condition],
            new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch(then) },
            new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch(otherwise) });

        GraphProto Branch(NodeProto node)
        {
            node.Output.Clear();
            node.Output.Add(Unique("branch"));
            var graph = new GraphProto { Name = node.Output[0] };
            graph.Node.Add(node);
            graph.Output.Add(Describe(node.Output[0], ComputeType, [(null, ""), (null, ""), (null, ""), (null, "")]));
            return graph;
        }
    }

    /// <summary>The finished file.</summary>
    public ModelProto Finish(string version, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var model = new ModelProto
        {
            // The intermediate representation that came with operator set 17 (ONNX 1.12).
            IrVersion = 8,
            ProducerName = "MadgNet.Onnx",
            ProducerVersion = version,
            Domain = "madgnet",
            Graph = _graph,
            DocString = "MADGNet (Nam et al., CVPR 2024), medical image segmentation.",
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        foreach ((string key, string value) in metadata)
        {
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        return model;
    }

    public static AttributeProto Attribute(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static AttributeProto Attribute(string name, string value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Attribute(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    /// <summary>A node for a branch of <see cref="If"/>.</summary>
    public static NodeProto Free(string operation, string input, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation };
        node.Input.Add(input);
        node.Attribute.AddRange(attributes);
        return node;
    }

    private static ValueInfoProto Describe(string name, TensorProto.Types.DataType type, (long? Size, string Name)[] dimensions)
    {
        var shape = new TensorShapeProto();
        foreach ((long? size, string dimension) in dimensions)
        {
            var entry = new TensorShapeProto.Types.Dimension();
            if (size is { } known)
            {
                entry.DimValue = known;
            }
            else if (dimension.Length > 0)
            {
                entry.DimParam = dimension;
            }

            shape.Dim.Add(entry);
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }

    private static byte[] Halves(string name, float[] values)
    {
        var halves = new Half[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            halves[i] = (Half)values[i];
            if (Half.IsInfinity(halves[i]))
            {
                throw new OnnxExportException(new Problem(
                    name,
                    string.Create(CultureInfo.InvariantCulture, $"a weight of {values[i]} for half precision"),
                    "weights of at most 65504, the largest number that float16 holds",
                    "Export with OnnxPrecision.Float32"));
            }
        }

        return MemoryMarshal.AsBytes<Half>(halves).ToArray();
    }

    private void Add(string operation, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = $"node_{outputs[0]}" };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes);
        _graph.Node.Add(node);
    }

    /// <summary>Adds a constant, or finds an equal one.</summary>
    private string Store(string name, TensorProto.Types.DataType type, byte[] bytes, long[] shape)
    {
        string key = $"{type} {string.Join('x', shape)} {Convert.ToHexString(SHA256.HashData(bytes))}";
        if (!_constants.TryGetValue(key, out string? known))
        {
            known = Unique(name);
            var tensor = new TensorProto { Name = known, DataType = (int)type, RawData = UnsafeByteOperations.UnsafeWrap(bytes) };
            tensor.Dims.AddRange(shape);
            _graph.Initializer.Add(tensor);
            _constants.Add(key, known);
        }

        return known;
    }

    private string Unique(string name)
    {
        string full = string.Join('/', _scopes.Reverse().Append(name));
        int count = CollectionsMarshal.GetValueRefOrAddDefault(_names, full, out _)++;
        return count == 0 ? full : $"{full}_{count}";
    }

    private sealed class ScopeEnd(Stack<string> scopes) : IDisposable
    {
        public void Dispose() => scopes.Pop();
    }
}

namespace MadgNet.Onnx;

/// <summary>
/// Looks through an ONNX file, without holding it, for what reaches beyond it: tensors whose values lie in other files, and sparse tensors,
/// whose parts may.
/// </summary>
/// <remarks>Knows the messages that tensors can be in: model, graph, node, attribute, function, training information.</remarks>
internal sealed class OnnxScan
{
    private const int DeepestNesting = 64;
    private readonly WireReader _reader;
    private readonly List<string> _locations = [];

    private OnnxScan(WireReader reader) => _reader = reader;

    private enum Message
    {
        Model,
        Training,
        Graph,
        Function,
        Node,
        Attribute,
        Tensor,
        Sparse,
        Entry,
    }

    /// <summary>The other files that tensors name, each once; an empty name where a tensor says that there is one, but not which.</summary>
    public IReadOnlyList<string> ExternalFiles => _locations;

    /// <summary>Whether there is a sparse tensor.</summary>
    public bool HasSparse { get; private set; }

    /// <summary>Looks through a file.</summary>
    /// <param name="stream">The file, at its beginning; it can seek.</param>
    /// <exception cref="InvalidDataException">It is no sequence of fields.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static OnnxScan Of(Stream stream)
    {
        var scan = new OnnxScan(new WireReader(stream));
        scan.Visit(Message.Model, stream.Length, 0);
        return scan;
    }

    private static Message? Inner(Message message, int field) => (message, field) switch
    {
        (Message.Model, 7) => Message.Graph,
        (Message.Model, 20) => Message.Training,
        (Message.Model, 25) => Message.Function,
        (Message.Training, 1 or 2) => Message.Graph,
        (Message.Graph, 1) or (Message.Function, 7) => Message.Node,
        (Message.Graph, 5) => Message.Tensor,
        (Message.Graph, 15) => Message.Sparse,
        (Message.Function, 11) => Message.Attribute,
        (Message.Node, 5) => Message.Attribute,
        (Message.Attribute, 5 or 10) => Message.Tensor,
        (Message.Attribute, 6 or 11) => Message.Graph,
        (Message.Attribute, 22 or 23) => Message.Sparse,
        (Message.Sparse, 1 or 2) => Message.Tensor,
        (Message.Tensor, 13) => Message.Entry,
        _ => null,
    };

    private void Visit(Message message, long end, int depth)
    {
        const int DataLocation = 14;
        if (depth > DeepestNesting)
        {
            throw new InvalidDataException($"parts that are nested more than {DeepestNesting} deep");
        }

        HasSparse |= message == Message.Sparse;
        bool external = false;
        string? location = null;
        while (_reader.Position < end)
        {
            (int field, int type) = _reader.ReadTag();
            if (message == Message.Tensor && field == DataLocation && type == WireReader.Varint)
            {
                external |= _reader.ReadVarint() != 0;
            }
            else if (type == WireReader.Bytes && Inner(message, field) is { } inner)
            {
                long last = _reader.ReadEnd(end);
                if (inner == Message.Entry)
                {
                    external = true;
                    location = ReadEntry(last) ?? location;
                }
                else
                {
                    Visit(inner, last, depth + 1);
                }
            }
            else
            {
                _reader.Skip(type, end);
            }
        }

        if (external && !_locations.Contains(location ?? string.Empty, StringComparer.Ordinal))
        {
            _locations.Add(location ?? string.Empty);
        }
    }

    /// <summary>The value of an entry that is called <c>location</c>; null for every other.</summary>
    private string? ReadEntry(long end)
    {
        const int Longest = 4096;
        string? key = null;
        string? value = null;
        while (_reader.Position < end)
        {
            (int field, int type) = _reader.ReadTag();
            if (type == WireReader.Bytes && field is 1 or 2)
            {
                string text = _reader.ReadText(_reader.ReadEnd(end), Longest);
                (key, value) = field == 1 ? (text, value) : (key, text);
            }
            else
            {
                _reader.Skip(type, end);
            }
        }

        return key == "location" ? value ?? string.Empty : null;
    }
}

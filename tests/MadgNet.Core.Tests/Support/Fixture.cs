using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Support;

/// <summary>
/// One golden file: the tensors of <c>NAME.safetensors</c> and its entry of <c>index.json</c>. Reads the format on its
/// own, so that an error in the library's reader cannot hide an error in the network.
/// </summary>
internal sealed class Fixture : IDisposable
{
    private static readonly Lazy<JsonDocument> Index =
        new(() => JsonDocument.Parse(File.ReadAllBytes(PathOf("index.json"))));

    private readonly Dictionary<string, Tensor> _tensors = [];

    private Fixture(string name, string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int headerLength = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(8, headerLength));
        foreach (JsonProperty entry in header.RootElement.EnumerateObject())
        {
            if (entry.Name == "__metadata__")
            {
                continue;
            }

            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
            long[] offsets = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64())];
            ScalarType type = entry.Value.GetProperty("dtype").GetString() switch
            {
                "F32" => ScalarType.Float32,
                "F64" => ScalarType.Float64,
                "I32" => ScalarType.Int32,
                "I64" => ScalarType.Int64,
                "U8" => ScalarType.Byte,
                string other => throw new NotSupportedException($"{name}: {other}"),
                null => throw new InvalidDataException(name),
            };
            Tensor tensor = empty(shape, type);
            tensor.bytes = bytes.AsSpan(8 + headerLength + (int)offsets[0], (int)(offsets[1] - offsets[0]));
            _tensors[entry.Name] = tensor.DetachFromDisposeScope();
        }

        Info = Index.Value.RootElement.TryGetProperty(name, out JsonElement info) ? info : default;
    }

    /// <summary>The file's entry of <c>index.json</c>; undefined where it has none.</summary>
    public JsonElement Info { get; }

    /// <summary>The names of the stored tensors.</summary>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>The prefix of the names that the rule is fed with.</summary>
    public string Prefix => Info.GetProperty("prefix").GetString()!;

    /// <summary>A stored tensor; the fixture keeps it.</summary>
    public Tensor this[string name] => _tensors.TryGetValue(name, out Tensor? tensor)
        ? tensor
        : throw new KeyNotFoundException($"'{name}' is none of {string.Join(", ", _tensors.Keys)}");

    /// <summary>Opens <c>Fixtures/NAME.safetensors</c>.</summary>
    public static Fixture Open(string name) => new(name, PathOf(name + ".safetensors"));

    /// <summary>Opens a golden file outside of <c>Fixtures</c>.</summary>
    public static Fixture OpenFile(string path) => new(Path.GetFileNameWithoutExtension(path), path);

    /// <summary>The path of a file below <c>Fixtures</c>.</summary>
    public static string PathOf(string relative) => Path.Combine(AppContext.BaseDirectory, "Fixtures", relative);

    /// <summary>The input that the rule rebuilds from the entry's shape and range.</summary>
    public Tensor Input()
    {
        long[] shape = [.. Info.GetProperty("input").EnumerateArray().Select(size => size.GetInt64())];
        double[] range = [.. Info.GetProperty("input_range").EnumerateArray().Select(bound => bound.GetDouble())];
        return FixtureRule.Tensor(Prefix + "input", shape, range[0], range[1]);
    }

    public bool Contains(string name) => _tensors.ContainsKey(name);

    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
        {
            tensor.Dispose();
        }
    }
}

using System.Runtime.InteropServices;
using System.Text.Json;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Support;

/// <summary>The files of <c>Fixtures/checkpoints</c> and what <c>expected.json</c> says of their content.</summary>
internal static class CheckpointFixture
{
    private static readonly Lazy<JsonDocument> Expected = new(() => JsonDocument.Parse(File.ReadAllBytes(PathOf("expected.json"))));

    /// <summary>The files that hold the tensors of <c>expected.json</c>.</summary>
    public static readonly IReadOnlyList<string> Same = [
        "plain.safetensors",
        "zip.pth",
        "legacy.pth",
        "training_state.pth.tar",
        "data_parallel.pth"
    ];

    /// <summary>All good files.</summary>
    public static readonly IReadOnlyList<string> Good = [.. Same, "with_optimizer.pth", "single_parameter.pth"];

    /// <summary>The names of the expected tensors.</summary>
    public static IReadOnlyList<string> Names => [.. Expected.Value.RootElement.EnumerateObject().Select(entry => entry.Name)];

    public static string PathOf(string name) => Fixture.PathOf(Path.Combine("checkpoints", name));

    /// <summary>The file names of the hostile files.</summary>
    public static IReadOnlyList<string> Hostile =>
        [.. Directory.GetFiles(PathOf("hostile")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    /// <summary>Asserts that an archive holds one of the expected tensors: type, shape and every value, exactly.</summary>
    public static void AssertHolds(WeightArchive archive, string name)
    {
        JsonElement expected = Expected.Value.RootElement.GetProperty(name);
        string type = expected.GetProperty("dtype").GetString()!;
        long[] shape = [.. expected.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        double[] values = [.. expected.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];

        TensorInfo info = archive.Tensors[name];
        Assert.Equal(TypeOf(type), info.Type);
        Assert.Equal(shape, info.Shape);

        using var scope = NewDisposeScope();
        Tensor loaded = archive.Load(name);
        Assert.Equal(info.Type, loaded.dtype);
        Assert.Equal(shape, loaded.shape);
        Assert.True(loaded.is_contiguous());
        Assert.Equal(values, MemoryMarshal.Cast<byte, double>(loaded.to(ScalarType.Float64).bytes).ToArray());
    }

    private static ScalarType TypeOf(string name) => name switch
    {
        "float32" => ScalarType.Float32,
        "float64" => ScalarType.Float64,
        "float16" => ScalarType.Float16,
        "bfloat16" => ScalarType.BFloat16,
        "int64" => ScalarType.Int64,
        "uint8" => ScalarType.Byte,
        "bool" => ScalarType.Bool,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "not in the fixture"),
    };
}

using System.Buffers.Binary;
using System.Text;
using CsCheck;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Weights;

public sealed class SafetensorsFileTests
{
    public static TheoryData<ScalarType> Types => [.. ElementType.All.Select(type => type.Type)];

    [Fact]
    public void Saving_again_what_the_reference_implementation_saved_gives_the_same_bytes()
    {
        // plain.safetensors was written by safetensors.torch.save_file: order, JSON and alignment are its own.
        string original = CheckpointFixture.PathOf("plain.safetensors");
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using (WeightArchive archive = SafetensorsFile.Open(original))
        {
            SafetensorsFile.Save(folder.File("again"), archive.Names.Reverse().ToDictionary(name => name, archive.Load), archive.Metadata);
        }

        Assert.Equal(File.ReadAllBytes(original), File.ReadAllBytes(folder.File("again")));
    }

    [Fact]
    public void Metadata_is_read_as_it_was_written()
    {
        using WeightArchive archive = SafetensorsFile.Open(CheckpointFixture.PathOf("plain.safetensors"));
        Assert.Equal(new Dictionary<string, string> { ["format"] = "pt", ["note"] = "µ" }, archive.Metadata);
    }

    [Theory, MemberData(nameof(Types))]
    public void Every_type_and_shape_comes_back_exactly(ScalarType type)
    {
        using var folder = new TemporaryFolder();
        Gen.Select(Gen.Long[0, 5].Array[0, 5], Gen.Int).Sample(
            (shape, seed) =>
            {
                using var scope = NewDisposeScope();
                Tensor saved = Random(type, shape, seed);
                string path = folder.File("weights.safetensors");
                SafetensorsFile.Save(path, [KeyValuePair.Create("a.b", saved)]);
                using WeightArchive archive = SafetensorsFile.Open(path);
                AssertSame(saved, archive.Load("a.b"));
            },
            iter: 20,
            threads: 1);
    }

    [Fact]
    public void Any_names_and_metadata_come_back_exactly()
    {
        using var folder = new TemporaryFolder();
        Gen<string> text = Gen.Char.Array[0, 12].Select(characters => new string(characters)).Where(IsValid);
        Gen.Select(text.Where(name => name != "__metadata__").HashSet[0, 6], Gen.Dictionary(text, text)[0, 4]).Sample(
            (names, metadata) =>
            {
                using var scope = NewDisposeScope();
                string path = folder.File("weights.safetensors");
                SafetensorsFile.Save(path, names.Select((name, index) => KeyValuePair.Create(name, tensor((long)index))), metadata);
                using WeightArchive archive = SafetensorsFile.Open(path);
                Assert.Equal(names.Order(StringComparer.Ordinal), archive.Names.Order(StringComparer.Ordinal));
                Assert.Equal(metadata, archive.Metadata);
            },
            iter: 50,
            threads: 1);
    }

    [Fact]
    public void The_data_start_aligned()
    {
        using var folder = new TemporaryFolder();
        using Tensor value = ones(1);
        for (int length = 1; length <= 8; length++)
        {
            SafetensorsFile.Save(folder.File("weights"), [KeyValuePair.Create(new string('a', length), value)]);
            Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(File.ReadAllBytes(folder.File("weights"))) % 8);
        }
    }

    [Fact]
    public void Views_channels_last_and_parameters_are_written_as_dense_rows()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        Tensor values = arange(2 * 3 * 4 * 5, ScalarType.Float32).reshape(2, 3, 4, 5);
        var tensors = new Dictionary<string, Tensor>
        {
            ["channels_last"] = values.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2),
            ["transposed"] = values.transpose(0, 3),
            ["offset"] = values[1, 2],
            ["expanded"] = values[0, 0, 0, 0].expand(3, 2),
            ["parameter"] = nn.Parameter(values.clone()),
            ["shared"] = values,
        };

        SafetensorsFile.Save(folder.File("weights"), tensors);

        using WeightArchive archive = SafetensorsFile.Open(folder.File("weights"));
        foreach ((string name, Tensor saved) in tensors)
        {
            AssertSame(saved, archive.Load(name));
        }
    }

    [Fact]
    public void Tensors_larger_than_one_block_come_back_exactly()
    {
        // One element more than a block of 64 MiB holds.
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        Tensor saved = arange((1 << 26) + 1, ScalarType.Int64).to(ScalarType.Byte);
        SafetensorsFile.Save(folder.File("weights"), [KeyValuePair.Create("large", saved)]);
        using WeightArchive archive = SafetensorsFile.Open(folder.File("weights"));
        Assert.True(archive.Load("large").equal(saved).all().item<bool>());
    }

    [Fact]
    public void A_file_without_tensors_is_one()
    {
        using var folder = new TemporaryFolder();
        SafetensorsFile.Save(folder.File("weights"), []);
        using WeightArchive archive = WeightArchive.Open(folder.File("weights"));
        Assert.Empty(archive.Names);
    }

    [Fact]
    public void Saving_replaces_an_existing_file_and_leaves_nothing_else()
    {
        using var folder = new TemporaryFolder();
        using Tensor value = ones(3);
        folder.Write("weights", "old"u8);
        SafetensorsFile.Save(folder.File("weights"), [KeyValuePair.Create("a", value)]);
        Assert.Equal(["weights"], folder.Files);
        using WeightArchive archive = SafetensorsFile.Open(folder.File("weights"));
        Assert.Equal(["a"], archive.Names);
    }

    [Fact]
    public void A_tensor_that_fails_halfway_leaves_the_old_file_and_no_other()
    {
        using var folder = new TemporaryFolder();
        folder.Write("weights", "old"u8);
        using Tensor good = ones(3);

        // A tensor without values: its shape and type are known, reading it fails when its turn comes.
        using Tensor bad = empty([3], device: META);

        Assert.ThrowsAny<Exception>(() => SafetensorsFile.Save(
            folder.File("weights"), [KeyValuePair.Create("a", good), KeyValuePair.Create("b", bad)]));

        Assert.Equal(["weights"], folder.Files);
        Assert.Equal("old", File.ReadAllText(folder.File("weights")));
    }

    [Theory]
    [InlineData("no/such/directory/weights.safetensors")]
    [InlineData(".")]
    public void A_path_that_cannot_be_written_is_refused_and_leaves_nothing(string name)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Root, name);
        using Tensor value = ones(3);
        WeightFileException refused = Assert.Throws<WeightFileException>(() => SafetensorsFile.Save(
            path, [KeyValuePair.Create("a", value)]));
        Assert.Equal(path, refused.Path);
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void Tensors_and_texts_that_the_format_cannot_hold_are_refused_before_a_file_is_touched()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        Tensor good = ones(3);
        string path = folder.File("weights");
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Save(path, [KeyValuePair.Create("a", ones(3, ScalarType.ComplexFloat32))]));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Save(path, [KeyValuePair.Create("a", eye(3).to_sparse())]));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Save(path, [KeyValuePair.Create("__metadata__", good)]));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Save(
            path, [KeyValuePair.Create("a", good), KeyValuePair.Create("a", good)]));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Save(path, [KeyValuePair.Create("\uD800", good)]));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Save(
            path, [KeyValuePair.Create("a", good)], new Dictionary<string, string> { ["k"] = "\uDC00" }));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Save(path, [KeyValuePair.Create<string, Tensor>("a", null!)]));
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void Saving_leaves_no_tensor_also_when_it_fails()
    {
        using var folder = new TemporaryFolder();
        using Tensor value = ones(4, 5);
        using Tensor transposed = value.t();
        TensorLeak.None(() => SafetensorsFile.Save(folder.File("weights"), [KeyValuePair.Create("a", transposed)]));
        TensorLeak.None(() => Assert.Throws<WeightFileException>(() => SafetensorsFile.Save(
            Path.Combine(folder.Root, "no", "weights"), [KeyValuePair.Create("a", transposed)])));
    }

    [Theory]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
        8,
        "two entries")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "byte 4")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "byte 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "4 bytes after")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4,0],"data_offsets":[0,0]}}""", 0, "shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "bytes 4 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "4 bytes for 'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "incomplete")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "twice")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""", 4, "F8_E4M3")]
    [InlineData("""{"a":{"dtype":5,"shape":[4],"data_offsets":[0,4]}}""", 4, "dtype")]
    [InlineData("""{"a":[]}""", 0, "entry of 'a'")]
    [InlineData("""{"__metadata__":{"k":1}}""", 0, "metadata 'k'")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"}}""", 0, "metadata 'k' twice")]
    [InlineData("""{"a":{"x":{"x":{"x":{"x":{"x":{"x":{"x":{"x":1}}}}}}}}}""", 0, "not valid JSON")]
    [InlineData("""{} {}""", 0, "JSON")]
    [InlineData("""{"a":{"dtype":"F32" """, 0, "JSON")]
    [InlineData("""{"\uD800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "JSON")]
    public void A_header_that_lies_is_refused(string json, int dataLength, string said)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("weights", Content(json, dataLength));
        WeightFileException refused = Assert.Throws<WeightFileException>(() => SafetensorsFile.Open(path));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_with_unknown_properties_and_null_padding_of_spaces_is_accepted()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write(
            "weights", Content("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"later":{"x":[1]}}}     """, 4));
        using WeightArchive archive = SafetensorsFile.Open(path);
        Assert.Equal(["a"], archive.Names);
    }

    [Fact]
    public void A_header_above_the_limit_of_the_format_is_refused_without_being_read()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("weights");
        using (FileStream stream = File.Create(path))
        {
            Span<byte> start = stackalloc byte[9];
            BinaryPrimitives.WriteUInt64LittleEndian(start, 100_000_001);
            start[8] = (byte)'{';
            stream.Write(start);
            stream.SetLength(200_000_000);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<WeightFileException>(() => WeightArchive.Open(path));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < 1 << 20);
    }

    [Fact]
    public void Booleans_other_than_0_and_1_are_refused_when_they_are_loaded()
    {
        using var folder = new TemporaryFolder();
        byte[] file = Content("""{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}""", 2);
        file[^1] = 2;
        string path = folder.Write("weights", file);
        TensorLeak.None(() =>
        {
            using WeightArchive archive = SafetensorsFile.Open(path);
            Assert.Throws<WeightFileException>(() => archive.Load("a"));
        });
    }

    private static byte[] Content(string json, int dataLength)
    {
        byte[] header = Encoding.UTF8.GetBytes(json);
        byte[] file = new byte[8 + header.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        return file;
    }

    private static Tensor Random(ScalarType type, long[] shape, int seed)
    {
        using var generator = new Generator((ulong)(uint)seed);
        return randint(0, type == ScalarType.Bool ? 2 : 100, shape, ScalarType.Int64, generator: generator).to(type);
    }

    private static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(expected.detach().contiguous().bytes.ToArray(), actual.bytes.ToArray());
    }

    private static bool IsValid(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}

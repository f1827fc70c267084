using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Weights;

public sealed class PyTorchCheckpointTests
{
    private static readonly byte[] FourFloats = [0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64];

    [Fact]
    public void A_training_state_gives_the_state_dict_and_its_epoch()
    {
        using WeightArchive archive = PyTorchCheckpoint.Open(CheckpointFixture.PathOf("training_state.pth.tar"));
        Assert.Equal("200", archive.Metadata["current_epoch"]);
        Assert.Equal(CheckpointFixture.Names, archive.Names);
    }

    [Fact]
    public void A_state_with_an_optimizer_gives_the_model_alone()
    {
        using WeightArchive archive = PyTorchCheckpoint.Open(CheckpointFixture.PathOf("with_optimizer.pth"));
        Assert.Equal(
            ["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"],
            archive.Names);
        Assert.Equal([4, 3, 3, 3], archive.Tensors["0.weight"].Shape);

        // A BatchNorm that has seen one batch.
        using Tensor batches = archive.Load("1.num_batches_tracked");
        Assert.Equal(1, batches.item<long>());
    }

    [Fact]
    public void A_single_parameter_gives_one_tensor()
    {
        using WeightArchive archive = PyTorchCheckpoint.Open(CheckpointFixture.PathOf("single_parameter.pth"));
        Assert.Equal([PyTorchCheckpoint.SingleTensorName], archive.Names);
        Assert.Equal([3L], archive.Tensors["tensor"].Shape);
        using Tensor loaded = archive.Load("tensor");

        // The file's twelve bytes of data, read with Python's struct module.
        Assert.Equal([0.9470336437225342f, 0.5492489933967590f, 0.4915587306022644f], loaded.data<float>().ToArray());
    }

    [Fact]
    public void Plain_values_beside_the_state_dict_become_metadata()
    {
        byte[] pickle = new PickleWriter().Raw('}').Raw('(')
            .Text("epoch").Integer(-7)
            .Text("name").Text("µ")
            .Text("best").Raw('G', "3fe0000000000000")
            .Text("done").Raw(0x88)
            .Text("nothing").Raw('N')
            .Text("large").Raw(0x8A, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1)
            .Text("state_dict").Raw('}').Raw('(').Text("a").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Raw('u')
            .Raw('u').Stop();
        using var folder = new TemporaryFolder();
        using WeightArchive archive = PyTorchCheckpoint.Open(folder.Write("a", Zip(pickle)));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["epoch"] = "-7",
                ["name"] = "µ",
                ["best"] = "0.5",
                ["done"] = "true",
                ["large"] = "18446744073709551616"
            },
            archive.Metadata);
    }

    [Theory]
    [InlineData("model_state_dict")]
    [InlineData("state_dict")]
    [InlineData("net")]
    [InlineData("an_unusual_name")]
    public void The_state_dict_is_found_under(string name)
    {
        byte[] pickle = new PickleWriter().Raw('}').Raw('(')
            .Text("best_score").Tensor("FloatStorage", "0", 4, 0, [], []).Raw('0').Raw('N')
            .Text(name).Raw('}').Raw('(').Text("module.a").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Raw('u')
            .Raw('u').Stop();
        using var folder = new TemporaryFolder();
        using WeightArchive archive = PyTorchCheckpoint.Open(folder.Write("a", Zip(pickle)));
        Assert.Equal(["a"], archive.Names);
    }

    [Fact]
    public void A_prefix_that_not_every_name_has_stays()
    {
        using var folder = new TemporaryFolder();
        byte[] pickle = new PickleWriter().Raw('}').Raw('(')
            .Text("module.a").Tensor("FloatStorage", "0", 4, 0, [4], [1])
            .Text("b").Tensor("FloatStorage", "0", 4, 0, [4], [1])
            .Raw('u').Stop();
        using WeightArchive archive = PyTorchCheckpoint.Open(folder.Write("a", Zip(pickle)));
        Assert.Equal(["module.a", "b"], archive.Names);
    }

    [Theory]
    [InlineData(new long[] { 2, 2 }, new long[] { 2, 1 }, 0, new[] { 1f, 2, 3, 4 })]
    [InlineData(new long[] { 2, 2 }, new long[] { 1, 2 }, 0, new[] { 1f, 3, 2, 4 })]
    [InlineData(new long[] { 2 }, new long[] { 2 }, 1, new[] { 2f, 4 })]
    [InlineData(new long[] { 2, 1 }, new long[] { 1, 77 }, 2, new[] { 3f, 4 })]
    [InlineData(new long[] { 3, 2 }, new long[] { 0, 1 }, 1, new[] { 2f, 3, 2, 3, 2, 3 })]
    [InlineData(new long[] { 0, 2 }, new long[] { 9, 9 }, 4, new float[0])]
    [InlineData(new long[0], new long[0], 3, new[] { 4f })]
    public void A_view_is_read_with_its_offset_and_strides(long[] shape, long[] strides, long offset, float[] expected)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using WeightArchive archive = Open(folder, offset, shape, strides);
        Tensor loaded = archive.Load("a");
        Assert.Equal(shape, loaded.shape);
        Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(loaded.reshape(-1).bytes).ToArray());
    }

    [Fact]
    public void A_view_that_repeats_its_elements_takes_no_memory_that_the_file_does_not_hold()
    {
        // 4 TB if it were made dense.
        using var folder = new TemporaryFolder();
        using WeightArchive archive = Open(folder, 0, [1 << 20, 1 << 20], [0, 0]);
        using Tensor loaded = archive.Load("a");
        using Tensor last = loaded[(1 << 20) - 1, 5];
        Assert.Equal(1f, last.item<float>());
    }

    [Theory]
    [InlineData(new long[] { 5 }, new long[] { 1 }, 0)]
    [InlineData(new long[] { 4 }, new long[] { 1 }, 1)]
    [InlineData(new long[] { 4 }, new long[] { 1 }, -1)]
    [InlineData(new long[] { 2 }, new long[] { 4 }, 0)]
    [InlineData(new long[] { 2 }, new long[] { long.MaxValue }, 0)]
    [InlineData(new long[] { 2, 2 }, new long[] { long.MaxValue, long.MaxValue }, 0)]
    [InlineData(new long[] { 2 }, new long[] { -1 }, 1)]
    [InlineData(new long[] { -1 }, new long[] { 1 }, 0)]
    [InlineData(new long[] { 1L << 40, 1L << 40 }, new long[] { 0, 0 }, 0)]
    [InlineData(new long[] { 1L << 40, 1L << 40, 0 }, new long[] { 0, 0, 0 }, 0)]
    [InlineData(new long[] { 1 }, new long[] { 1 }, long.MaxValue)]
    [InlineData(new long[] { 1, 1 }, new long[] { 1 }, 0)]
    public void A_view_beyond_its_storage_is_refused(long[] shape, long[] strides, long offset)
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<WeightFileException>(() => Open(folder, offset, shape, strides));
    }

    [Fact]
    public void A_storage_that_claims_more_than_its_entry_holds_is_refused()
    {
        using var folder = new TemporaryFolder();
        byte[] pickle = new PickleWriter().Raw('}').Text("a").Tensor("FloatStorage", "0", long.MaxValue, 0, [1], [1]).Raw('s').Stop();
        string path = folder.Write("a", Zip(pickle));
        Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
    }

    [Theory]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("builtins", "getattr")]
    [InlineData("torch", "load")]
    [InlineData("torch", "FloatTensor")]
    [InlineData("torch._utils", "_rebuild_device_tensor_from_numpy")]
    [InlineData("numpy.core.multiarray", "_reconstruct")]
    public void Every_other_global_is_refused_by_name(string module, string name)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", Zip(new PickleWriter().Global(module, name).Raw(')').Raw('R').Stop()));
        WeightFileException refused = Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
        Assert.Contains($"'{module}.{name}'", refused.Problem.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('\x82')]
    [InlineData('P')]
    [InlineData('\x97')]
    [InlineData('\xFF')]
    public void Instructions_that_make_objects_are_refused(char instruction)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", Zip(new PickleWriter().Raw(')').Raw(')').Raw(instruction).Stop()));
        WeightFileException refused = Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
        Assert.Contains($"0x{(int)instruction:X2}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('i')]
    [InlineData('o')]
    [InlineData('\x81')]
    [InlineData('\x92')]
    public void Instructions_that_make_objects_make_none_of_plain_values(char instruction)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", Zip(new PickleWriter().Raw('(').Raw(')').Raw(')').Raw(')').Raw(instruction).Stop()));
        Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
    }

    private static readonly Dictionary<string, byte[]> Broken = new()
    {
        { "a text longer than the file", new PickleWriter().Raw('X', "ffffff7f").Stop() },
        { "bytes longer than the file", new PickleWriter().Raw((byte)0x8E, 255, 255, 255, 255, 255, 255, 255, 127).Stop() },
        { "bytes of negative length", new PickleWriter().Raw((byte)0x8E, 255, 255, 255, 255, 255, 255, 255, 255).Stop() },
        { "a number of many bytes", new PickleWriter().Raw(0x8B).Length(1 << 20).Raw(new byte[1 << 20]).Stop() },
        { "a number of many digits", new PickleWriter().Raw('L').Raw(Encoding.ASCII.GetBytes(new string('9', 4000) + "L\n")).Stop() },
        { "a line without end", new PickleWriter().Raw('c').Raw(new byte[1 << 20]).Stop() },
        { "no STOP", [0x80, 2, (byte)'}'] },
        { "an empty stack", new PickleWriter().Stop() },
        { "two values", new PickleWriter().Raw('N').Raw('N').Stop() },
        { "an open mark", new PickleWriter().Raw('N').Raw('(').Stop() },
        { "a tuple without mark", new PickleWriter().Raw('N').Raw('t').Stop() },
        { "a pop below the mark", new PickleWriter().Raw('N').Raw('(').Raw('0').Stop() },
        { "a tuple that reaches below the mark", new PickleWriter().Raw('N').Raw('(').Raw('N').Raw(0x86).Raw('1').Raw('N').Stop() },
        { "a key without value", new PickleWriter().Raw('}').Raw('(').Raw('N').Raw('u').Stop() },
        { "an append to a dictionary", new PickleWriter().Raw('}').Raw('N').Raw('a').Stop() },
        { "an unknown memo", new PickleWriter().Raw((byte)'h', 7).Stop() },
        { "a newer protocol", [0x80, 99, (byte)'N', (byte)'.'] },
        { "attributes on a list", new PickleWriter().Raw(']').Raw('}').Raw('b').Stop() },
        { "a call with other arguments", new PickleWriter().Global("torch._utils", "_rebuild_tensor_v2")
            .Raw('(')
            .Integer(1)
            .Raw('t')
            .Raw('R')
            .Stop() },
        { "a call of a storage", new PickleWriter().Global("torch", "FloatStorage").Raw(')').Raw('R').Stop() },
        { "a persistent module", new PickleWriter().Raw('(').Text("module").Raw('N').Raw('t').Raw('Q').Stop() },
        { "a plain number", new PickleWriter().Integer(5).Stop() },
        { "a list of nothing", new PickleWriter().Raw(']').Stop() },
        { "a dictionary without tensors", new PickleWriter().Raw('}').Text("epoch").Integer(1).Raw('s').Stop() },
    };

    public static TheoryData<string> BrokenPickles => [.. Broken.Keys];

    [Theory, MemberData(nameof(BrokenPickles))]
    public void A_broken_pickle_is_refused(string what)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", Zip(Broken[what]));
        Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
    }

    public static TheoryData<string> ExpensivePickles =>
    [
        "empty dictionaries", "nested lists", "a list that doubles", "copies of a large list", "tensors of the highest rank",
        "wrappers around a name",
        "a large dictionary under many names",
    ];

    [Theory, MemberData(nameof(ExpensivePickles))]
    public void A_pickle_that_works_hard_is_refused_in_time_and_in_bounded_memory(string what)
    {
        // At most one object of some 80 bytes an instruction, at most two million instructions, and lists that grow by doubling.
        const long AllowedBytes = 400 << 20;
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", Zip(Expensive(what)));
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{watch.Elapsed.TotalSeconds:F2} s");
        Assert.True(
            GC.GetAllocatedBytesForCurrentThread() - allocated < AllowedBytes,
            $"{GC.GetAllocatedBytesForCurrentThread() - allocated} bytes");
    }

    /// <summary>A few megabytes of the cheapest instructions for the greatest effect.</summary>
    private static byte[] Expensive(string what)
    {
        static byte[] Many(params byte[] unit) => [.. Enumerable.Repeat(unit, (3 << 20) / unit.Length).SelectMany(part => part)];
        long[] rank64 = [.. Enumerable.Repeat(1L, 64)];
        PickleWriter pickle = new();
        return (what switch
        {
            "empty dictionaries" => pickle.Raw(Many((byte)'}')),
            "nested lists" => pickle.Raw(Many((byte)']')).Raw(Many((byte)'a')),
            "a list that doubles" => pickle.Raw(']')
                .Raw((byte)'q', 0)
                .Raw(Many((byte)'(', (byte)'h', 0, (byte)'h', 0, (byte)'l', (byte)'q', 0)),
            "copies of a large list" => pickle.Global("builtins", "list")
                .Raw((byte)'q', 0)
                .Raw('(')
                .Raw(new string('N', 100_000).Select(code => (byte)code).ToArray())
                .Raw('l').Raw(0x85, (byte)'q', 1).Raw(Many((byte)'h', 0, (byte)'h', 1, (byte)'R')),
            "tensors of the highest rank" => pickle.Global("torch._utils", "_rebuild_tensor_v2").Raw((byte)'q', 0).Raw('(')
                .Raw('(').Text("storage").Global("torch", "FloatStorage").Text("0").Text("cpu").Integer(4).Raw('t').Raw('Q')
                .Integer(0).Tuple(rank64).Tuple(rank64).Raw('t').Raw((byte)'q', 1).Raw(Many((byte)'h', 0, (byte)'h', 1, (byte)'R')),
            "wrappers around a name" => pickle.Raw('}').Text(string.Concat(Enumerable.Repeat("module.", 300_000)))
                .Tensor("FloatStorage", "0", 4, 0, [4], [1]).Raw('s').Raw('N'),
            "a large dictionary under many names" => Enumerable.Range(0, 100_000)
                .Aggregate(
                    pickle.Raw('}')
                        .Raw((byte)'q', 0)
                        .Raw('(')
                        .Raw(Enumerable.Repeat((byte)'N', 200_000).ToArray())
                        .Raw('u')
                        .Raw('0')
                        .Raw('}')
                        .Raw('('),
                    (root, i) => root.Text($"n{i}").Raw((byte)'h', 0))
                .Raw('u'),
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, "no such pickle"),
        }).Stop();
    }

    [Fact]
    public void A_dictionary_that_contains_itself_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", Zip(new PickleWriter().Raw('}').Raw((byte)'q', 0).Text("model").Raw((byte)'h', 0).Raw('s').Stop()));
        Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
    }

    [Fact]
    public void Several_state_dicts_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var pickle = new PickleWriter().Raw('}').Raw('(');
        foreach (string name in new[] { "generator", "discriminator" })
        {
            pickle.Text(name).Raw('}').Text("a").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Raw('s');
        }

        string path = folder.Write("a", Zip(pickle.Raw('u').Stop()));
        WeightFileException refused = Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
        Assert.Contains("'generator', 'discriminator'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pickles_of_every_protocol_are_understood()
    {
        // {'a': tensor} with text, memo and container instructions of protocols 0 to 5 around it.
        byte[] pickle = new PickleWriter()
            .Raw('(').Raw('d').Raw('p', "300a").Raw('V', "6e0a").Raw('I', "31320a").Raw('s')
            .Raw('S', "276f27" + "0a").Raw('I', "30310a").Raw('s')
            .Raw(0x8C, 1, (byte)'f').Raw('F', "312e350a").Raw('s')
            .Raw(0x8D).Raw(1, 0, 0, 0, 0, 0, 0, 0).Raw('t').Raw('L', "334c0a").Raw('s')
            .Text("set").Raw(0x8F).Raw('(').Raw('N').Raw(0x90).Raw('s')
            .Text("a").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Raw('s')
            .Raw('0').Raw('g', "300a").Raw(0x95).Raw(0, 0, 0, 0, 0, 0, 0, 0).Stop();
        using var folder = new TemporaryFolder();
        using WeightArchive archive = PyTorchCheckpoint.Open(folder.Write("a", Zip(pickle)));
        Assert.Equal(["a"], archive.Names);
        Assert.Equal(new Dictionary<string, string> { ["n"] = "12", ["o"] = "true", ["f"] = "1.5", ["t"] = "3" }, archive.Metadata);
    }

    [Theory]
    [InlineData("big")]
    [InlineData("")]
    [InlineData("little endian, or so it says")]
    public void Another_byte_order_is_refused(string order)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write(
            "a",
            TorchSaveWriter.Zip([("z/data.pkl", Pickle()), ("z/byteorder", Encoding.ASCII.GetBytes(order)), ("z/data/0", FourFloats)]));
        WeightFileException refused = Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
        Assert.Contains("little-endian", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_legacy_file_of_another_byte_order_is_refused()
    {
        byte[] file = File.ReadAllBytes(CheckpointFixture.PathOf("legacy.pth"));
        int flag = file.AsSpan().IndexOf("little_endian"u8) + "little_endian".Length + 2;
        Assert.Equal(0x88, file[flag]);
        file[flag] = 0x89;
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", file);
        WeightFileException refused = Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
        Assert.Contains("little-endian", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_storage_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", TorchSaveWriter.Zip([("z/data.pkl", Pickle())]));
        WeightFileException refused = Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
        Assert.Contains("'z/data/0'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compressed_bomb_is_refused_unopened()
    {
        // 64 MB of zeros that deflate to about 64 KB.
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", TorchSaveWriter.Zip([("z/data.pkl", new byte[64 << 20])], CompressionLevel.Fastest));
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        WeightFileException refused = Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
        Assert.Contains("compressed", refused.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < 1 << 20);
    }

    [Fact]
    public void An_archive_without_a_pickle_a_program_and_an_archive_of_two_are_refused()
    {
        using var folder = new TemporaryFolder();
        foreach (string[] names in new string[][]
        {
            ["z/other"],
            ["data.pkl"],
            ["z/y/data.pkl"],
            ["z/data.pkl", "y/data.pkl"],
            ["z/data.pkl", "z/constants.pkl"]
        })
        {
            string path = folder.Write("a", TorchSaveWriter.Zip(names.Select(name => (name, Pickle()))));
            Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
        }
    }

    [Fact]
    public void A_zip_entry_twice_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write(
            "a", TorchSaveWriter.Zip([("z/data.pkl", Pickle()), ("z/data/0", FourFloats), ("z/data/0", FourFloats)]));
        WeightFileException refused = Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
        Assert.Contains("'z/data/0'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dictionary_of_settings_under_a_usual_name_is_not_taken_for_the_state_dict()
    {
        using var folder = new TemporaryFolder();
        byte[] pickle = new PickleWriter().Raw('}').Raw('(')
            .Text("model").Raw('}').Text("width").Integer(3).Raw('s')
            .Text("weights_of_it").Raw('}').Text("a").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Raw('s')
            .Raw('u').Stop();
        using WeightArchive archive = PyTorchCheckpoint.Open(folder.Write("a", Zip(pickle)));
        Assert.Equal(["a"], archive.Names);
    }

    [Fact]
    public void A_legacy_view_of_a_view_is_read_from_the_middle_of_its_storage()
    {
        // Files before PyTorch 1.0 name parts of a storage: here elements 1 to 3 of 4, and of these all but the first.
        using var folder = new TemporaryFolder();
        using WeightArchive archive = PyTorchCheckpoint.Open(folder.Write("a", Legacy(view: (1, 3), offset: 1, shape: 2)));
        using Tensor loaded = archive.Load("a");
        Assert.Equal([3f, 4f], loaded.data<float>().ToArray());
    }

    [Fact]
    public void A_legacy_view_beyond_its_part_of_the_storage_is_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(folder.Write("a", Legacy(view: (1, 2), offset: 1, shape: 2))));
        Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(folder.Write("a", Legacy(view: (2, 3), offset: 0, shape: 1))));
    }

    [Theory]
    [InlineData(3, "key")]
    [InlineData(5, "key")]
    [InlineData(-1, "key")]
    [InlineData(long.MaxValue, "key")]
    [InlineData(4, "other")]
    [InlineData(4, "key", "key")]
    public void A_legacy_list_of_storages_that_contradicts_the_tensors_is_refused(long count, params string[] keys)
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(folder.Write(
            "a", Legacy(view: null, offset: 0, shape: 1, count, keys))));
    }

    [Fact]
    public void A_zip_file_with_64_bit_fields_is_read()
    {
        using var folder = new TemporaryFolder();
        using WeightArchive archive = PyTorchCheckpoint.Open(folder.Write(
            "a", Zip64([("z/data.pkl", Pickle()), ("z/data/0", FourFloats)])));
        using Tensor loaded = archive.Load("a");
        Assert.Equal([1f, 2, 3, 4], loaded.data<float>().ToArray());
    }

    [Fact]
    public void A_zip_entry_that_ends_beyond_the_file_is_refused_when_it_is_opened()
    {
        // The directory and the pickle agree on 4 GB minus 16 bytes; the file has a few hundred.
        const long Claimed = 0xFFFF_FFF0;
        using var folder = new TemporaryFolder();
        byte[] pickle = new PickleWriter().Raw('}').Text("a").Tensor("FloatStorage", "0", Claimed / 4, 0, [1], [1]).Raw('s').Stop();
        byte[] zip = Zip(pickle);
        Span<byte> entry = zip.AsSpan(zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8));
        BinaryPrimitives.WriteUInt32LittleEndian(entry[20..], (uint)Claimed);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[24..], (uint)Claimed);
        WeightFileException refused = Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(folder.Write("a", zip)));
        Assert.Contains("'z/data/0' of 4294967280 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_file_that_was_written_to_a_stream_is_read()
    {
        // Sizes stand behind the data instead of before them.
        using var folder = new TemporaryFolder();
        string path = folder.File("a");
        using (FileStream file = File.Create(path))
        using (var pipe = new ForwardOnlyStream(file))
        using (var zip = new ZipArchive(pipe, ZipArchiveMode.Create))
        {
            foreach ((string name, byte[] content) in new[] { ("z/data.pkl", Pickle()), ("z/data/0", FourFloats) })
            {
                using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }

        using WeightArchive archive = PyTorchCheckpoint.Open(path);
        using Tensor loaded = archive.Load("a");
        Assert.Equal([1f, 2, 3, 4], loaded.data<float>().ToArray());
    }

    [Fact]
    public void A_pickle_that_torch_did_not_save_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a", new PickleWriter().Raw('}').Stop());
        WeightFileException refused = Assert.Throws<WeightFileException>(() => PyTorchCheckpoint.Open(path));
        Assert.Contains("magic number", refused.Message, StringComparison.Ordinal);
    }

    private static WeightArchive Open(TemporaryFolder folder, long offset, long[] shape, long[] strides)
    {
        byte[] pickle = new PickleWriter().Raw('}').Text("a").Tensor("FloatStorage", "0", 4, offset, shape, strides).Raw('s').Stop();
        return PyTorchCheckpoint.Open(folder.Write("a", Zip(pickle)));
    }

    private static byte[] Pickle() => new PickleWriter().Raw('}').Text("a").Tensor("FloatStorage", "0", 4, 0, [4], [1]).Raw('s').Stop();

    private static byte[] Zip(byte[] pickle) => TorchSaveWriter.Zip([("z/data.pkl", pickle), ("z/data/0", FourFloats)]);

    /// <summary>A legacy file with one tensor 'a' in a storage of the four floats 1 to 4.</summary>
    private static byte[] Legacy((long From, long Count)? view, long offset, long shape, long count = 4, params string[] keys)
    {
        byte[] magic = new PickleWriter().Raw(0x8A, 10).Raw(Convert.FromHexString("6CFC9C46F9206AA85019")).Stop();
        byte[] protocol = new PickleWriter().Integer(1001).Stop();
        byte[] system = new PickleWriter().Raw('}').Text("little_endian").Raw(0x88).Raw('s').Stop();
        PickleWriter content = new PickleWriter().Raw('}').Text("a").Global("torch._utils", "_rebuild_tensor_v2").Raw('(')
            .Raw('(').Text("storage").Global("torch", "FloatStorage").Text("key").Text("cpu").Integer(4);
        if (view is { } part)
        {
            content.Raw('(').Text("view").Integer(part.From).Integer(part.Count).Raw('t');
        }
        else
        {
            content.Raw('N');
        }

        content.Raw('t').Raw('Q').Integer(offset).Tuple(shape).Tuple(1).Raw(0x89).OrderedDictionary().Raw('t').Raw('R').Raw('s');
        PickleWriter list = new PickleWriter().Raw(']').Raw('(');
        foreach (string key in keys.DefaultIfEmpty("key"))
        {
            list.Text(key);
        }

        byte[] length = BitConverter.GetBytes(count);
        return [
            .. magic,
            .. protocol,
            .. system,
            .. content.Stop(),
            .. list.Raw('e').Stop(),
            .. length,
            .. FourFloats,
            .. length,
            .. FourFloats
        ];
    }

    /// <summary>A zip file as writers make it beyond 4 GB: every size and place in the 64-bit fields (APPNOTE 4.3.14, 4.5.3).</summary>
    private static byte[] Zip64((string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        var places = new List<long>();
        foreach ((string name, byte[] content) in entries)
        {
            places.Add(stream.Position);
            writer.Write(0x04034B50);
            writer.Write(new byte[22]);
            writer.Write((short)name.Length);
            writer.Write((short)0);
            writer.Write(Encoding.ASCII.GetBytes(name));
            writer.Write(content);
        }

        long directory = stream.Position;
        for (int i = 0; i < entries.Length; i++)
        {
            writer.Write(0x02014B50);
            writer.Write(new byte[16]);
            writer.Write(uint.MaxValue);
            writer.Write(uint.MaxValue);
            writer.Write((short)entries[i].Name.Length);
            writer.Write((short)(4 + 24));
            writer.Write(new byte[10]);
            writer.Write(uint.MaxValue);
            writer.Write(Encoding.ASCII.GetBytes(entries[i].Name));
            writer.Write((short)1);
            writer.Write((short)24);
            writer.Write((long)entries[i].Content.Length);
            writer.Write((long)entries[i].Content.Length);
            writer.Write(places[i]);
        }

        long end = stream.Position;
        writer.Write(0x06064B50);
        writer.Write(44L);
        writer.Write(new byte[12]);
        writer.Write((long)entries.Length);
        writer.Write((long)entries.Length);
        writer.Write(end - directory);
        writer.Write(directory);
        writer.Write(0x07064B50);
        writer.Write(0);
        writer.Write(end);
        writer.Write(1);
        writer.Write(0x06054B50);
        writer.Write(0);
        writer.Write(uint.MaxValue);
        writer.Write(uint.MaxValue);
        writer.Write(uint.MaxValue);
        writer.Write((short)0);
        return stream.ToArray();
    }

    /// <summary>A stream that, like a pipe, cannot go back.</summary>
    private sealed class ForwardOnlyStream(Stream target) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => target.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => target.Write(buffer, offset, count);
    }
}

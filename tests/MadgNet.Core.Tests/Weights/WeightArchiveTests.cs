using System.Diagnostics;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Weights;

public sealed class WeightArchiveTests
{
    public static TheoryData<string> SameFiles => [.. CheckpointFixture.Same];

    public static TheoryData<string> GoodFiles => [.. CheckpointFixture.Good];

    public static TheoryData<string> HostileFiles => [.. CheckpointFixture.Hostile];

    [Theory, MemberData(nameof(SameFiles))]
    public void Every_format_gives_exactly_the_tensors_that_were_saved(string file)
    {
        using WeightArchive archive = WeightArchive.Open(CheckpointFixture.PathOf(file));
        Assert.Equal(CheckpointFixture.Names.Order(), archive.Names.Order());
        foreach (string name in CheckpointFixture.Names)
        {
            CheckpointFixture.AssertHolds(archive, name);
        }
    }

    [Theory, MemberData(nameof(GoodFiles))]
    public void The_content_decides_on_the_format_and_not_the_name(string file)
    {
        using var folder = new TemporaryFolder();
        string renamed = folder.Write("weights.bin", File.ReadAllBytes(CheckpointFixture.PathOf(file)));
        using WeightArchive expected = WeightArchive.Open(CheckpointFixture.PathOf(file));
        using WeightArchive archive = WeightArchive.Open(renamed);
        Assert.Equal(expected.Names, archive.Names);
    }

    [Theory, MemberData(nameof(HostileFiles))]
    public void A_hostile_file_is_refused_within_a_second_and_without_allocating_what_it_claims(string file)
    {
        // Far above what opening needs (a buffer and the header), far below every claim of these files.
        const long AllowedBytes = 4 << 20;
        string path = CheckpointFixture.PathOf(Path.Combine("hostile", file));
        var statistics = DisposeScopeManager.Statistics.TensorStatistics;
        statistics.Reset();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();

        WeightFileException refused = Assert.Throws<WeightFileException>(() => WeightArchive.Open(path));

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"{watch.Elapsed.TotalSeconds:F2} s");
        Assert.True(
            GC.GetAllocatedBytesForCurrentThread() - allocated < AllowedBytes,
            $"{GC.GetAllocatedBytesForCurrentThread() - allocated} bytes");
        Assert.Equal(0, statistics.CreatedOutsideScopeCount + statistics.CreatedInScopeCount);
        Assert.Equal(path, refused.Path);
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("raw_pickle_exec.pth", "posix.system")]
    [InlineData("zip_pickle_exec.pth", "posix.system")]
    [InlineData("zip_pickle_eval.pth", "__builtin__.eval")]
    public void A_file_that_would_run_code_is_refused_by_name_and_runs_nothing(string file, string function)
    {
        WeightFileException refused =
            Assert.Throws<WeightFileException>(() => WeightArchive.Open(CheckpointFixture.PathOf(Path.Combine("hostile", file))));
        Assert.Contains($"'{function}'", refused.Problem.Received, StringComparison.Ordinal);
        Assert.False(File.Exists("/tmp/madgnet_owned"));
    }

    [Fact]
    public void An_unknown_file_is_refused_with_its_first_bytes()
    {
        WeightFileException refused =
            Assert.Throws<WeightFileException>(() => WeightArchive.Open(CheckpointFixture.PathOf("hostile/text.pth")));
        Assert.Contains("<!DOCTYPE html><", refused.Problem.Received, StringComparison.Ordinal);
    }

    [Fact]
    public void A_safetensors_header_whose_length_looks_like_a_pickle_is_still_one()
    {
        // 0x0480 bytes of header: the file starts with 80 04, as a pickle of protocol 4 does.
        using var folder = new TemporaryFolder();
        byte[] header = System.Text.Encoding.UTF8.GetBytes("{}".PadRight(0x480));
        string path = folder.Write("a", [0x80, 4, 0, 0, 0, 0, 0, 0, .. header]);
        using WeightArchive archive = WeightArchive.Open(path);
        Assert.Empty(archive.Names);
    }

    [Fact]
    public void A_file_can_be_replaced_while_it_is_open()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("weights");
        using Tensor first = ones(3);
        using Tensor second = zeros(3);
        SafetensorsFile.Save(path, [KeyValuePair.Create("a", first)]);
        using WeightArchive archive = WeightArchive.Open(path);
        SafetensorsFile.Save(path, [KeyValuePair.Create("a", second)]);
        using Tensor loaded = archive.Load("a");
        Assert.Equal(3, loaded.sum().item<float>());
    }

    [Fact]
    public void A_missing_file_is_refused_with_its_path()
    {
        WeightFileException refused = Assert.Throws<WeightFileException>(() => WeightArchive.Open("no/such/file.pth"));
        Assert.Equal("no/such/file.pth", refused.Path);
        Assert.IsAssignableFrom<IOException>(refused.InnerException);
    }

    [Fact]
    public void A_directory_is_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<WeightFileException>(() => WeightArchive.Open(folder.Root));
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_nearest_one()
    {
        using WeightArchive archive = WeightArchive.Open(CheckpointFixture.PathOf("zip.pth"));
        ArgumentException refused = Assert.Throws<ArgumentException>(() => archive.Load("conv.weigth"));
        Assert.Contains("'conv.weight'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_archive_says_so_and_its_tensors_stay()
    {
        WeightArchive archive = WeightArchive.Open(CheckpointFixture.PathOf("zip.pth"));
        using Tensor loaded = archive.Load("scalar");
        archive.Dispose();
        Assert.Throws<ObjectDisposedException>(() => archive.Load("scalar"));
        Assert.Equal(3.5f, loaded.item<float>());
    }

    [Fact]
    public void A_file_that_shrinks_after_it_was_opened_is_an_error_and_leaves_no_tensor()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("weights.safetensors", File.ReadAllBytes(CheckpointFixture.PathOf("plain.safetensors")));
        using WeightArchive archive = WeightArchive.Open(path);
        using (FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.SetLength(1000);
        }

        TensorLeak.None(() => Assert.Throws<WeightFileException>(() => archive.Load("flags")));
    }

    [Theory, MemberData(nameof(GoodFiles))]
    public void Loading_leaves_no_tensor_but_the_loaded_one(string file)
    {
        TensorLeak.None(() =>
        {
            using WeightArchive archive = WeightArchive.Open(CheckpointFixture.PathOf(file));
            foreach (string name in archive.Names)
            {
                archive.Load(name).Dispose();
            }
        });
    }

    [Fact]
    public void Tensors_can_be_read_from_several_threads()
    {
        using WeightArchive archive = WeightArchive.Open(CheckpointFixture.PathOf("zip.pth"));
        Parallel.For(0, 64, i => CheckpointFixture.AssertHolds(archive, CheckpointFixture.Names[i % CheckpointFixture.Names.Count]));
    }

    [Fact]
    public void Named_tensors_are_an_archive_that_outlives_their_owner_s_references()
    {
        Tensor values = arange(6, ScalarType.Float32).reshape(2, 3);
        using WeightArchive archive = WeightArchive.From(
            [KeyValuePair.Create("a", values.transpose(0, 1))], new Dictionary<string, string> { ["from"] = "a test" });
        values.Dispose();

        using Tensor loaded = archive.Load("a");

        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], loaded.data<float>().ToArray());
        Assert.True(loaded.is_contiguous());
        Assert.Equal([3, 2], archive.Tensors["a"].Shape);
        Assert.Equal("a test", archive.Metadata["from"]);
        Assert.Equal("named tensors", archive.Path);
    }

    [Fact]
    public void Named_tensors_leave_nothing_behind()
    {
        using Tensor values = ones(2, 3);
        TensorLeak.None(() =>
        {
            using WeightArchive archive = WeightArchive.From([KeyValuePair.Create("a", values)]);
            archive.Load("a").Dispose();
        });
    }

    [Fact]
    public void Named_tensors_with_a_name_twice_are_refused()
    {
        using Tensor values = ones(2);
        ArgumentException refused = Assert.Throws<ArgumentException>(() => WeightArchive.From([
            KeyValuePair.Create("a", values),
            KeyValuePair.Create("a", values)
        ]));
        Assert.Contains("'a' twice", refused.Message, StringComparison.Ordinal);
    }
}

using System.Diagnostics;
using CsCheck;
using MadgNet.Core.Tests.Support;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Weights;

public sealed class WeightFileFuzzTests
{
    // The good files have at most 7 KB; what opening and loading one allocates stays far below this.
    private const long AllowedBytes = 16 << 20;

    public static TheoryData<string> GoodFiles => [.. CheckpointFixture.Good];

    [Theory, MemberData(nameof(GoodFiles))]
    public void A_good_file_with_changed_bytes_is_read_or_refused_and_nothing_else(string file)
    {
        byte[] original = File.ReadAllBytes(CheckpointFixture.PathOf(file));
        using var folder = new TemporaryFolder();
        Gen<(int At, byte Value)[]> changes = Gen.Select(Gen.Int[0, original.Length - 1], Gen.Byte).Array[1, 6];
        changes.Sample(
            changed =>
            {
                byte[] bytes = [.. original];
                foreach ((int at, byte value) in changed)
                {
                    bytes[at] = value;
                }

                ReadOrRefuse(folder, bytes);
            },
            iter: 300,
            threads: 1);
    }

    [Theory, MemberData(nameof(GoodFiles))]
    public void A_good_file_with_flipped_bits_in_its_structure_is_read_or_refused_and_nothing_else(string file)
    {
        // Most bytes of a file are values or names; the start and the end hold what a reader trusts.
        byte[] original = File.ReadAllBytes(CheckpointFixture.PathOf(file));
        int edge = Math.Min(400, original.Length / 2);
        using var folder = new TemporaryFolder();
        Gen<(int At, int Bit)[]> flips = Gen.Select(
            Gen.OneOf(Gen.Int[0, edge], Gen.Int[original.Length - edge, original.Length - 1]), Gen.Int[0, 7]).Array[1, 3];
        flips.Sample(
            flipped =>
            {
                byte[] bytes = [.. original];
                foreach ((int at, int bit) in flipped)
                {
                    bytes[at] ^= (byte)(1 << bit);
                }

                ReadOrRefuse(folder, bytes);
            },
            iter: 300,
            threads: 1);
    }

    [Theory, MemberData(nameof(GoodFiles))]
    public void A_good_file_that_is_cut_anywhere_is_refused(string file)
    {
        byte[] original = File.ReadAllBytes(CheckpointFixture.PathOf(file));
        using var folder = new TemporaryFolder();
        for (int length = 0; length < original.Length; length += Math.Max(1, original.Length / 150))
        {
            string path = folder.Write("file", original.AsSpan(0, length));
            Assert.Throws<WeightFileException>(() => WeightArchive.Open(path));
        }
    }

    [Theory, MemberData(nameof(GoodFiles))]
    public void A_good_file_with_a_part_moved_is_read_or_refused_and_nothing_else(string file)
    {
        byte[] original = File.ReadAllBytes(CheckpointFixture.PathOf(file));
        using var folder = new TemporaryFolder();
        Gen.Select(Gen.Int[0, original.Length - 1], Gen.Int[0, original.Length - 1], Gen.Int[1, 64]).Sample(
            (from, to, length) =>
            {
                byte[] bytes = [.. original];
                length = Math.Min(length, original.Length - Math.Max(from, to));
                original.AsSpan(from, length).CopyTo(bytes.AsSpan(to));
                ReadOrRefuse(folder, bytes);
            },
            iter: 200,
            threads: 1);
    }

    private static void ReadOrRefuse(TemporaryFolder folder, byte[] bytes)
    {
        string path = folder.Write("file", bytes);
        var statistics = DisposeScopeManager.Statistics.TensorStatistics;
        statistics.Reset();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        try
        {
            using WeightArchive archive = WeightArchive.Open(path);
            foreach (string name in archive.Names)
            {
                using Tensor loaded = archive.Load(name);
                Assert.Equal(archive.Tensors[name].Shape, loaded.shape);

                // A dense tensor is no larger than the file; a view that repeats elements has no memory of its own.
                Assert.True(!loaded.is_contiguous() || loaded.numel() * loaded.element_size() <= bytes.Length);
            }
        }
        catch (WeightFileException refused)
        {
            Assert.Equal(path, refused.Path);
        }

        Assert.Equal(0, statistics.ThreadTotalLiveCount);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < AllowedBytes);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60));
    }
}

using MadgNet.Core.Runtime;

namespace MadgNet.Core.Tests.Runtime;

public class ProcessorCachesTests
{
    private const int Caches = unchecked((int)0x8000001D);
    private const int Level1 = unchecked((int)0x80000005);
    private const int Level2 = unchecked((int)0x80000006);

    // Read off a Zen 4: 32 KiB of 8 ways, an instruction cache, 1 MiB of 8 ways, 32 MiB of 16 ways for 16 threads; lines of 64 bytes.
    private static readonly Dictionary<(int, int), (int, int, int, int)> Zen4 = new()
    {
        [(0, 0)] = Vendor("Auth", "enti", "cAMD"),
        [(Caches, 0)] = (0x4121, (7 << 22) | 63, 63, 0),
        [(Caches, 1)] = (0x4122, (7 << 22) | 63, 63, 0),
        [(Caches, 2)] = (0x4143, (7 << 22) | 63, 2047, 0),
        [(Caches, 3)] = (0x3C163, (15 << 22) | 63, 32767, 0),
        [(Level1, 0)] = (0, 0, 32 << 24, 0),
        [(Level2, 0)] = (0, 0, 1024 << 16, 0),
    };

    [Fact]
    public void A_processor_of_amd_that_tells_its_caches_misleads_nobody()
    {
        ProcessorCaches caches = Read(Zen4);

        Assert.Equal([32 << 10, 1 << 20, 32 << 20], caches.Sizes);
        Assert.False(caches.MisleadOneDnn);
        Assert.True(caches.SupportNnpack);
        Assert.Equal((32 << 10, 1 << 20), (caches.Level1, caches.Level2));
    }

    [Fact]
    public void Empty_leaves_of_amd_become_caches_of_one_byte()
    {
        ProcessorCaches caches = Read(Zen4.Where(leaf => leaf.Key.Item1 != Caches));

        Assert.Equal([1, 1, 1], caches.Sizes);
        Assert.True(caches.MisleadOneDnn);
        Assert.False(caches.SupportNnpack);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public void One_level_that_is_not_told_misleads_as_well(int missing) =>
        Assert.True(Read(Zen4.Where(leaf => leaf.Key != (Caches, missing))).MisleadOneDnn);

    [Fact]
    public void Processors_of_other_makers_mislead_nobody_because_onednn_has_sizes_of_its_own_for_them()
    {
        ProcessorCaches silent = Read([new((0, 0), Vendor("Genu", "ineI", "ntel"))]);
        ProcessorCaches telling = Read([new((0, 0), Vendor("Genu", "ineI", "ntel")), new((4, 0), (0x121, 0, 0, 0))]);

        Assert.Equal("GenuineIntel", silent.Vendor);
        Assert.False(silent.MisleadOneDnn);
        Assert.False(silent.SupportNnpack);
        Assert.True(telling.SupportNnpack);
    }

    [Fact]
    public void Without_avx2_nnpack_is_not_supported()
    {
        Assert.False(ProcessorCaches.Read((leaf, subleaf) => Zen4.GetValueOrDefault((leaf, subleaf)), hasAvx2: false).SupportNnpack);
    }

    private static ProcessorCaches Read(IEnumerable<KeyValuePair<(int, int), (int, int, int, int)>> leaves)
    {
        var answers = new Dictionary<(int, int), (int, int, int, int)>(leaves);
        return ProcessorCaches.Read((leaf, subleaf) => answers.GetValueOrDefault((leaf, subleaf)), hasAvx2: true);
    }

    /// <summary>CPUID names the maker in EBX, EDX and ECX.</summary>
    private static (int, int, int, int) Vendor(string ebx, string edx, string ecx) => (16, Letters(ebx), Letters(ecx), Letters(edx));

    private static int Letters(string four) => BitConverter.ToInt32([.. four.Select(letter => (byte)letter)]);
}

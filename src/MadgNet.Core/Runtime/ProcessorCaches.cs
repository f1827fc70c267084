using System.Runtime.Intrinsics.X86;

namespace MadgNet.Core.Runtime;

/// <summary>
/// The data caches as oneDNN reads them from CPUID, so that what oneDNN will believe is known before it computes.
/// </summary>
/// <param name="Vendor">The processor's maker as CPUID names it, for example <c>AuthenticAMD</c>; empty where there is no CPUID.</param>
/// <param name="Sizes">
/// The sizes in bytes that oneDNN computes for level 1, 2 and 3 on a processor of AMD; empty on others, where oneDNN falls back
/// to sizes of its own when the processor tells none.
/// </param>
/// <param name="ListsCaches">Whether the leaf that describes the caches lists any: NNPACK works only where it does.</param>
/// <param name="HasAvx2">Whether the processor has AVX2 and FMA: NNPACK needs them.</param>
/// <param name="Level1">Level 1's data cache in bytes by AMD's older leaf 0x80000005; 0 where it is not told.</param>
/// <param name="Level2">Level 2's cache in bytes by AMD's older leaf 0x80000006; 0 where it is not told.</param>
internal sealed record ProcessorCaches(string Vendor, IReadOnlyList<long> Sizes, bool ListsCaches, bool HasAvx2, long Level1, long Level2)
{
    private const string Amd = "AuthenticAMD";
    private const int CacheLeaf = 4;
    private const int AmdCacheLeaf = unchecked((int)0x8000001D);
    private const int InstructionCache = 2;

    /// <summary>The smallest first and later levels that a processor with 64 bits has had are several times these.</summary>
    private static readonly long[] SmallestBelievable = [4 << 10, 32 << 10, 32 << 10];

    /// <summary>A leaf of CPUID, of a subleaf: EAX, EBX, ECX, EDX.</summary>
    public delegate (int Eax, int Ebx, int Ecx, int Edx) CpuId(int leaf, int subleaf);

    /// <summary>Whether oneDNN takes a cache for nothing here, and computes wrongly.</summary>
    public bool MisleadOneDnn => Sizes.Where((size, level) => size < SmallestBelievable[level]).Any();

    /// <summary>Whether NNPACK can work: it needs the caches' sizes and AVX2. Elsewhere it writes a line for every convolution.</summary>
    public bool SupportNnpack => ListsCaches && HasAvx2;

    /// <summary>Reads this processor's.</summary>
    public static ProcessorCaches OfProcessor() =>
        X86Base.IsSupported
            ? Read(X86Base.CpuId, Avx2.IsSupported && Fma.IsSupported)
            : new ProcessorCaches(string.Empty, [], true, true, 0, 0);

    /// <summary>Reads a processor's by its CPUID.</summary>
    /// <param name="cpuId">Answers as the instruction does.</param>
    /// <param name="hasAvx2">Whether it has AVX2 and FMA.</param>
    public static ProcessorCaches Read(CpuId cpuId, bool hasAvx2)
    {
        (_, int b, int c, int d) = cpuId(0, 0);
        string vendor = string.Concat(Characters(b), Characters(d), Characters(c));
        bool amd = vendor == Amd;
        int leaf = amd ? AmdCacheLeaf : CacheLeaf;
        bool lists = (cpuId(leaf, 0).Eax & 0x1F) != 0;
        if (!amd)
        {
            return new ProcessorCaches(vendor, [], lists, hasAvx2, 0, 0);
        }

        int level1 = cpuId(unchecked((int)0x80000005), 0).Ecx;
        int level2 = cpuId(unchecked((int)0x80000006), 0).Ecx;
        return new ProcessorCaches(
            vendor, AsOneDnnComputes(cpuId), lists, hasAvx2, (long)(uint)level1 >> 24 << 10, (long)(uint)level2 >> 16 << 10);
    }

    /// <summary>
    /// The three sizes by the formula of Xbyak, which oneDNN reads them through: a product of fields of which each stands for
    /// its value and one more, so that a leaf of zeros makes one byte. Instruction caches are passed over.
    /// </summary>
    private static IReadOnlyList<long> AsOneDnnComputes(CpuId cpuId)
    {
        const int Levels = 3;
        var sizes = new List<long>(Levels);
        for (int subleaf = 0; subleaf <= Levels && sizes.Count < Levels; subleaf++)
        {
            (int eax, int ebx, int ecx, _) = cpuId(AmdCacheLeaf, subleaf);
            if ((eax & 0x1F) != InstructionCache)
            {
                sizes.Add((long)((ebx & 0xFFF) + 1) * (((ebx >> 12) & 0x3FF) + 1) * (((ebx >> 22) & 0x3FF) + 1) * ((uint)ecx + 1L));
            }
        }

        return sizes;
    }

    private static string Characters(int register) => string.Concat(BitConverter.GetBytes(register).Select(value => (char)value));
}

using System.Diagnostics;
using TorchSharp;

namespace MadgNet.Core.Runtime;

/// <summary>
/// oneDNN's own description of the processor, inside libtorch, and the repair of its cache sizes.
/// </summary>
/// <remarks>
/// <para>
/// Why: on a processor that tells no cache sizes (AMD's leaf 0x8000001D of zeros, as in small virtual machines) oneDNN 3.7.1
/// takes each cache for one byte. Its blocking of convolutions then goes wrong, divides by zero, or makes wrong numbers. With
/// believable sizes all of it is right, at full speed; without oneDNN a prediction takes 4.4 times as long.
/// </para>
/// <para>
/// How: the description is the object behind <c>dnnl::impl::cpu::x64::cpu()</c>, which is not exported, but named in the
/// library's symbol table. It is written to only when everything is exactly as in the build that was examined: the version of
/// libtorch, each symbol present once and of its known size, one byte as the size of each of three levels and zeros after them,
/// one core to share each, three levels. Where anything differs nothing is written, and oneDNN is switched off instead. The
/// check of the arithmetic follows in either case.
/// </para>
/// <para>
/// Layout (Xbyak's <c>util::Cpu</c> as compiled into libtorch 2.10, 144 bytes; read off <c>get_per_core_cache_size</c>): ten
/// sizes as 32-bit integers at byte 28, ten sharing counts at byte 68, the number of levels at byte 108.
/// </para>
/// </remarks>
internal static unsafe class OneDnnDescription
{
    private const string KnownLibtorch = "2.10.";
    private const int KnownSize = 144;
    private const int SizesAt = 28;
    private const int SharingAt = 68;
    private const int LevelsAt = 108;
    private const int Slots = 10;
    private const int Levels = 3;

    // What a core of AMD's Zen has at the least, where the processor does not even tell by its older leaves.
    private const int DefaultLevel1 = 32 << 10;
    private const int DefaultLevel2 = 512 << 10;

    // The older leaf tells level 3 of the whole socket, and not how many share it: this is what one core of most has.
    private const int Level3PerCore = 2 << 20;

    private static readonly string[] Names =
    [
        "_ZN2at13globalContextEv",
        "_ZZN4dnnl4impl3cpu3x643cpuEvE4cpu_",
        "_ZGVZN4dnnl4impl3cpu3x643cpuEvE4cpu_",
        "dnnl_get_effective_cpu_isa",
        "dnnl_get_primitive_cache_capacity",
        "dnnl_set_primitive_cache_capacity",
    ];

    /// <summary>Writes believable sizes into the description.</summary>
    /// <param name="caches">What the processor tells.</param>
    /// <returns>Why nothing was written; null where it was.</returns>
    public static string? Repair(ProcessorCaches caches)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "it can be repaired on Linux only";
        }

        if (!torch.__version__.StartsWith(KnownLibtorch, StringComparison.Ordinal))
        {
            return $"the layout is known for libtorch {KnownLibtorch}x, and this is {torch.__version__}";
        }

        nint exported = LibtorchExports.Find(Names[0], string.Empty);
        if (exported == 0 || FileOf() is not { } file)
        {
            return "the loaded libtorch_cpu was not found";
        }

        IReadOnlyList<(long Value, long Size)>? symbols;
        try
        {
            symbols = ElfSymbols.Find(file, Names);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{file} cannot be read ({exception.Message.TrimEnd('.')})";
        }

        if (symbols is null || symbols[1].Size != KnownSize)
        {
            return "libtorch_cpu's symbol table does not name it as expected";
        }

        nint start = exported - (nint)symbols[0].Value;
        nint At(int symbol) => start + (nint)symbols[symbol].Value;

        // The description is made at its first use. This asks for the processor's instruction set, and computes nothing.
        _ = ((delegate* unmanaged[Cdecl]<int>)At(3))();
        if (*(byte*)At(2) != 1)
        {
            return "it was not made when it was asked for";
        }

        if (!WriteSizes(new Span<byte>((void*)At(1), KnownSize), caches))
        {
            return "it does not hold the values that are known to be wrong";
        }

        // Whatever was prepared with the wrong sizes before is forgotten.
        int capacity;
        if (((delegate* unmanaged[Cdecl]<int*, int>)At(4))(&capacity) == 0)
        {
            var setCapacity = (delegate* unmanaged[Cdecl]<int, int>)At(5);
            _ = setCapacity(0);
            _ = setCapacity(capacity);
        }

        return null;
    }

    /// <summary>Writes the sizes where the description is exactly the known wrong one.</summary>
    /// <returns>Whether it was, and the sizes are written.</returns>
    internal static bool WriteSizes(Span<byte> description, ProcessorCaches caches)
    {
        Span<int> sizes = Integers(description[SizesAt..], Slots);
        Span<int> sharing = Integers(description[SharingAt..], Slots);
        int levels = Integers(description[LevelsAt..], 1)[0];
        bool IsOnes(ReadOnlySpan<int> slots) => slots[..Levels].IndexOfAnyExcept(1) < 0 && slots[Levels..].IndexOfAnyExcept(0) < 0;
        if (levels != Levels || !IsOnes(sizes) || !IsOnes(sharing))
        {
            return false;
        }

        sizes[0] = Believable(caches.Level1, 16 << 10, 256 << 10) ?? DefaultLevel1;
        sizes[1] = Believable(caches.Level2, 256 << 10, 16 << 20) ?? DefaultLevel2;
        sizes[2] = Math.Max(Level3PerCore, sizes[1]);
        return true;
    }

    private static int? Believable(long told, int least, int most) => told >= least && told <= most ? (int)told : null;

    private static Span<int> Integers(Span<byte> bytes, int count) =>
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(bytes[..(count * sizeof(int))]);

    private static string? FileOf()
    {
        using var process = Process.GetCurrentProcess();
        return process.Modules.Cast<ProcessModule>()
            .Select(module => module.FileName)
            .FirstOrDefault(name => Path.GetFileName(name).StartsWith("libtorch_cpu.so", StringComparison.Ordinal));
    }
}

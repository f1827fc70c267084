using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace MadgNet.Core.Training.Precision;

/// <summary>What the processor and the GPU compute with.</summary>
internal static class ProcessorSupport
{
    /// <summary>
    /// Whether the processor multiplies bfloat16 itself: AVX512-BF16, which every processor with AMX-BF16 has too. Elsewhere
    /// libtorch converts, which is slower than float32.
    /// </summary>
    public static bool HasBFloat16 { get; } = DetectBFloat16();

    /// <summary>
    /// The compute capability of a CUDA device, from the driver; null where the driver cannot be asked. Never executed: no CUDA
    /// device was at hand.
    /// </summary>
    public static unsafe (int Major, int Minor)? ComputeCapability(int device)
    {
        const int MajorAttribute = 75;
        const int MinorAttribute = 76;
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out nint driver))
        {
            return null;
        }

        if (!NativeLibrary.TryGetExport(driver, "cuInit", out nint init)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceGet", out nint get)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceGetAttribute", out nint attribute))
        {
            return null;
        }

        int handle, major, minor;
        return ((delegate* unmanaged<uint, int>)init)(0) == 0
            && ((delegate* unmanaged<int*, int, int>)get)(&handle, Math.Max(0, device)) == 0
            && ((delegate* unmanaged<int*, int, int, int>)attribute)(&major, MajorAttribute, handle) == 0
            && ((delegate* unmanaged<int*, int, int, int>)attribute)(&minor, MinorAttribute, handle) == 0
            ? (major, minor)
            : null;
    }

    private static bool DetectBFloat16()
    {
        // Intel's manual, volume 2A, CPUID: leaf 7, subleaf 1, EAX bit 5. AVX-512 has to be switched on by the system as well.
        const int Leaf = 7;
        const int Bit = 5;
        if (!X86Base.IsSupported || !Avx512F.IsSupported)
        {
            return false;
        }

        (int subleaves, _, _, _) = X86Base.CpuId(Leaf, 0);
        return subleaves >= 1 && (X86Base.CpuId(Leaf, 1).Eax & (1 << Bit)) != 0;
    }
}

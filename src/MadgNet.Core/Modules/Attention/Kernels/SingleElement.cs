using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>float32.</summary>
internal readonly unsafe struct SingleElement : IElement
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(nint data, long index) => Vector512.Load((float*)data + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Read(nint data, long index) => ((float*)data)[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, nint data, long index) => values.Store((float*)data + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(float value, nint data, long index) => ((float*)data)[index] = value;
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>bfloat16: the upper half of a float32, rounded to the nearest, ties to even.</summary>
internal readonly unsafe struct BrainElement : IElement
{
    private const uint NotANumber = 0x7FC0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(nint data, long index)
    {
        (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.Load((ushort*)data + index));
        return (Vector512.Create(lower, upper) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Read(nint data, long index) => BitConverter.UInt32BitsToSingle((uint)((ushort*)data)[index] << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, nint data, long index)
    {
        Vector512<uint> bits = values.AsUInt32();
        Vector512<uint> rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One)) >>> 16;
        rounded = Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, Vector512.Create(NotANumber));
        Vector256.Narrow(rounded.GetLower(), rounded.GetUpper()).Store((ushort*)data + index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(float value, nint data, long index)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        ((ushort*)data)[index] = (ushort)(float.IsNaN(value) ? NotANumber : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}

using System.Runtime.Intrinsics;

namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>How the values of a map are read and written, sixteen at a time.</summary>
internal unsafe interface IElement
{
    static abstract Vector512<float> Load(nint data, long index);

    static abstract float Read(nint data, long index);

    static abstract void Store(Vector512<float> values, nint data, long index);

    static abstract void Write(float value, nint data, long index);
}

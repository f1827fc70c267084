using static TorchSharp.torch;

namespace MadgNet.Core.Weights;

/// <summary>Where a file holds a tensor. Whoever creates one has checked that the file holds every element.</summary>
/// <param name="Info">Name, type and shape.</param>
/// <param name="Type">The type with its size.</param>
/// <param name="Offset">Position of the first element in the file, in bytes.</param>
/// <param name="Strides">Steps per dimension in elements, at least 0; null where the rows follow each other densely.</param>
internal sealed record StoredTensor(TensorInfo Info, ElementType Type, long Offset, long[]? Strides)
{
    /// <summary>Reads the tensor: the part of the file that it spans, and no more.</summary>
    public Tensor Read(WeightFileReader file)
    {
        long[] shape = [.. Info.Shape];
        if (Strides is null)
        {
            return file.ReadTensor(Type, shape, Offset);
        }

        long extent = Extent(shape, Strides) ?? throw new InvalidOperationException($"The extent of '{Info.Name}' was not checked.");
        using Tensor spanned = file.ReadTensor(Type, [extent], Offset);
        Tensor view = spanned.as_strided(shape, Strides, 0);

        // A view that repeats elements may have any size: made dense, it would take memory that the file merely claims.
        if (Info.ElementCount > extent)
        {
            return view;
        }

        using (view)
        {
            return view.contiguous();
        }
    }

    /// <summary>Reads the tensor into one of its shape that is there already, where both hold the same values in the same order.</summary>
    /// <returns>False where they do not: nothing was read.</returns>
    public bool TryReadInto(WeightFileReader file, Tensor target)
    {
        if (Strides is not null || Type.Type != target.dtype || target.device_type != TorchSharp.DeviceType.CPU || !target.is_contiguous())
        {
            return false;
        }

        file.ReadInto(target, Offset);
        return true;
    }

    /// <summary>Elements from the first to the last that the view touches, 0 where it is empty, null beyond 2⁶³ − 1.</summary>
    public static long? Extent(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        Int128 last = 0;
        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] == 0)
            {
                return 0;
            }

            // Two factors below 2⁶³ and at most 64 terms that are each cut off at 2⁶³ stay far below 2¹²⁷.
            last += (Int128)(shape[i] - 1) * strides[i];
            if (last >= long.MaxValue)
            {
                return null;
            }
        }

        return (long)last + 1;
    }

    /// <summary>Whether the strides are those of densely stored rows; those of dimensions of one element do not matter.</summary>
    public static bool IsDense(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        if (shape.Contains(0L))
        {
            return true;
        }

        long expected = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] != 1 && strides[i] != expected)
            {
                return false;
            }

            expected *= shape[i];
        }

        return true;
    }
}

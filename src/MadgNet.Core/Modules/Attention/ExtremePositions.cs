using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules;

/// <summary>Finds where the products of feature maps with DCT basis images are largest and smallest.</summary>
internal static class ExtremePositions
{
    /// <summary>
    /// For every plane and basis image the first position of the largest product, then for every basis image the first
    /// position of the smallest: N×C×2F, int64. <paramref name="plane"/> is N×C×P, <paramref name="basis"/> F×P.
    /// </summary>
    /// <remarks>
    /// On the CPU in float32 one fused pass finds both without storing a product; everywhere else tensor operations do.
    /// The two agree, also about ties. A product that is not a number is never an extreme in the fused pass; that a map
    /// holds one shows in the averages all the same.
    /// </remarks>
    public static Tensor Find(Tensor plane, Tensor basis) =>
        plane.device_type == DeviceType.CPU && plane.dtype == ScalarType.Float32 && plane.numel() * sizeof(float) <= int.MaxValue
            ? FindFused(plane, basis)
            : FindByTensors(plane, basis);

    /// <summary>The plain form, on any device and type.</summary>
    public static Tensor FindByTensors(Tensor plane, Tensor basis)
    {
        using DisposeScope scope = NewDisposeScope();
        long frequencies = basis.size(0);
        var positions = new Tensor[2 * frequencies];
        for (long f = 0; f < frequencies; f++)
        {
            using Tensor product = plane * basis[f];
            positions[f] = product.argmax(2);
            positions[frequencies + f] = product.argmin(2);
        }

        return stack(positions, 2).MoveToOuterDisposeScope();
    }

    /// <summary>The fused form, for float32 on the CPU.</summary>
    public static unsafe Tensor FindFused(Tensor plane, Tensor basis)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = plane.contiguous();
        Tensor images = basis.contiguous();
        int frequencies = (int)basis.size(0);
        int length = (int)plane.size(2);
        int planes = (int)(plane.size(0) * plane.size(1));
        Tensor result = empty([plane.size(0), plane.size(1), 2 * frequencies], ScalarType.Int64, CPU);

        // The tensors stay in scope, and in place, until the loop has ended.
        fixed (byte* source = values.bytes, factors = images.bytes, target = result.bytes)
        {
            var (x, b, found) = ((nint)source, (nint)factors, (nint)target);
            Parallel.For(0, planes, index =>
            {
                var map = new ReadOnlySpan<float>((float*)x + ((long)index * length), length);
                var positions = new Span<long>((long*)found + ((long)index * 2 * frequencies), 2 * frequencies);
                for (int f = 0; f < frequencies; f++)
                {
                    (positions[f], positions[frequencies + f]) = Search(map, new ReadOnlySpan<float>((float*)b + ((long)f * length), length));
                }
            });
        }

        return result.MoveToOuterDisposeScope();
    }

    /// <summary>The first positions of the largest and the smallest product of two rows.</summary>
    private static (long Largest, long Smallest) Search(ReadOnlySpan<float> map, ReadOnlySpan<float> image)
    {
        int width = Vector<float>.Count;
        int whole = map.Length - (map.Length % width);
        ref float x = ref MemoryMarshal.GetReference(map);
        ref float b = ref MemoryMarshal.GetReference(image);
        var largest = new Vector<float>(float.NegativeInfinity);
        var smallest = new Vector<float>(float.PositiveInfinity);
        Vector<int> largestAt = Vector<int>.Zero;
        Vector<int> smallestAt = Vector<int>.Zero;
        Vector<int> position = Vector<int>.Indices;
        var step = new Vector<int>(width);
        for (int i = 0; i < whole; i += width)
        {
            Vector<float> product = Vector.LoadUnsafe(ref x, (nuint)i) * Vector.LoadUnsafe(ref b, (nuint)i);

            // Strictly: of equal products the first stays, in every lane.
            Vector<int> above = Vector.GreaterThan(product, largest);
            Vector<int> below = Vector.LessThan(product, smallest);
            largest = Vector.ConditionalSelect(above, product, largest);
            smallest = Vector.ConditionalSelect(below, product, smallest);
            largestAt = Vector.ConditionalSelect(above, position, largestAt);
            smallestAt = Vector.ConditionalSelect(below, position, smallestAt);
            position += step;
        }

        (float Value, int At) top = (float.NegativeInfinity, 0);
        (float Value, int At) bottom = (float.PositiveInfinity, 0);
        for (int lane = 0; lane < width && whole > 0; lane++)
        {
            // The lanes are interleaved: of equal products the one with the lowest position came first.
            if (largest[lane] > top.Value || (largest[lane] == top.Value && largestAt[lane] < top.At))
            {
                top = (largest[lane], largestAt[lane]);
            }

            if (smallest[lane] < bottom.Value || (smallest[lane] == bottom.Value && smallestAt[lane] < bottom.At))
            {
                bottom = (smallest[lane], smallestAt[lane]);
            }
        }

        for (int i = whole; i < map.Length; i++)
        {
            float product = map[i] * image[i];
            top = product > top.Value ? (product, i) : top;
            bottom = product < bottom.Value ? (product, i) : bottom;
        }

        return (top.At, bottom.At);
    }
}

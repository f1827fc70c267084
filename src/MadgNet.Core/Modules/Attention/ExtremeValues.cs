using System.Numerics;
using System.Runtime.InteropServices;
using MadgNet.Core.Internal;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules;

/// <summary>
/// The means over the frequencies of the largest and the smallest product of feature maps with DCT basis images: what
/// <see cref="ExtremePositions"/> finds, where only the values are wanted and no gradient.
/// </summary>
internal static class ExtremeValues
{
    /// <summary>How many basis images share one reading of the map.</summary>
    private const int Shared = 4;

    /// <summary>
    /// Two tensors N×C×1, the means of the maxima and of the minima. <paramref name="plane"/> is N×C×P, <paramref name="basis"/> F×P.
    /// </summary>
    /// <remarks>On the CPU in float32 one fused pass, in which a product that is not a number is never an extreme; everywhere else by tensor operations.</remarks>
    public static (Tensor Maxima, Tensor Minima) Find(Tensor plane, Tensor basis) =>
        plane.device_type == DeviceType.CPU && plane.dtype == ScalarType.Float32 && plane.numel() * sizeof(float) <= int.MaxValue
            ? FindFused(plane, basis)
            : FindByTensors(plane, basis);

    /// <summary>The plain form, on any device and type.</summary>
    public static (Tensor Maxima, Tensor Minima) FindByTensors(Tensor plane, Tensor basis)
    {
        using DisposeScope scope = NewDisposeScope();
        long frequencies = basis.size(0);
        Tensor maxima = zeros([plane.size(0), plane.size(1), 1], plane.dtype, plane.device);
        Tensor minima = zeros_like(maxima);
        for (long f = 0; f < frequencies; f++)
        {
            using Tensor product = plane * basis[f];
            maxima.Accumulate(product.amax([2], keepdim: true));
            minima.Accumulate(product.amin([2], keepdim: true));
        }

        return (maxima.Over(frequencies).MoveToOuterDisposeScope(), minima.Over(frequencies).MoveToOuterDisposeScope());
    }

    /// <summary>The fused form, for float32 on the CPU.</summary>
    public static unsafe (Tensor Maxima, Tensor Minima) FindFused(Tensor plane, Tensor basis)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = plane.contiguous();
        Tensor images = basis.contiguous();
        int frequencies = (int)basis.size(0);
        int length = (int)plane.size(2);
        int planes = (int)(plane.size(0) * plane.size(1));
        Tensor maxima = empty([plane.size(0), plane.size(1), 1], ScalarType.Float32, CPU);
        Tensor minima = empty_like(maxima);

        // The tensors stay in scope, and in place, until the loop has ended.
        fixed (byte* source = values.bytes, factors = images.bytes, top = maxima.bytes, bottom = minima.bytes)
        {
            var (x, b, largest, smallest) = ((nint)source, (nint)factors, (nint)top, (nint)bottom);
            Parallel.For(0, planes, index =>
            {
                var map = new ReadOnlySpan<float>((float*)x + ((long)index * length), length);
                (float high, float low) = (0, 0);
                for (int f = 0; f < frequencies; f += Shared)
                {
                    int count = Math.Min(Shared, frequencies - f);
                    (float above, float below) = Sum(map, new ReadOnlySpan<float>((float*)b + ((long)f * length), count * length), count);
                    high += above;
                    low += below;
                }

                ((float*)largest)[index] = high / frequencies;
                ((float*)smallest)[index] = low / frequencies;
            });
        }

        return (maxima.MoveToOuterDisposeScope(), minima.MoveToOuterDisposeScope());
    }

    /// <summary>The sums over up to four basis images of the largest and smallest product with a map.</summary>
    private static (float Largest, float Smallest) Sum(ReadOnlySpan<float> map, ReadOnlySpan<float> images, int count)
    {
        int width = Vector<float>.Count;
        int whole = map.Length - (map.Length % width);
        ref float x = ref MemoryMarshal.GetReference(map);
        ref float b = ref MemoryMarshal.GetReference(images);

        // Where there are fewer than four, the first is looked at again and not counted.
        nuint second = count > 1 ? (nuint)map.Length : 0;
        nuint third = count > 2 ? 2 * (nuint)map.Length : 0;
        nuint fourth = count > 3 ? 3 * (nuint)map.Length : 0;
        Vector<float> high0 = new(float.NegativeInfinity), high1 = high0, high2 = high0, high3 = high0;
        Vector<float> low0 = new(float.PositiveInfinity), low1 = low0, low2 = low0, low3 = low0;
        for (int i = 0; i < whole; i += width)
        {
            Vector<float> value = Vector.LoadUnsafe(ref x, (nuint)i);
            Vector<float> product = value * Vector.LoadUnsafe(ref b, (nuint)i);
            high0 = Vector.ConditionalSelect(Vector.GreaterThan(product, high0), product, high0);
            low0 = Vector.ConditionalSelect(Vector.LessThan(product, low0), product, low0);
            product = value * Vector.LoadUnsafe(ref b, second + (nuint)i);
            high1 = Vector.ConditionalSelect(Vector.GreaterThan(product, high1), product, high1);
            low1 = Vector.ConditionalSelect(Vector.LessThan(product, low1), product, low1);
            product = value * Vector.LoadUnsafe(ref b, third + (nuint)i);
            high2 = Vector.ConditionalSelect(Vector.GreaterThan(product, high2), product, high2);
            low2 = Vector.ConditionalSelect(Vector.LessThan(product, low2), product, low2);
            product = value * Vector.LoadUnsafe(ref b, fourth + (nuint)i);
            high3 = Vector.ConditionalSelect(Vector.GreaterThan(product, high3), product, high3);
            low3 = Vector.ConditionalSelect(Vector.LessThan(product, low3), product, low3);
        }

        ReadOnlySpan<Vector<float>> highs = [high0, high1, high2, high3];
        ReadOnlySpan<Vector<float>> lows = [low0, low1, low2, low3];
        (float largest, float smallest) = (0, 0);
        for (int f = 0; f < count; f++)
        {
            (float top, float bottom) = (float.NegativeInfinity, float.PositiveInfinity);
            for (int lane = 0; lane < width; lane++)
            {
                top = highs[f][lane] > top ? highs[f][lane] : top;
                bottom = lows[f][lane] < bottom ? lows[f][lane] : bottom;
            }

            for (int i = whole; i < map.Length; i++)
            {
                float product = map[i] * images[(f * map.Length) + i];
                top = product > top ? product : top;
                bottom = product < bottom ? product : bottom;
            }

            largest += top;
            smallest += bottom;
        }

        return (largest, smallest);
    }
}

using System.Buffers;
using System.Runtime.InteropServices;
using MadgNet.Core.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Data;

/// <summary>
/// The targets that supervise the distance and the boundary task, derived from a label's binary mask (paper, section
/// 3.3). Masks are row-major planes of 0 and 1, to within 1e-5 as resizing rounds; a value in between, as resizing
/// leaves it, counts as 1 from 0.5 on.
/// </summary>
public static class SupervisionTargets
{
    // Resizing adds up weights that round, and leaves a 1 at 1.0000001.
    private const float Slack = 1e-5f;

    /// <summary>
    /// The boundary of a mask: 1 where the Sobel gradient magnitude <c>√(gx² + gy² + 1e-6)</c> is at least 0.5, with the
    /// kernels divided by 8 and the mask's edge repeated outwards. It is a band of two pixels, one on either side of the
    /// contour; a contour on the image's edge is none, and neither has a single pixel one. Empty and full masks have no
    /// boundary.
    /// </summary>
    /// <param name="mask">H×W plane, values in 0..1.</param>
    /// <param name="height">Rows of the mask, at least 1.</param>
    /// <param name="width">Columns of the mask, at least 1.</param>
    /// <param name="destination">H×W plane that receives 0 or 1. It may not overlap the mask.</param>
    /// <exception cref="ArgumentException">A plane does not hold H·W pixels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    /// <exception cref="InvalidMapException">A value of the mask is NaN or outside of 0..1.</exception>
    public static void Boundary(ReadOnlySpan<float> mask, int height, int width, Span<float> destination)
    {
        int count = CheckPlanes(mask, height, width, destination);
        bool[] rented = ArrayPool<bool>.Shared.Rent(count);
        try
        {
            Span<bool> foreground = rented.AsSpan(0, count);
            Binarise(mask, foreground);
            Boundary(foreground, height, width, destination);
        }
        finally
        {
            ArrayPool<bool>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// The distance target of a mask: the exact Euclidean distance of each of its pixels to the background, divided by the
    /// largest of them, and 0 outside. An empty mask gives 0 everywhere. In a full mask the distance to a background is
    /// not defined: it gives 1 everywhere, so that the region and the distance task do not contradict each other.
    /// </summary>
    /// <param name="mask">H×W plane, values in 0..1.</param>
    /// <param name="height">Rows of the mask, at least 1.</param>
    /// <param name="width">Columns of the mask, at least 1.</param>
    /// <param name="destination">H×W plane that receives values in 0..1. It may not overlap the mask.</param>
    /// <exception cref="ArgumentException">A plane does not hold H·W pixels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    /// <exception cref="InvalidMapException">A value of the mask is NaN or outside of 0..1.</exception>
    public static void Distance(ReadOnlySpan<float> mask, int height, int width, Span<float> destination)
    {
        int count = CheckPlanes(mask, height, width, destination);
        bool[] rented = ArrayPool<bool>.Shared.Rent(count);
        try
        {
            Span<bool> foreground = rented.AsSpan(0, count);
            Binarise(mask, foreground);
            Distance(foreground, height, width, destination);
        }
        finally
        {
            ArrayPool<bool>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// The three targets of a batch of masks. They are computed on the CPU, several planes at a time, and returned on the
    /// masks' device.
    /// </summary>
    /// <param name="region">N×n×H×W masks of N images and n labels, values in 0..1, any floating or integer type or bool.</param>
    /// <returns>New N×n×H×W float32 tensors: the binary region, distance and boundary. The caller owns them.</returns>
    /// <exception cref="InvalidMapException">The masks do not have four dimensions, one of them is empty, they are complex or sparse, or a
    /// value is
    /// NaN or outside of 0..1.</exception>
    public static TaskMaps FromRegion(Tensor region)
    {
        ArgumentNullException.ThrowIfNull(region);
        long[] shape = region.shape;
        if (shape.Length != 4 || shape.Contains(0))
        {
            throw new InvalidMapException(new Problem(
                nameof(region),
                $"a tensor of shape [{string.Join(", ", shape)}]",
                "images × labels × height × width, none of them 0",
                "Add the missing dimensions with unsqueeze"));
        }

        if (region.is_complex() || region.is_sparse)
        {
            throw new InvalidMapException(new Problem(
                nameof(region),
                $"a {(region.is_sparse ? "sparse " : "")}tensor of {region.dtype}",
                "a dense tensor of real numbers or truths",
                "Convert the masks first"));
        }

        using DisposeScope scope = NewDisposeScope();
        int height = checked((int)shape[2]);
        int width = checked((int)shape[3]);
        int plane = checked(height * width);
        int count = checked((int)region.numel());
        var foreground = new bool[count];
        Tensor source = region.detach().to(ScalarType.Float32).cpu().contiguous();
        Binarise(MemoryMarshal.Cast<byte, float>(source.bytes), foreground);

        var regionValues = new float[count];
        var distanceValues = new float[count];
        var boundaryValues = new float[count];
        ParallelTasks.Run(count / plane, Environment.ProcessorCount, index =>
        {
            ReadOnlySpan<bool> mask = foreground.AsSpan(index * plane, plane);
            Span<float> regionPlane = regionValues.AsSpan(index * plane, plane);
            for (int i = 0; i < plane; i++)
            {
                regionPlane[i] = mask[i] ? 1f : 0f;
            }

            Distance(mask, height, width, distanceValues.AsSpan(index * plane, plane));
            Boundary(mask, height, width, boundaryValues.AsSpan(index * plane, plane));
        });

        var maps = new TaskMaps(
            tensor(regionValues, shape, device: region.device),
            tensor(distanceValues, shape, device: region.device),
            tensor(boundaryValues, shape, device: region.device));
        scope.MoveToOuter([.. maps.Given]);
        return maps;
    }

    private static void Boundary(ReadOnlySpan<bool> mask, int height, int width, Span<float> destination)
    {
        ReadOnlySpan<byte> pixels = MemoryMarshal.AsBytes(mask);
        for (int row = 0; row < height; row++)
        {
            ReadOnlySpan<byte> above = pixels.Slice(Math.Max(row - 1, 0) * width, width);
            ReadOnlySpan<byte> here = pixels.Slice(row * width, width);
            ReadOnlySpan<byte> below = pixels.Slice(Math.Min(row + 1, height - 1) * width, width);
            Span<float> target = destination.Slice(row * width, width);
            for (int column = 0; column < width; column++)
            {
                int left = Math.Max(column - 1, 0);
                int right = Math.Min(column + 1, width - 1);
                int horizontal = above[right] - above[left] + (2 * (here[right] - here[left])) + below[right] - below[left];
                int vertical = below[left] - above[left] + (2 * (below[column] - above[column])) + below[right] - above[right];

                // (gx² + gy²)/64 + 1e-6 ≥ 0.25 in integers: the 1e-6 only ever lifts the tie, which is at 16 exactly.
                target[column] = (horizontal * horizontal) + (vertical * vertical) >= 16 ? 1f : 0f;
            }
        }
    }

    private static void Distance(ReadOnlySpan<bool> mask, int height, int width, Span<float> destination)
    {
        int count = height * width;
        bool[] background = ArrayPool<bool>.Shared.Rent(count);
        double[] rented = ArrayPool<double>.Shared.Rent(count);
        try
        {
            for (int i = 0; i < count; i++)
            {
                background[i] = !mask[i];
            }

            Span<double> distances = rented.AsSpan(0, count);
            DistanceTransform.EuclideanWithNearest(background.AsSpan(0, count), height, width, distances, []);
            double largest = 0;
            foreach (double distance in distances)
            {
                largest = Math.Max(largest, distance);
            }

            if (double.IsPositiveInfinity(largest))
            {
                destination.Fill(1f);
                return;
            }

            double scale = largest > 0 ? largest : 1;
            for (int i = 0; i < count; i++)
            {
                destination[i] = (float)(distances[i] / scale);
            }
        }
        finally
        {
            ArrayPool<bool>.Shared.Return(background);
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    private static void Binarise(ReadOnlySpan<float> mask, Span<bool> foreground)
    {
        for (int i = 0; i < mask.Length; i++)
        {
            float value = mask[i];
            if (!(value >= -Slack && value <= 1 + Slack))
            {
                throw new InvalidMapException(new Problem(
                    "mask",
                    FormattableString.Invariant($"the value {value} at index {i}"),
                    "values from 0 to 1",
                    "Divide a mask of 8-bit grey values by 255"));
            }

            foreground[i] = value >= 0.5f;
        }
    }

    private static int CheckPlanes(ReadOnlySpan<float> mask, int height, int width, Span<float> destination)
    {
        CheckSize(height, nameof(height));
        CheckSize(width, nameof(width));
        long count = (long)height * width;
        CheckLength(mask.Length, count, nameof(mask));
        CheckLength(destination.Length, count, nameof(destination));
        return (int)count;
    }

    private static void CheckSize(int size, string name)
    {
        if (size < 1)
        {
            throw new ArgumentOutOfRangeException(
                name, $"{name}: received {size}; expected at least 1. Pass the size of the mask in pixels.");
        }
    }

    private static void CheckLength(int length, long count, string name)
    {
        if (length != count)
        {
            throw new ArgumentException(
                $"{name}: received {length} elements; expected {count}, one for each pixel. Pass a plane of height · width elements.",
                name);
        }
    }
}

using System.Buffers;
using System.Runtime.InteropServices;
using MadgNet.Core.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>Distances to the contours of batches of masks.</summary>
internal static class ContourDistance
{
    /// <summary>
    /// The signed distance of every pixel to its map's contour, in pixels: to the nearest foreground pixel outside, minus that
    /// to the nearest background pixel inside; the map's diagonal everywhere in an empty map, minus it in a full one,
    /// or 0 in both.
    /// </summary>
    /// <param name="maps">N×n×H×W values.</param>
    /// <param name="threshold">Foreground from this value on.</param>
    /// <param name="emptyMaps">The distances in empty and full maps.</param>
    /// <returns>N×n×H×W distances of the maps' type on their device, without gradients.</returns>
    internal static Tensor Signed(Tensor maps, double threshold, EmptyMapDistance emptyMaps)
    {
        using var noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        int height = checked((int)maps.size(2));
        int width = checked((int)maps.size(3));
        int plane = checked(height * width);
        using Scalar limit = threshold.ToScalar();
        bool[] foreground = MemoryMarshal.Cast<byte, bool>(maps.ge(limit).cpu().contiguous().bytes).ToArray();
        var distances = new float[foreground.Length];
        ParallelTasks.Run(foreground.Length / plane, Environment.ProcessorCount, index =>
            Signed(
                foreground.AsSpan(index * plane, plane), height, width, emptyMaps, distances.AsSpan(index * plane, plane)));
        return tensor(distances, maps.shape, dtype: maps.dtype, device: maps.device).MoveToOuterDisposeScope();
    }

    private static void Signed(
        ReadOnlySpan<bool> foreground, int height, int width, EmptyMapDistance emptyMaps, Span<float> distances)
    {
        float diagonal = emptyMaps == EmptyMapDistance.Zero ? 0 : (float)Math.Sqrt(((double)height * height) + ((double)width * width));
        if (!foreground.Contains(true))
        {
            distances.Fill(diagonal);
            return;
        }

        if (!foreground.Contains(false))
        {
            distances.Fill(-diagonal);
            return;
        }

        bool[] background = ArrayPool<bool>.Shared.Rent(foreground.Length);
        float[] inside = ArrayPool<float>.Shared.Rent(foreground.Length);
        try
        {
            for (int i = 0; i < foreground.Length; i++)
            {
                background[i] = !foreground[i];
            }

            DistanceTransform.Euclidean(foreground, height, width, distances);
            DistanceTransform.Euclidean(background.AsSpan(0, foreground.Length), height, width, inside.AsSpan(0, foreground.Length));
            for (int i = 0; i < foreground.Length; i++)
            {
                distances[i] -= inside[i];
            }
        }
        finally
        {
            ArrayPool<bool>.Shared.Return(background);
            ArrayPool<float>.Shared.Return(inside);
        }
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using MadgNet.Core.Data;
using MadgNet.Core.Imaging;
using MadgNet.Core.Models;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Studies.Cells;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Studies.Running;

/// <summary>Looks at what the attention blocks of a trained network do with a few images.</summary>
internal static class AttentionReader
{
    private const float Edge = 0.01f;
    private const int Grid = 7;

    /// <summary>What every attention block does; empty where the network has none.</summary>
    /// <param name="model">The network, in evaluation mode.</param>
    /// <param name="images">Images; the first few are looked at.</param>
    /// <param name="size">The side that they are resized to.</param>
    /// <param name="count">How many images are looked at.</param>
    public static IReadOnlyList<CellAttention> Read(SegmentationModel model, IDataset images, int size, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        Tensor[] batch = [.. Enumerable.Range(0, Math.Min(count, images.Count)).Select(index =>
            ImageResizer.Bilinear(images.Load(index).Image, size, size).ToTensor().unsqueeze(0))];
        using var recorder = new AttentionRecorder();
        using SegmentationOutput output = model.ForwardWithAttention(cat(batch).to(model.Device), recorder);
        return
        [
            .. recorder.Of<ChannelAttentionRecord>().Select(Channels),
            .. recorder.Of<SpatialAttentionRecord>().Select(Spatial),
        ];
    }

    private static CellAttention Channels(ChannelAttentionRecord record)
    {
        using DisposeScope scope = NewDisposeScope();
        (double mean, double deviation, double saturated) = Summarize(record.Weights);
        var result = new CellAttention { Path = record.Path, Mean = mean, Deviation = deviation, Saturated = saturated };
        if (record.Frequencies.Count == 0)
        {
            return result;
        }

        float[] sizes = Values(record.Average.abs().mean([0, 1]));
        double total = sizes.Sum(size => (double)size);
        return result with
        {
            Frequencies = [.. record.Frequencies.Select(frequency =>
                string.Create(CultureInfo.InvariantCulture, $"{OnGrid(frequency.U, record.Size)},{OnGrid(frequency.V, record.Size)}"))],
            FrequencyShares = [.. sizes.Select(size => total > 0 ? size / total : 0)],
        };
    }

    /// <summary>A frequency's index on the published grid of 7×7, whatever the size that a stage pools to.</summary>
    private static int OnGrid(int index, int size) => size > 0 ? (int)Math.Round((double)index * Grid / size) : index;

    private static CellAttention Spatial(SpatialAttentionRecord record)
    {
        using DisposeScope scope = NewDisposeScope();
        (double mean, double deviation, double saturated) = Summarize(record.Foreground.flatten(1));
        return new CellAttention
        {
            Path = record.Path,
            Alpha = record.Alpha,
            Beta = record.Beta,
            Mean = mean,
            Deviation = deviation,
            Saturated = saturated,
        };
    }

    /// <summary>Mean, mean deviation within a row, and the share of values at the edges of a sigmoid.</summary>
    private static (double Mean, double Deviation, double Saturated) Summarize(Tensor rows)
    {
        int count = (int)rows.size(0);
        float[] values = Values(rows);
        int length = values.Length / count;
        double deviations = 0;
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<float> one = values.AsSpan(row * length, length);
            double mean = 0;
            foreach (float value in one)
            {
                mean += value;
            }

            mean /= length;
            double squares = 0;
            foreach (float value in one)
            {
                squares += (value - mean) * (value - mean);
            }

            deviations += Math.Sqrt(squares / length);
        }

        return (
            values.Average(value => (double)value),
            deviations / count,
            values.Count(value => value < Edge || value > 1 - Edge) / (double)values.Length);
    }

    private static float[] Values(Tensor tensor) =>
        MemoryMarshal.Cast<byte, float>(tensor.to(ScalarType.Float32).cpu().contiguous().bytes).ToArray();
}

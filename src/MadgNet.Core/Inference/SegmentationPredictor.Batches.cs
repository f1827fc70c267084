using System.Buffers;
using MadgNet.Core.Imaging;
using MadgNet.Core.Models;

namespace MadgNet.Core.Inference;

/// <content>From images of any size to batches that the network takes, and back.</content>
public abstract partial class SegmentationPredictor
{
    /// <summary>
    /// What is found in images with the network's channels: in themselves, or in all views of them, one image after another so that
    /// no more than the maps of one image's views are held.
    /// </summary>
    private Maps[] SegmentViews(IReadOnlyList<FloatImage> inputs, CancellationToken cancellationToken)
    {
        if (_views is null)
        {
            return [.. Segment(inputs, cancellationToken).Select(map => new Maps(map, null))];
        }

        var results = new Maps[inputs.Count];
        for (int i = 0; i < results.Length; i++)
        {
            FloatImage input = inputs[i];
            FloatImage[] maps = Segment([.. _views.Select(view => view.Apply(input))], cancellationToken);
            for (int view = 0; view < maps.Length; view++)
            {
                maps[view] = _views[view].Undo(maps[view], input.Height, input.Width);
            }

            results[i] = MeanAndDeviation(maps);
        }

        return results;
    }

    private static Maps MeanAndDeviation(FloatImage[] maps)
    {
        FloatImage mean = FloatImage.Uninitialized(maps[0].Channels, maps[0].Height, maps[0].Width);
        FloatImage deviation = FloatImage.Uninitialized(mean.Channels, mean.Height, mean.Width);
        Span<float> means = mean.Data;
        Span<float> deviations = deviation.Data;
        means.Clear();
        foreach (FloatImage map in maps)
        {
            ImageResizer.AddScaled(map.Data, 1, means);
        }

        for (int i = 0; i < means.Length; i++)
        {
            means[i] /= maps.Length;
            float squares = 0;
            foreach (FloatImage map in maps)
            {
                float difference = map.Data[i] - means[i];
                squares += difference * difference;
            }

            deviations[i] = MathF.Sqrt(squares / maps.Length);
        }

        return new Maps(mean, deviation);
    }

    /// <summary>
    /// The probabilities of images with the network's channels, each at its image's size. Images are padded by themselves to
    /// what the network takes and only those of equal padded size share a batch: further padding would be seen by a network
    /// that looks at a whole image at once.
    /// </summary>
    private FloatImage[] Segment(IReadOnlyList<FloatImage> inputs, CancellationToken cancellationToken)
    {
        var results = new FloatImage[inputs.Count];
        int most = Math.Min(Options.BatchSize, Network.MaximumBatch ?? int.MaxValue);
        foreach (IGrouping<(int Height, int Width), int> group in Enumerable.Range(0, inputs.Count).GroupBy(i => PaddedSize(inputs[i])))
        {
            long largest = (long)group.Key.Height * group.Key.Width * Math.Max(Network.InputChannels, Network.Labels);
            if (largest > Array.MaxLength)
            {
                throw new TensorShapeException(new Problem(
                    "image",
                    $"{group.Key.Height}×{group.Key.Width} pixels for a network of {Network.InputChannels} channels and "
                        + $"{Network.Labels} labels",
                    $"at most {Array.MaxLength} numbers at once",
                    "Segment the image in tiles (PredictorOptions.Tiles), or at a smaller size"));
            }

            int atOnce = (int)Math.Clamp(Array.MaxLength / largest, 1, most);
            foreach (int[] indices in group.Chunk(atOnce))
            {
                cancellationToken.ThrowIfCancellationRequested();
                RunBatch(inputs, indices, group.Key, results, cancellationToken);
            }
        }

        return results;
    }

    private void RunBatch(
        IReadOnlyList<FloatImage> inputs,
        int[] indices,
        (int Height, int Width) size,
        FloatImage[] results,
        CancellationToken cancellationToken)
    {
        int plane = checked(size.Height * size.Width);
        int inputLength = checked(indices.Length * Network.InputChannels * plane);
        int outputLength = checked(indices.Length * Network.Labels * plane);
        float[] images = ArrayPool<float>.Shared.Rent(inputLength);
        float[] probabilities = ArrayPool<float>.Shared.Rent(outputLength);
        try
        {
            for (int i = 0; i < indices.Length; i++)
            {
                Pad(inputs[indices[i]], size, images.AsSpan(i * Network.InputChannels * plane, Network.InputChannels * plane));
            }

            Run(
                images.AsSpan(0, inputLength),
                indices.Length,
                size.Height,
                size.Width,
                probabilities.AsSpan(0, outputLength),
                cancellationToken);
            FiniteValues.RefuseProbabilities(probabilities.AsSpan(0, outputLength), GetType().Name);
            for (int i = 0; i < indices.Length; i++)
            {
                FloatImage input = inputs[indices[i]];
                results[indices[i]] = Crop(
                    probabilities.AsSpan(i * Network.Labels * plane, Network.Labels * plane), size, input.Height, input.Width);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(images);
            ArrayPool<float>.Shared.Return(probabilities);
        }
    }

    private (int Height, int Width) PaddedSize(FloatImage image) =>
        Network.FixedSize ?? (StridePadding.RoundUp(image.Height, Network.Stride), StridePadding.RoundUp(image.Width, Network.Stride));

    /// <summary>What <see cref="StridePadding"/> does to tensors, for pixels: without libtorch.</summary>
    private static void Pad(FloatImage image, (int Height, int Width) size, Span<float> target)
    {
        for (int c = 0; c < image.Channels; c++)
        {
            Span<float> plane = target.Slice(c * size.Height * size.Width, size.Height * size.Width);
            for (int y = 0; y < size.Height; y++)
            {
                Span<float> row = plane.Slice(y * size.Width, size.Width);
                ReadOnlySpan<float> source = image.Row(c, Math.Min(y, image.Height - 1));
                source.CopyTo(row);
                row[source.Length..].Fill(source[^1]);
            }
        }
    }

    private FloatImage Crop(ReadOnlySpan<float> source, (int Height, int Width) size, int height, int width)
    {
        FloatImage result = FloatImage.Uninitialized(Network.Labels, height, width);
        for (int label = 0; label < Network.Labels; label++)
        {
            for (int y = 0; y < height; y++)
            {
                source.Slice(((label * size.Height) + y) * size.Width, width).CopyTo(result.Row(label, y));
            }
        }

        return result;
    }
}

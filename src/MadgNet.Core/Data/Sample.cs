using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>One case: an image, one mask per label, and where they come from.</summary>
/// <remarks>
/// Transforms never write into a sample that they are given; they return another one. Whoever receives a sample from
/// <see cref="IDataset.Load"/> owns it.
/// </remarks>
public sealed record Sample
{
    /// <summary>Creates a sample.</summary>
    /// <param name="name">Its name in reports, unique within its dataset.</param>
    /// <param name="image">C×H×W, 0..1.</param>
    /// <param name="masks">One plane 1×H×W per label, of the image's size; none for an image without truth.</param>
    /// <exception cref="ArgumentException">A mask has another size than the image, or more than one plane.</exception>
    public Sample(string name, FloatImage image, IReadOnlyList<FloatImage> masks)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(masks);
        for (int i = 0; i < masks.Count; i++)
        {
            if (masks[i].Channels != 1 || masks[i].Height != image.Height || masks[i].Width != image.Width)
            {
                throw new ArgumentException(
                    $"{name}: received mask {i} of {masks[i].Channels}×{masks[i].Height}×{masks[i].Width} for an image of "
                        + $"{image.Height}×{image.Width}; expected 1×{image.Height}×{image.Width}. Resize the mask to its image first.",
                    nameof(masks));
            }
        }

        Name = name;
        Image = image;
        Masks = masks;
        OriginalHeight = image.Height;
        OriginalWidth = image.Width;
    }

    /// <summary>Creates a sample of an image and a map of class numbers, as other programs keep the truth.</summary>
    /// <param name="name">Its name in reports, unique within its dataset.</param>
    /// <param name="image">C×H×W, 0..1.</param>
    /// <param name="labelMap">H×W class numbers, row after row.</param>
    /// <param name="labels">
    /// The class numbers that belong to each label, a mask each: <c>[[1], [2]]</c> for two classes, <c>[[2], [1, 2]]</c> for a cup
    /// inside a disc. Every other number is background.
    /// </param>
    /// <returns>The sample.</returns>
    /// <exception cref="ArgumentException">The map has another size than the image, there is no label, or a label has no class.</exception>
    public static Sample FromLabelMap(string name, FloatImage image, ReadOnlySpan<int> labelMap, IReadOnlyList<IReadOnlyList<int>> labels)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(labels);
        if (labelMap.Length != image.Height * image.Width)
        {
            throw new ArgumentException(
                $"{name}: received a label map of {labelMap.Length} pixels for an image of {image.Height}×{image.Width}; expected "
                    + $"{image.Height * image.Width}. Resize the map to its image first, by nearest neighbour.",
                nameof(labelMap));
        }

        if (labels.Count == 0 || labels.Any(classes => classes is null || classes.Count == 0))
        {
            throw new ArgumentException(
                $"{name}: received {labels.Count} labels, one of them without class numbers; expected at least one label with one "
                    + $"number or more. Give every label the numbers that belong to it.",
                nameof(labels));
        }

        var masks = new FloatImage[labels.Count];
        for (int label = 0; label < masks.Length; label++)
        {
            HashSet<int> classes = [.. labels[label]];
            masks[label] = new FloatImage(1, image.Height, image.Width);
            Span<float> mask = masks[label].Data;
            for (int i = 0; i < mask.Length; i++)
            {
                mask[i] = classes.Contains(labelMap[i]) ? 1 : 0;
            }
        }

        return new Sample(name, image, masks);
    }

    /// <summary>Creates a sample of an image and a map of class numbers in which each class is a label of its own.</summary>
    /// <param name="name">Its name in reports, unique within its dataset.</param>
    /// <param name="image">C×H×W, 0..1.</param>
    /// <param name="labelMap">H×W class numbers, row after row: 0 is background, 1 … <paramref name="labels"/> are the labels.</param>
    /// <param name="labels">The number of labels, 1 or more.</param>
    /// <returns>The sample.</returns>
    /// <exception cref="ArgumentException">The map has another size than the image, or holds a number beyond the labels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no label.</exception>
    public static Sample FromLabelMap(string name, FloatImage image, ReadOnlySpan<int> labelMap, int labels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(labels, 1);
        foreach (int value in labelMap)
        {
            if (value < 0 || value > labels)
            {
                throw new ArgumentException(
                    $"{name}: received the class {value} in a label map; expected 0 to {labels}. Name the classes of each label, which "
                        + $"leaves others to the background.",
                    nameof(labelMap));
            }
        }

        return FromLabelMap(name, image, labelMap, [.. Enumerable.Range(1, labels).Select(number => (IReadOnlyList<int>)[number])]);
    }

    /// <summary>The sample's name, unique within its dataset.</summary>
    public string Name { get; init; }

    /// <summary>The image, C×H×W, 0..1 unless a normalisation was applied.</summary>
    public FloatImage Image { get; private init; }

    /// <summary>
    /// One plane 1×H×W per label; foreground is what reaches 0.5. Values are 0 and 1 exactly unless the file's mask has
    /// soft edges or was resized: the published protocol binarises after resizing, so that happens when the targets are made.
    /// </summary>
    public IReadOnlyList<FloatImage> Masks { get; private init; }

    /// <summary>
    /// Where pixels count for nothing, neither in the loss nor in metrics: one plane 1×H×W, 1 there and 0 elsewhere; null where all
    /// count. Transforms see it as a last mask behind those of the labels, so that it moves with them.
    /// </summary>
    /// <exception cref="ArgumentException">It has another size than the image, or more than one plane.</exception>
    public FloatImage? Ignored
    {
        get;
        init
        {
            if (value is not null && (value.Channels != 1 || value.Height != Image.Height || value.Width != Image.Width))
            {
                throw new ArgumentException(
                    $"{Name}: received ignored pixels of {value.Channels}×{value.Height}×{value.Width} for an image of "
                        + $"{Image.Height}×{Image.Width}; expected 1×{Image.Height}×{Image.Width}. Resize them to their image first.",
                    nameof(value));
            }

            field = value;
        }
    }

    /// <summary>The image's height as loaded, before any transform.</summary>
    public int OriginalHeight { get; init; }

    /// <summary>The image's width as loaded, before any transform.</summary>
    public int OriginalWidth { get; init; }

    /// <summary>The sample with image, masks and ignored pixels at another size, by antialiased bilinear interpolation.</summary>
    /// <param name="height">The new height, at least 1.</param>
    /// <param name="width">The new width, at least 1.</param>
    /// <returns>A new sample, or this one where it has the size.</returns>
    public Sample AtSize(int height, int width) => (Image.Height, Image.Width) == (height, width)
        ? this
        : Transformed(each => each.With(
            ImageResizer.Bilinear(each.Image, height, width),
            [.. each.Masks.Select(mask => ImageResizer.Bilinear(mask, height, width))]));

    /// <summary>
    /// Applies a transform to the image, the masks and the pixels that are ignored, which the transform sees as a mask behind those
    /// of the labels.
    /// </summary>
    /// <param name="transform">The transform; it returns as many masks as it is given.</param>
    /// <returns>The transformed sample.</returns>
    public Sample Transformed(Func<Sample, Sample> transform)
    {
        ArgumentNullException.ThrowIfNull(transform);
        if (Ignored is not { } ignored)
        {
            return transform(this);
        }

        // As one more mask: every transform that moves masks moves it, also a host's.
        Sample exposed = new(Name, Image, [.. Masks, ignored]) { OriginalHeight = OriginalHeight, OriginalWidth = OriginalWidth };
        Sample changed = transform(exposed);
        if (changed.Masks.Count != exposed.Masks.Count)
        {
            return changed;
        }

        FloatImage moved = changed.Masks[^1].Clone();
        foreach (ref float value in moved.Data)
        {
            // What resizing has mixed with an ignored pixel is not known either.
            value = value > 1e-3f ? 1 : 0;
        }

        return new Sample(changed.Name, changed.Image, [.. changed.Masks.Take(Masks.Count)])
        {
            OriginalHeight = changed.OriginalHeight,
            OriginalWidth = changed.OriginalWidth,
            Ignored = moved,
        };
    }

    /// <summary>The sample with another image and other masks: what a transform returns. Name and original size stay.</summary>
    /// <param name="image">The new image.</param>
    /// <param name="masks">The new masks, of the new image's size.</param>
    /// <returns>A new sample.</returns>
    /// <exception cref="ArgumentException">A mask has another size than the image, or more than one plane.</exception>
    public Sample With(FloatImage image, IReadOnlyList<FloatImage> masks) =>
        new(Name, image, masks)
        {
            OriginalHeight = OriginalHeight,
            OriginalWidth = OriginalWidth,
            Ignored = Ignored is { } ignored && (ignored.Height, ignored.Width) == (image?.Height, image?.Width) ? ignored : null,
        };

    /// <summary>The sample with another image of the same size and the same masks.</summary>
    /// <param name="image">The new image.</param>
    /// <returns>A new sample.</returns>
    /// <exception cref="ArgumentException">The new image has another size than the masks.</exception>
    public Sample With(FloatImage image) => With(image, Masks);

    /// <summary>One label's mask with the values 0 and 1 only: 1 where the mask reaches 0.5.</summary>
    /// <param name="label">The label, 0 … Masks.Count − 1.</param>
    /// <returns>A new plane 1×H×W.</returns>
    public FloatImage BinaryMask(int label)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)Masks.Count, nameof(label));
        FloatImage mask = Masks[label].Clone();
        Binarize(mask.Data);
        return mask;
    }

    /// <summary>Turns soft values into 0 and 1 in place; 0.5 is where 8 bits reach 128 once they are rounded.</summary>
    internal static void Binarize(Span<float> mask)
    {
        for (int i = 0; i < mask.Length; i++)
        {
            mask[i] = mask[i] >= 0.5f ? 1 : 0;
        }
    }
}

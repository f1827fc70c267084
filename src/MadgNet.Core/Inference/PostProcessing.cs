using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference;

/// <summary>
/// What is done to get from the probabilities of a label to its mask, in this order: the probabilities are smoothed, compared
/// with the threshold, holes are filled, small components are removed, and of the rest the largest are kept.
/// </summary>
/// <remarks>
/// Areas are in the unit of the pixel spacing, squared: in pixels, unless <see cref="PredictorOptions.Spacing"/> says how large a
/// pixel is. The defaults do nothing. Each step needs the whole image, which is why images that are segmented window by
/// window cannot be post-processed.
/// </remarks>
public sealed record PostProcessing
{
    /// <summary>Standard deviation in pixels of the Gaussian that smooths the probabilities, 0 to 50. Default 0: not smoothed.</summary>
    public double Smoothing { get; init; }

    /// <summary>
    /// Holes of at most this area are filled: background that is enclosed by foreground and does not reach the image's edge.
    /// <see cref="double.PositiveInfinity"/> fills all. Default 0: none.
    /// </summary>
    public double FillHolesUpTo { get; init; }

    /// <summary>Components of a smaller area, filled holes included, are removed. Default 0: none.</summary>
    public double MinimumArea { get; init; }

    /// <summary>
    /// How many components are kept, the largest ones; of equal ones that which begins higher up, then farther left. Null, the default,
    /// keeps all.
    /// </summary>
    public int? KeepLargest { get; init; }

    /// <summary>
    /// Which neighbours belong to the same component; holes are connected the other way. Default <see cref="ComponentConnectivity.Eight"/>.
    /// </summary>
    public ComponentConnectivity Connectivity { get; init; } = ComponentConnectivity.Eight;

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (!(Smoothing >= 0 && Smoothing <= 50))
        {
            problems.Add(new Problem(
                nameof(Smoothing), FormattableString.Invariant($"{Smoothing}"), "0 to 50 pixels", "Use 1 or 2, or 0 for none"));
        }

        foreach ((string name, double area, bool infinite) in new[]
        {
            (nameof(FillHolesUpTo), FillHolesUpTo, true),
            (nameof(MinimumArea), MinimumArea, false)
        })
        {
            if (!(area >= 0) || (double.IsPositiveInfinity(area) && !infinite))
            {
                problems.Add(new Problem(
                    name,
                    FormattableString.Invariant($"{area}"),
                    "an area of 0 or more",
                    "State it in the unit of the pixel spacing, squared"));
            }
        }

        Guard.Range(problems, nameof(KeepLargest), KeepLargest ?? 1, 1);
        problems.AddRange(Problem.Undefined(nameof(Connectivity), Connectivity));

        return problems;
    }

    /// <summary>The mask of one label.</summary>
    /// <param name="probability">n×H×W, 0..1; stays as it is.</param>
    /// <param name="label">0 to n − 1.</param>
    /// <param name="threshold">The probability from which on a pixel belongs to the label.</param>
    /// <param name="spacing">The size of a pixel, which areas are in the unit of.</param>
    /// <returns>H×W, row after row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    /// <exception cref="InvalidOptionsException">The options are invalid; lists all problems.</exception>
    public bool[] Apply(FloatImage probability, int label, double threshold, PixelSpacing spacing)
    {
        ArgumentNullException.ThrowIfNull(probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)label, (uint)probability.Channels, nameof(label));
        InvalidOptionsException.ThrowIfAny(nameof(PostProcessing), Validate());
        Span<float> plane = probability.Plane(label);
        if (Smoothing > 0)
        {
            plane = GaussianFilter.Blur(new FloatImage(1, probability.Height, probability.Width, plane.ToArray()), Smoothing).Data;
        }

        var mask = new bool[plane.Length];
        for (int i = 0; i < mask.Length; i++)
        {
            mask[i] = plane[i] >= threshold;
        }

        double pixel = spacing.Row * spacing.Column;
        int[]? labels = null;
        if (FillHolesUpTo > 0)
        {
            FillHoles(mask, probability.Height, probability.Width, pixel, labels = new int[mask.Length]);
        }

        if (MinimumArea > 0 || KeepLargest is not null)
        {
            RemoveComponents(mask, probability.Width, pixel, labels ?? new int[mask.Length]);
        }

        return mask;
    }

    private static long[] Sizes(ReadOnlySpan<int> labels, int count)
    {
        var sizes = new long[count + 1];
        foreach (int label in labels)
        {
            sizes[label]++;
        }

        return sizes;
    }

    private void FillHoles(bool[] mask, int height, int width, double pixel, int[] labels)
    {
        var background = new bool[mask.Length];
        for (int i = 0; i < mask.Length; i++)
        {
            background[i] = !mask[i];
        }

        ComponentConnectivity opposite = Connectivity == ComponentConnectivity.Eight
            ? ComponentConnectivity.Four
            : ComponentConnectivity.Eight;
        long[] sizes = Sizes(labels, ConnectedComponents.Label(background, width, opposite, labels));
        var fill = new bool[sizes.Length];
        for (int label = 1; label < sizes.Length; label++)
        {
            fill[label] = sizes[label] * pixel <= FillHolesUpTo;
        }

        for (int x = 0; x < width; x++)
        {
            fill[labels[x]] = false;
            fill[labels[labels.Length - 1 - x]] = false;
        }

        for (int y = 0; y < height; y++)
        {
            fill[labels[y * width]] = false;
            fill[labels[(y * width) + width - 1]] = false;
        }

        for (int i = 0; i < mask.Length; i++)
        {
            mask[i] |= fill[labels[i]];
        }
    }

    private void RemoveComponents(bool[] mask, int width, double pixel, int[] labels)
    {
        long[] sizes = Sizes(labels, ConnectedComponents.Label(mask, width, Connectivity, labels));
        var keep = new bool[sizes.Length];

        // Labels rise in raster order, and the sort is stable.
        foreach (int label in Enumerable.Range(1, sizes.Length - 1)
            .Where(label => sizes[label] * pixel >= MinimumArea)
            .OrderByDescending(label => sizes[label])
            .Take(KeepLargest ?? int.MaxValue))
        {
            keep[label] = true;
        }

        for (int i = 0; i < mask.Length; i++)
        {
            mask[i] = keep[labels[i]];
        }
    }
}

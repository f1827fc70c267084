namespace MadgNet.Core.Data;

/// <summary>Finds groups of images that look the same.</summary>
/// <remarks>
/// Hashes find candidates; the correlation of details decides, after what all images have in common (a round field of
/// view, a fan of ultrasound) has been taken out of them. The thresholds lie in the gap that the sets of the project's
/// test data leave: repeated frames of BUSI and ETIS correlate at 0.81 and more, different images of one camera (DRIVE,
/// Drishti-GS, PH2) whose hashes are close at less than 0.6.
/// </remarks>
internal static class NearDuplicates
{
    private const int LargestDistance = 12;
    private const double SmallestCorrelation = 0.8;

    /// <summary>With fewer images, what they have in common may be that they are duplicates.</summary>
    private const int FewestForCommon = 12;

    /// <summary>Groups of at least two of the images, by number, each in ascending order.</summary>
    /// <param name="views">
    /// Lists of the same images, seen in different ways; two images are grouped if they look the same in one of them. An
    /// image that a list has no hash of is alone there.
    /// </param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static IReadOnlyList<int[]> Find(IReadOnlyList<IReadOnlyList<PerceptualHash?>> views, CancellationToken cancellationToken)
    {
        int count = views[0].Count;
        int[] root = [.. Enumerable.Range(0, count)];
        foreach (IReadOnlyList<PerceptualHash?> hashes in views)
        {
            int[] known = [.. Enumerable.Range(0, count).Where(i => hashes[i] is not null)];
            float[][] details = Unique(known.Select(i => hashes[i]!.Detail).ToArray());
            for (int i = 0; i < known.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (int j = i + 1; j < known.Length; j++)
                {
                    if (hashes[known[i]]!.Distance(hashes[known[j]]!) <= LargestDistance
                        && Correlation(details[i], details[j]) >= SmallestCorrelation)
                    {
                        root[Root(root, known[j])] = Root(root, known[i]);
                    }
                }
            }
        }

        return [.. Enumerable.Range(0, count)
            .GroupBy(i => Root(root, i))
            .Where(group => group.Count() > 1)
            .Select(group => group.Order().ToArray())
            .OrderBy(group => group[0])];
    }

    /// <summary>Details less their median over all images, at length 1; all zero where an image has no detail of its own.</summary>
    private static float[][] Unique(float[][] details)
    {
        if (details.Length == 0)
        {
            return [];
        }

        var common = new float[details[0].Length];
        if (details.Length >= FewestForCommon)
        {
            var column = new float[details.Length];
            for (int k = 0; k < common.Length; k++)
            {
                for (int i = 0; i < column.Length; i++)
                {
                    column[i] = details[i][k];
                }

                Array.Sort(column);
                common[k] = column[column.Length / 2];
            }
        }

        return [.. details.Select(detail =>
        {
            float[] own = [.. detail.Zip(common, (value, shared) => value - shared)];
            double length = Math.Sqrt(own.Sum(value => (double)value * value));
            return length > 1e-6 ? [.. own.Select(value => (float)(value / length))] : own;
        })];
    }

    private static double Correlation(float[] one, float[] other)
    {
        double sum = 0;
        for (int i = 0; i < one.Length; i++)
        {
            sum += one[i] * other[i];
        }

        return sum;
    }

    private static int Root(int[] root, int i)
    {
        while (root[i] != i)
        {
            i = root[i] = root[root[i]];
        }

        return i;
    }
}

namespace MadgNet.Core.Weights;

/// <summary>Finds the name that was probably meant.</summary>
internal static class NearestName
{
    // Names of networks are far shorter; the limits bound the time that a hostile file can take.
    private const int MaximumLength = 256;
    private const int MaximumCandidates = 4096;

    /// <summary>
    /// The candidate with the smallest edit distance (insertions, deletions, substitutions), the first of several, or
    /// null where every candidate differs in more than two fifths of the longer name.
    /// </summary>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        string? nearest = null;
        int best = int.MaxValue;
        foreach (string candidate in candidates.Take(MaximumCandidates))
        {
            int longer = Math.Max(name.Length, candidate.Length);
            int limit = Math.Min(best - 1, longer * 2 / 5);
            if (longer <= MaximumLength && Distance(name, candidate, limit) is { } distance)
            {
                (nearest, best) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>The edit distance where it is at most <paramref name="limit"/>, otherwise null.</summary>
    public static int? Distance(ReadOnlySpan<char> a, ReadOnlySpan<char> b, int limit)
    {
        // What both share at the ends costs nothing, and state-dict names share most of it.
        int prefix = a.CommonPrefixLength(b);
        a = a[prefix..];
        b = b[prefix..];
        while (a.Length > 0 && b.Length > 0 && a[^1] == b[^1])
        {
            a = a[..^1];
            b = b[..^1];
        }

        if (limit < 0 || Math.Abs(a.Length - b.Length) > limit)
        {
            return null;
        }

        // Only entries within the limit of the diagonal can stay within it; those around them count as beyond.
        int beyond = limit + 1;
        Span<int> row = b.Length <= MaximumLength ? stackalloc int[b.Length + 1] : new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            row[j] = Math.Min(j, beyond);
        }

        for (int i = 1; i <= a.Length; i++)
        {
            int from = Math.Max(1, i - limit);
            int to = Math.Min(b.Length, i + limit);
            int diagonal = row[from - 1];
            row[from - 1] = from == 1 ? i : beyond;
            int smallest = row[from - 1];
            for (int j = from; j <= to; j++)
            {
                int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
                smallest = Math.Min(smallest, row[j]);
            }

            if (to < b.Length)
            {
                row[to + 1] = Math.Max(row[to + 1], beyond);
            }

            if (smallest > limit)
            {
                return null;
            }
        }

        return row[b.Length] <= limit ? row[b.Length] : null;
    }
}

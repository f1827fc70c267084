namespace MadgNet.Cli.CommandLine;

/// <summary>The word that was probably meant.</summary>
internal static class NearestWord
{
    /// <summary>The word that is fewest mistakes of typing away; null where all are too far.</summary>
    /// <param name="typed">What was written.</param>
    /// <param name="words">What may be written.</param>
    public static string? Find(string typed, IEnumerable<string> words)
    {
        (string Word, int Distance)[] near = [.. words
            .Select(word => (word, Distance(typed, word)))
            .Where(pair => pair.Item2 <= Math.Max(2, typed.TrimStart('-').Length / 3))
            .OrderBy(pair => pair.Item2)];
        return near.Length > 0
            ? near[0].Word
            : words.FirstOrDefault(word => typed.TrimStart('-').Length > 2 && word.StartsWith(typed, StringComparison.Ordinal));
    }

    /// <summary>Letters left out, added, changed, or two that changed places.</summary>
    private static int Distance(string one, string other)
    {
        var costs = new int[one.Length + 1, other.Length + 1];
        for (int i = 0; i <= one.Length; i++)
        {
            costs[i, 0] = i;
        }

        for (int j = 0; j <= other.Length; j++)
        {
            costs[0, j] = j;
        }

        for (int i = 1; i <= one.Length; i++)
        {
            for (int j = 1; j <= other.Length; j++)
            {
                int change = one[i - 1] == other[j - 1] ? 0 : 1;
                int least = Math.Min(Math.Min(costs[i - 1, j] + 1, costs[i, j - 1] + 1), costs[i - 1, j - 1] + change);
                costs[i, j] = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1]
                    ? Math.Min(least, costs[i - 2, j - 2] + 1)
                    : least;
            }
        }

        return costs[one.Length, other.Length];
    }
}

namespace MadgNet.Core.Foundation;

/// <summary>The connected components of a mask.</summary>
internal static class ConnectedComponents
{
    /// <summary>Numbers the components from 1 in raster order, 0 outside of them, by union-find over provisional labels.</summary>
    /// <returns>The number of components.</returns>
    public static int Label(ReadOnlySpan<bool> mask, int width, ComponentConnectivity connectivity, Span<int> labels)
    {
        bool diagonal = connectivity == ComponentConnectivity.Eight;
        var parents = new List<int> { 0 };
        for (int i = 0; i < mask.Length; i++)
        {
            labels[i] = 0;
            if (!mask[i])
            {
                continue;
            }

            int column = i % width;
            bool hasAbove = i >= width;
            int label = 0;
            label = Join(parents, label, column > 0 ? labels[i - 1] : 0);
            label = Join(parents, label, hasAbove ? labels[i - width] : 0);
            if (diagonal)
            {
                label = Join(parents, label, hasAbove && column > 0 ? labels[i - width - 1] : 0);
                label = Join(parents, label, hasAbove && column < width - 1 ? labels[i - width + 1] : 0);
            }

            if (label == 0)
            {
                label = parents.Count;
                parents.Add(label);
            }

            labels[i] = label;
        }

        var final = new int[parents.Count];
        int count = 0;
        for (int label = 1; label < final.Length; label++)
        {
            int root = Root(parents, label);
            final[label] = root == label ? ++count : final[root];
        }

        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = final[labels[i]];
        }

        return count;
    }

    private static int Join(List<int> parents, int label, int neighbour)
    {
        if (neighbour == 0)
        {
            return label;
        }

        neighbour = Root(parents, neighbour);
        if (label == 0)
        {
            return neighbour;
        }

        label = Root(parents, label);
        int smaller = Math.Min(label, neighbour);
        parents[Math.Max(label, neighbour)] = smaller;
        return smaller;
    }

    private static int Root(List<int> parents, int label)
    {
        while (parents[label] != label)
        {
            parents[label] = parents[parents[label]];
            label = parents[label];
        }

        return label;
    }
}

using MadgNet.Core.Inputs;

namespace MadgNet.Core.Data;

/// <summary>Selecting, filtering and combining datasets; nothing is copied, samples are loaded on demand as before.</summary>
public static class DatasetExtensions
{
    /// <summary>The samples of the given numbers, in the given order.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="indices">Numbers 0 … Count − 1; each at most once.</param>
    /// <returns>A view of the dataset.</returns>
    /// <exception cref="DatasetException">A number does not exist or occurs twice.</exception>
    public static IDataset Subset(this IDataset dataset, IEnumerable<int> indices)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(indices);
        int[] chosen = [.. indices];
        var seen = new HashSet<int>();
        foreach (int index in chosen)
        {
            if (index < 0 || index >= dataset.Count || !seen.Add(index))
            {
                throw new DatasetException(new Problem(
                    nameof(indices),
                    index >= 0 && index < dataset.Count ? $"sample {index} twice" : $"sample {index}",
                    $"each of 0 … {dataset.Count - 1} at most once",
                    "Check how the numbers were made"));
            }
        }

        return new ViewDataset([.. chosen.Select(index => (dataset, index, dataset.NameOf(index)))], dataset.Labels, []);
    }

    /// <summary>The samples whose name passes a test; nothing is loaded.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="predicate">Whether a sample of this name stays.</param>
    /// <returns>A view of the dataset, which may be empty.</returns>
    public static IDataset Where(this IDataset dataset, Func<string, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(predicate);
        return dataset.Subset(Enumerable.Range(0, dataset.Count).Where(index => predicate(dataset.NameOf(index))));
    }

    /// <summary>Several datasets as one; every name is preceded by its dataset's: <c>train/case 1</c>.</summary>
    /// <param name="parts">The datasets with the names that tell their samples apart.</param>
    /// <returns>A view of all samples, one dataset after another.</returns>
    /// <exception cref="DatasetException">There are none, two have one name, or their labels differ.</exception>
    public static IDataset Combine(params IReadOnlyList<(string Name, IDataset Dataset)> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var problems = new List<Problem>();
        if (parts.Count == 0)
        {
            problems.Add(new Problem(nameof(parts), "no datasets", "at least one", "Pass the datasets to combine"));
        }

        if (parts.GroupBy(part => part.Name).FirstOrDefault(group => group.Count() > 1)?.Key is { } twice)
        {
            problems.Add(new Problem(nameof(parts), $"two datasets named '{twice}'", "unique names", "Rename one of them"));
        }

        foreach ((string name, IDataset dataset) in parts.Where(part => part.Dataset.Labels.Count > 0
            && !part.Dataset.Labels.SequenceEqual(parts[0].Dataset.Labels)))
        {
            problems.Add(new Problem(
                name, $"the labels {string.Join(", ", dataset.Labels)}", $"those of '{parts[0].Name}': "
                    + $"{string.Join(", ", parts[0].Dataset.Labels)}", "Give all datasets the same labels in the same order"));
        }

        if (problems.Count > 0)
        {
            throw new DatasetException(problems);
        }

        return new ViewDataset(
            [.. parts.SelectMany(part => Enumerable.Range(0, part.Dataset.Count)
                .Select(index => (part.Dataset, index, $"{part.Name}/{part.Dataset.NameOf(index)}")))],
            parts[0].Dataset.Labels,
            [.. parts.SelectMany(part => part.Dataset.Findings)]);
    }

    /// <summary>The names of all samples, in order.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <returns>The names.</returns>
    public static IReadOnlyList<string> Names(this IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return [.. Enumerable.Range(0, dataset.Count).Select(dataset.NameOf)];
    }

    private sealed class ViewDataset(
        (IDataset Dataset, int Index, string Name)[] items,
        IReadOnlyList<string> labels,
        IReadOnlyList<Finding> findings) : IDataset, IDescribed
    {
        public int Count => items.Length;

        public IReadOnlyList<string> Labels => labels;

        public IReadOnlyList<Finding> Findings => findings;

        public Problem? Contradicts(ModelInput input) =>
            items.Select(item => item.Dataset)
                .Distinct()
                .Select(dataset => dataset.Contradicts(input))
                .FirstOrDefault(problem => problem is not null);

        public IEnumerable<(string Name, object? Value)> Describe() =>
            items.Select(item => item.Dataset).Distinct().Select((dataset, i) => ($"Part{i + 1}", (object?)dataset));

        public string NameOf(int index) => items[index].Name;

        public Sample Load(int index) => items[index].Dataset.Load(items[index].Index) with { Name = items[index].Name };

        public SampleFiles? FilesOf(int index) => items[index].Dataset.FilesOf(items[index].Index);

        public SampleExamination Examine(int index) => items[index].Dataset.Examine(items[index].Index);
    }
}

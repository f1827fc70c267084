using System.Text;

namespace MadgNet.Core.Data;

/// <summary>
/// Which sample belongs to which part (train, validation, test …), by name, so that it can be saved beside a result and
/// loaded again on another machine.
/// </summary>
public sealed class DatasetSplit
{
    private readonly List<(string Part, string[] Names)> _parts;

    /// <summary>Creates a split of named parts.</summary>
    /// <param name="parts">The parts with their samples' names; no name occurs twice.</param>
    /// <exception cref="DatasetException">There are no parts, two have one name, or a sample belongs to two of them.</exception>
    public DatasetSplit(IEnumerable<(string Part, IReadOnlyList<string> Names)> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        _parts = [.. parts.Select(part => (part.Part, part.Names.ToArray()))];
        var problems = new List<Problem>();
        if (_parts.Count == 0)
        {
            problems.Add(new Problem("split", "no parts", "at least one", "Name the parts and their samples"));
        }

        problems.AddRange(_parts.GroupBy(part => part.Part).Where(group => group.Count() > 1)
            .Select(group => new Problem("split", $"two parts named '{group.Key}'", "unique names", "Rename one of them")));
        problems.AddRange(_parts.Select(part => part.Part)
            .Distinct(StringComparer.Ordinal)
            .GroupBy(part => part, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Count() > 1)
            .Select(group => new Problem(
                "split",
                $"the parts {string.Join(" and ", group.Select(part => $"'{part}'"))}, which differ in capitals alone",
                "one spelling of a part",
                "Write them alike, or give them other names")));
        problems.AddRange(_parts.SelectMany(part => part.Names.Select(name => (part.Part, name)))
            .GroupBy(item => SampleName.Key(item.name), StringComparer.Ordinal)
            .Where(group => SampleName.MayBeOne([.. group.Select(item => item.name)]))
            .Select(group => new Problem(
                group.First().name,
                $"a sample of {string.Join(" and of ", group.Select(item => $"'{item.Part}'{Spelling(item.name, group.First().name)}"))}",
                "each sample in one part, once",
                "Remove it from the others")));
        if (problems.Count > 0)
        {
            throw new DatasetException(problems);
        }
    }

    /// <summary>The names of the parts, in order.</summary>
    public IReadOnlyList<string> Parts => [.. _parts.Select(part => part.Part)];

    /// <summary>The names of a part's samples.</summary>
    /// <param name="part">The part's name.</param>
    /// <returns>The samples' names, in order.</returns>
    /// <exception cref="DatasetException">There is no such part.</exception>
    public IReadOnlyList<string> NamesOf(string part) => _parts.FirstOrDefault(candidate => candidate.Part == part).Names
        ?? throw new DatasetException(new Problem(
            "split", $"the part '{part}'", $"one of {string.Join(", ", Parts)}", "Choose an existing part"));

    /// <summary>A part's samples, found in a dataset by name: exactly, or else by the name without folder and extension.</summary>
    /// <param name="dataset">The dataset that the split is about.</param>
    /// <param name="part">The part's name.</param>
    /// <returns>A view of the dataset in the part's order.</returns>
    /// <exception cref="DatasetException">There is no such part, or the dataset lacks samples of it: all of them are listed.</exception>
    public IDataset Of(IDataset dataset, string part)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        IReadOnlyList<string> names = NamesOf(part);
        var finder = new Finder(dataset);
        var indices = new List<int>();
        var problems = new List<Problem>();
        foreach (string name in names)
        {
            if (finder.Find(name) is { } index)
            {
                indices.Add(index);
            }
            else
            {
                problems.Add(new Problem(
                    name,
                    $"a sample of '{part}' that the dataset does not hold",
                    "every sample of the split",
                    "Check that this is the dataset that the split was made of"));
            }
        }

        // What is one sample under two spellings can be told by the dataset alone, and in whichever part the second one is.
        problems.AddRange(_parts
            .SelectMany(each => each.Names.Select(name => (each.Part, Name: name, Index: finder.Find(name))))
            .Where(item => item.Index is not null)
            .GroupBy(item => item.Index)
            .Where(group => group.Count() > 1)
            .Select(group => new Problem(
                dataset.NameOf(group.Key!.Value),
                $"one sample in {string.Join(" and in ", group.Select(item => $"'{item.Part}' as '{item.Name}'"))}",
                "each sample in one part, once",
                "Remove it from the others")));
        return problems.Count == 0 ? dataset.Subset(indices) : throw new DatasetException(problems);
    }

    /// <summary>Divides a dataset by chance.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="parts">The parts with their shares, which add up to 1; for example ("train", 0.8), ("validation", 0.2).</param>
    /// <param name="seed">The seed; the same seed and names give the same split.</param>
    /// <param name="groupOf">The group (patient, sequence) of a sample's name; a group stays together. Null where every sample stands for
    /// itself.</param>
    /// <returns>The split; the shares are met as closely as the groups allow.</returns>
    /// <exception cref="DatasetException">The shares are not positive or do not add up to 1, or there are fewer groups than
    /// parts.</exception>
    public static DatasetSplit Random(
        IDataset dataset, IReadOnlyList<(string Part, double Share)> parts, long seed, Func<string, string>? groupOf = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 0 || parts.Any(part => !(part.Share > 0)) || Math.Abs(parts.Sum(part => part.Share) - 1) > 1e-6)
        {
            throw new DatasetException(new Problem(
                nameof(parts),
                $"the shares {string.Join(", ", parts.Select(part => part.Share))}",
                "positive numbers that add up to 1",
                "Use for example 0.8 and 0.2"));
        }

        string[][] assigned = Distribute(dataset, [.. parts.Select(part => part.Share)], seed, groupOf);
        return new DatasetSplit(parts.Select((part, i) => (part.Part, (IReadOnlyList<string>)assigned[i])));
    }

    /// <summary>
    /// Divides a dataset into k folds of nearly equal size: k splits, in each of which another fold is <c>validation</c> and the others are
    /// <c>train</c>.
    /// </summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="folds">Number of folds, at least 2.</param>
    /// <param name="seed">The seed; the same seed and names give the same folds.</param>
    /// <param name="groupOf">The group (patient, sequence) of a sample's name; a group stays together. Null where every sample stands for
    /// itself.</param>
    /// <returns>k splits with the parts <c>train</c> and <c>validation</c>.</returns>
    /// <exception cref="DatasetException">There are fewer groups than folds, or fewer than two folds.</exception>
    public static IReadOnlyList<DatasetSplit> KFold(IDataset dataset, int folds, long seed, Func<string, string>? groupOf = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (folds < 2)
        {
            throw new DatasetException(new Problem(nameof(folds), $"{folds}", "at least 2", "Use 5 unless there are few samples"));
        }

        string[][] assigned = Distribute(dataset, [.. Enumerable.Repeat(1.0 / folds, folds)], seed, groupOf);
        return [.. Enumerable.Range(0, folds).Select(fold => new DatasetSplit([
            ("train", [.. assigned.Where((_, i) => i != fold).SelectMany(names => names)]),
            ("validation", assigned[fold]),
        ]))];
    }

    /// <summary>Reads a split: a table with the columns <c>part</c> and <c>name</c>, as <see cref="Save"/> writes it.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The split.</returns>
    /// <exception cref="DatasetException">The file cannot be read or is no such table.</exception>
    public static DatasetSplit Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var names = new List<(string Part, string Name)>();
        foreach ((int line, Dictionary<string, string> cells) in DelimitedText.Read(path))
        {
            if (!cells.TryGetValue("part", out string? part) || !cells.TryGetValue("name", out string? name))
            {
                throw new DatasetException(new Problem(
                    $"{path}, line {line}",
                    $"the columns {string.Join(", ", cells.Keys)}",
                    "part and name",
                    "Add the header part,name, or read lists of names with FromLists"));
            }

            names.Add((PlainText.FromCell(part), PlainText.FromCell(name)));
        }

        return new DatasetSplit(names.GroupBy(item => item.Part)
            .Select(group => (group.Key, (IReadOnlyList<string>)[.. group.Select(item => item.Name)])));
    }

    /// <summary>
    /// Reads a split from one text file a part with one name a line, as many sets ship them (<c>train.txt</c>, <c>test.txt</c>).
    /// </summary>
    /// <param name="lists">The parts and their files; empty lines are left out.</param>
    /// <returns>The split.</returns>
    /// <exception cref="DatasetException">A file cannot be read, or a name occurs twice.</exception>
    public static DatasetSplit FromLists(params IReadOnlyList<(string Part, string Path)> lists)
    {
        ArgumentNullException.ThrowIfNull(lists);
        return new DatasetSplit([.. lists.Select(list => (list.Part, (IReadOnlyList<string>)Lines(list.Path)))]);
    }

    /// <summary>
    /// Writes the split as a table with the columns <c>part</c> and <c>name</c>; the file appears whole or not at all. A name that a
    /// spreadsheet would take for a formula gets <c>'</c> before it, which <see cref="Load"/> takes off.
    /// </summary>
    /// <param name="path">The file; its folder must exist.</param>
    public void Save(string path)
    {
        var text = new StringBuilder("part,name\n");
        foreach ((string part, string[] names) in _parts)
        {
            foreach (string name in names)
            {
                text.Append(DelimitedText.Quote(PlainText.ToCell(part)))
                    .Append(',')
                    .Append(DelimitedText.Quote(PlainText.ToCell(name)))
                    .Append('\n');
            }
        }

        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string Spelling(string name, string first) => name == first ? "" : $" (as '{name}')";

    private static string[] Lines(string path) =>
        [.. TextFile.Lines(TextFile.Read(path, "a list of names")).Select(line => line.Trim()).Where(line => line.Length > 0)];

    /// <summary>
    /// Gives every group, the large ones first, to the part that lacks most. Names are sorted before they are shuffled, so
    /// that the order in which a folder was read plays no part.
    /// </summary>
    private static string[][] Distribute(IDataset dataset, double[] shares, long seed, Func<string, string>? groupOf)
    {
        string[][] groups = [.. dataset.Names()
            .GroupBy(groupOf ?? (name => name), StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => group.Order(StringComparer.Ordinal).ToArray())];
        if (groups.Length < shares.Length)
        {
            throw new DatasetException(new Problem(
                "dataset",
                $"{groups.Length} {(groupOf is null ? "samples" : "groups")}",
                $"at least {shares.Length}, one for each part",
                "Use fewer parts, or smaller groups"));
        }

        new SampleRandom(seed, 0, 0).Shuffle(groups);
        var assigned = shares.Select(_ => new List<string>()).ToArray();
        foreach (string[] group in groups.OrderByDescending(group => group.Length))
        {
            int part = Enumerable.Range(0, shares.Length).MaxBy(i => (shares[i] * dataset.Count) - assigned[i].Count);
            assigned[part].AddRange(group);
        }

        if (Array.Exists(assigned, names => names.Count == 0))
        {
            throw new DatasetException(new Problem(
                "dataset",
                $"{dataset.Count} samples in {groups.Length} groups, which leave a part empty",
                "at least one sample in each part",
                "Enlarge the smallest share, or use smaller groups"));
        }

        return [.. assigned.Select(names => names.Order(StringComparer.Ordinal).ToArray())];
    }

    /// <summary>Finds samples by whatever spelling of their names: exactly, without extension, or by the last part alone.</summary>
    private sealed class Finder
    {
        private readonly Dictionary<string, int> _exact;
        private readonly Dictionary<string, int> _keys;
        private readonly Dictionary<string, int> _stems;

        public Finder(IDataset dataset)
        {
            int[] all = [.. Enumerable.Range(0, dataset.Count)];
            _exact = all.ToDictionary(dataset.NameOf);
            _keys = Unique(all, index => SampleName.Key(dataset.NameOf(index)));
            _stems = Unique(all, index => SampleName.Stem(dataset.NameOf(index)));
        }

        public int? Find(string name) =>
            _exact.TryGetValue(name, out int index)
            || _keys.TryGetValue(SampleName.Key(name), out index)
            || _stems.TryGetValue(SampleName.Stem(name), out index)
                ? index
                : null;

        private static Dictionary<string, int> Unique(int[] indices, Func<int, string> key) => indices
            .GroupBy(key, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Count() == 1)
            .ToDictionary(group => group.Key, group => group.Single(), StringComparer.OrdinalIgnoreCase);
    }
}

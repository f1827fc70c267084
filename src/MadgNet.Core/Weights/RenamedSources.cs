namespace MadgNet.Core.Weights;

/// <summary>The tensors of a weight file by the names that a model may have for them, and how these came about.</summary>
internal sealed class RenamedSources
{
    private RenamedSources(Dictionary<string, TensorInfo> tensors, List<string> ignored, List<string> notes)
    {
        Tensors = tensors;
        Ignored = ignored;
        Notes = notes;
    }

    /// <summary>Type, shape and name in the file, by the translated name.</summary>
    public Dictionary<string, TensorInfo> Tensors { get; }

    /// <summary>The file's names of the tensors that are left out.</summary>
    public List<string> Ignored { get; }

    /// <summary>What was done to the names.</summary>
    public List<string> Notes { get; }

    /// <summary>Takes an archive's names through every step that the options ask for.</summary>
    /// <exception cref="InvalidOptionsException">The options are illegal.</exception>
    /// <exception cref="ArgumentException">A renaming gives two tensors one name.</exception>
    public static RenamedSources Of(
        WeightArchive archive, WeightLoadOptions options, Func<string, bool> isWanted, bool keepConstants = false)
    {
        InvalidOptionsException.ThrowIfAny(nameof(WeightLoadOptions), options.Validate());
        var notes = new List<string>();
        var ignored = new List<string>();
        if (archive.RemovedPrefix.Length > 0)
        {
            notes.Add($"the prefix '{archive.RemovedPrefix}' taken off every name");
        }

        if (archive.SkippedValues.Count > 0)
        {
            notes.Add($"values that are no weights skipped: {string.Join(", ", archive.SkippedValues.Take(8))}"
                + (archive.SkippedValues.Count > 8 ? ", …" : ""));
        }

        // What a wrapper counts has no part in what is common to all names.
        string[] stored = [.. archive.Names.Where(name => isWanted(name) || !ForeignNames.IsWrapperState(name))];
        ignored.AddRange(archive.Names.Except(stored, StringComparer.Ordinal));
        IReadOnlyList<string> names = StateDictNames.StripWrappers(stored);
        if (stored.Length > 0 && names[0].Length < stored[0].Length)
        {
            notes.Add($"the prefix '{stored[0][..^names[0].Length]}' taken off every name");
        }

        var kept = new List<(string Name, TensorInfo Info)>(stored.Length);
        string?[] renamed = Rename(names, options, notes);
        for (int i = 0; i < renamed.Length; i++)
        {
            TensorInfo info = archive.Tensors[stored[i]];
            if (renamed[i] is not { } name || (!keepConstants && StateDictNames.IsConstant(name)))
            {
                ignored.Add(info.Name);
            }
            else
            {
                kept.Add((name, info));
            }
        }

        Dictionary<string, TensorInfo> tensors = Distinct(kept);
        if (options.RecogniseForeignNames)
        {
            string[] own = [.. tensors.Keys];
            IReadOnlyList<string> translated = ForeignNames.Translate(own, isWanted, notes);
            tensors = translated.Select((name, i) => KeyValuePair.Create(name, tensors[own[i]])).ToDictionary(StringComparer.Ordinal);
        }

        return new RenamedSources(tensors, ignored, notes);
    }

    private static string?[] Rename(IReadOnlyList<string> names, WeightLoadOptions options, List<string> notes)
    {
        string?[] renamed = [.. names];
        foreach (string prefix in options.StripPrefixes)
        {
            string whole = prefix.EndsWith('.') ? prefix : prefix + ".";
            Replace(
                renamed,
                whole,
                "",
                count => count == 0 ? $"no name begins with '{whole}'" : $"the prefix '{whole}' taken off {count} names",
                notes);
        }

        foreach (PrefixRenaming renaming in options.RenamePrefixes)
        {
            Replace(
                renamed,
                renaming.From,
                renaming.To,
                count => count == 0
                    ? $"no name begins with '{renaming.From}'"
                    : $"'{renaming.From}' renamed to {(renaming.To is null ? "nothing, and left out," : $"'{renaming.To}'")} in "
                        + $"{count} names",
                notes);
        }

        return options.Rename is { } rename ? [.. renamed.Select(name => name is null ? null : rename(name))] : renamed;
    }

    private static void Replace(string?[] names, string from, string? to, Func<int, string> note, List<string> notes)
    {
        int count = 0;
        for (int i = 0; i < names.Length; i++)
        {
            if (names[i] is { } name && name.StartsWith(from, StringComparison.Ordinal))
            {
                names[i] = to is null ? null : to + name[from.Length..];
                count++;
            }
        }

        notes.Add(note(count));
    }

    private static Dictionary<string, TensorInfo> Distinct(List<(string Name, TensorInfo Info)> tensors)
    {
        var byName = new Dictionary<string, TensorInfo>(StringComparer.Ordinal);
        foreach ((string name, TensorInfo info) in tensors)
        {
            if (!byName.TryAdd(name, info))
            {
                throw new ArgumentException(
                    $"Received the name '{name}' for both '{byName[name].Name}' and '{info.Name}'; expected a different name for each. "
                        + $"Correct Rename, RenamePrefixes or StripPrefixes of WeightLoadOptions.",
                    nameof(tensors));
            }
        }

        return byName;
    }
}

namespace MadgNet.Core.Weights;

/// <summary>A Python list, set or frozenset.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A Python dict, OrderedDict or Counter: its pairs in the order in which they were set.</summary>
internal sealed class PickleDictionary
{
    public List<KeyValuePair<object?, object?>> Items { get; } = [];

    /// <summary>The pairs whose key is a text, each key once with its last value, at the place of its first.</summary>
    public IEnumerable<KeyValuePair<string, object?>> Texts()
    {
        var last = new Dictionary<string, object?>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach ((object? key, object? value) in Items)
        {
            if (key is string text)
            {
                if (!last.ContainsKey(text))
                {
                    order.Add(text);
                }

                last[text] = value;
            }
        }

        return order.Select(key => KeyValuePair.Create(key, last[key]));
    }
}

/// <summary>A class or function that the pickle names and that is known to be harmless; it is never looked up.</summary>
internal sealed record PickleGlobal(string Module, string Name, PickleGlobalKind Kind)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>What the known globals are.</summary>
internal enum PickleGlobalKind
{
    Dictionary,
    List,
    Tuple,
    Storage,
    RebuildTensor,
    RebuildParameter,

    /// <summary>A tensor of a subclass, or one with attributes.</summary>
    RebuildTyped,
}

/// <summary>A piece of memory that the file holds outside of the pickle.</summary>
/// <param name="Type">Type of its elements.</param>
/// <param name="Key">Its name in the file.</param>
/// <param name="Length">Its elements, as the pickle claims.</param>
/// <param name="ViewOffset">First element of the part that is meant; 0 but for views in legacy files.</param>
/// <param name="ViewLength">Elements of the part that is meant; all but for views in legacy files.</param>
internal sealed record PickleStorage(ElementType Type, string Key, long Length, long ViewOffset, long ViewLength);

/// <summary>A tensor: a view of a storage.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, long[] Shape, long[] Strides);

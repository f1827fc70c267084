using System.Globalization;
using System.Numerics;

namespace MadgNet.Core.Weights;

/// <summary>Finds the state dict in what a checkpoint holds.</summary>
internal static class StateDictSearch
{
    // Training states nest the state dict once or twice ({"model": {"state_dict": …}}); a cycle must end as well.
    private const int MaximumDepth = 4;
    private const int MaximumTextLength = 1 << 16;
    private const int MaximumLook = 16;
    private const int ForeignDepth = 2;
    private const int MaximumSkipped = 100;

    /// <summary>Under these names training scripts store the network, the more specific ones first.</summary>
    private static readonly IReadOnlyList<string> UsualNames =
        ["model_state_dict", "state_dict", "model_state", "model", "net", "network", "module", "weights", "params", "ema", "model_ema",
            "state_dict_ema", "ema_state_dict"];

    /// <summary>The named tensors in order, the plain values found beside the state dict, and the values that were skipped.</summary>
    public static (IReadOnlyList<KeyValuePair<string, PickleTensor>> Tensors, Dictionary<string, string> Metadata,
        List<string> Skipped) Find(WeightFileReader file, object? content)
    {
        var skipped = new List<string>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (content is PickleTensor single)
        {
            return ([KeyValuePair.Create(PyTorchCheckpoint.SingleTensorName, single)], metadata, skipped);
        }

        for (int depth = 0; depth < MaximumDepth && content is PickleDictionary dictionary; depth++)
        {
            List<KeyValuePair<string, object?>> items = [.. dictionary.Texts()];
            foreach ((string key, object? value) in items)
            {
                if (Plain(value) is { } text)
                {
                    metadata.TryAdd(key, text);
                }
                else if (skipped.Count < MaximumSkipped && Foreign(value, 0) is { } foreign)
                {
                    skipped.Add($"'{key}' ({foreign})");
                }
            }

            content = Inner(file, items);
            if (content is null)
            {
                List<KeyValuePair<string, PickleTensor>> tensors =
                    [.. items.Where(item => item.Value is PickleTensor)
                        .Select(item => KeyValuePair.Create(item.Key, (PickleTensor)item.Value!))];

                // An empty state dict is a legitimate thing to save; a dictionary of other things is not one.
                if (tensors.Count > 0 || items.Count == 0)
                {
                    return (tensors, metadata, skipped);
                }
            }
        }

        throw file.Fault(
            content is PickleForeign foreignContent ? $"an object of '{foreignContent}'"
                : skipped.Count > 0 ? $"a checkpoint without a state dict, beside {string.Join(", ", skipped.Take(8))}"
                : "a checkpoint without a state dict",
            $"a tensor, a dictionary of tensors, or one under a name such as {string.Join(", ", UsualNames.Take(3))}",
            "Save the state dict alone in Python: torch.save(model.state_dict(), path)");
    }

    /// <summary>The dictionary to descend into, or null where the items are the state dict themselves.</summary>
    private static PickleDictionary? Inner(WeightFileReader file, List<KeyValuePair<string, object?>> items)
    {
        foreach (string name in UsualNames)
        {
            if (items.FirstOrDefault(item => item.Key == name).Value is PickleDictionary usual
                && usual.Items.Any(pair => pair.Value is PickleTensor or PickleDictionary))
            {
                return usual;
            }
        }

        if (items.Any(item => item.Value is PickleTensor))
        {
            return null;
        }

        // Each dictionary is looked through once, however many names it has.
        var seen = new HashSet<PickleDictionary>();
        KeyValuePair<string, object?>[] candidates =
        [
            .. items
                .Where(item => item.Value is PickleDictionary inner
                    && seen.Add(inner)
                    && inner.Items.Any(pair => pair.Key is string && pair.Value is PickleTensor))
                .Take(3),
        ];
        return candidates.Length <= 1
            ? candidates.FirstOrDefault().Value as PickleDictionary
            : throw file.Fault(
                $"a checkpoint with several dictionaries of tensors ('{string.Join("', '", candidates.Select(item => item.Key))}')",
                "one state dict, or one under a usual name",
                "Save the wanted state dict alone in Python: torch.save(checkpoint[name], path)");
    }

    /// <summary>The first object of an unknown class in a value, if there is one; what lies deep is not looked for.</summary>
    private static PickleForeign? Foreign(object? value, int depth) => value switch
    {
        PickleForeign foreign => foreign,
        PickleList list when depth < ForeignDepth =>
            list.Items.Take(MaximumLook).Select(item => Foreign(item, depth + 1)).FirstOrDefault(found => found is not null),
        object?[] tuple when depth < ForeignDepth =>
            tuple.Take(MaximumLook).Select(item => Foreign(item, depth + 1)).FirstOrDefault(found => found is not null),
        PickleDictionary dictionary when depth < ForeignDepth =>
            dictionary.Items.Take(MaximumLook).Select(pair => Foreign(pair.Value, depth + 1)).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static string? Plain(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        string { Length: <= MaximumTextLength } text => text,
        long or double or BigInteger => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };
}

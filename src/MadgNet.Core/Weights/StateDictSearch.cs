using System.Globalization;
using System.Numerics;

namespace MadgNet.Core.Weights;

/// <summary>Finds the state dict in what a checkpoint holds.</summary>
internal static class StateDictSearch
{
    // Training states nest the state dict once or twice ({"model": {"state_dict": …}}); a cycle must end as well.
    private const int MaximumDepth = 4;
    private const int MaximumTextLength = 1 << 16;

    /// <summary>Under these names training scripts store the network, the more specific ones first.</summary>
    private static readonly IReadOnlyList<string> UsualNames =
        ["model_state_dict", "state_dict", "model_state", "model", "net", "network", "module", "weights", "params", "ema", "model_ema",
            "state_dict_ema", "ema_state_dict"];

    /// <summary>The named tensors in order, and the plain values found beside the state dict.</summary>
    public static (IReadOnlyList<KeyValuePair<string, PickleTensor>> Tensors, Dictionary<string, string> Metadata) Find(
        WeightFileReader file, object? content)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (content is PickleTensor single)
        {
            return ([KeyValuePair.Create(PyTorchCheckpoint.SingleTensorName, single)], metadata);
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
                    return (tensors, metadata);
                }
            }
        }

        throw file.Fault(
            "a checkpoint without a state dict",
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

    private static string? Plain(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        string { Length: <= MaximumTextLength } text => text,
        long or double or BigInteger => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };
}

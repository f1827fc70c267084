using MadgNet.Core.Inference;

namespace MadgNet.AspNetCore;

/// <summary>What labels are called in answers.</summary>
internal static class LabelNames
{
    public static IReadOnlyList<string> Of(NetworkDescription network) => network.LabelNames.Count > 0
        ? network.LabelNames
        : network.Labels == 1 ? ["prediction"] : [.. Enumerable.Range(1, network.Labels).Select(number => $"label {number}")];
}

namespace MadgNet.Core.Weights;

/// <summary>What to load, and under which names.</summary>
public sealed record WeightLoadOptions
{
    /// <summary>How much of the model the file must fill. Default: <see cref="WeightLoadMode.Everything"/>.</summary>
    public WeightLoadMode Mode { get; init; } = WeightLoadMode.Everything;

    /// <summary>
    /// Gives a tensor of the file the name that the model has for it, or null to leave the tensor out. It sees the names
    /// without the prefixes of DataParallel and torch.compile, and before <see cref="Mode"/> selects among them.
    /// Default: null, every name stays.
    /// </summary>
    public Func<string, string?>? Rename { get; init; }
}

namespace MadgNet.Core.Modules;

/// <summary>
/// The ranks over whose batches a training run normalises. One object serves all normalisations of a network: each of them
/// meets the other ranks' in the order of the network.
/// </summary>
internal sealed class NormalizationGroup(ProcessGroup ranks)
{
    /// <summary>The ranks.</summary>
    public ProcessGroup Ranks { get; } = ranks;

    /// <summary>Whether normalisations look at the other ranks' batches. Off where a rank looks into its network alone.</summary>
    public bool IsActive { get; set; } = true;

    /// <summary>
    /// Whether this rank's images count. They do not where a batch has fewer images than there are ranks: then the rank goes
    /// through the network with others, so that they do not wait for it, and leaves no trace.
    /// </summary>
    public bool Counts { get; set; } = true;

    /// <summary>What went wrong in a backward pass, through which no exception passes; null where nothing did.</summary>
    public Exception? Fault { get; set; }
}

namespace MadgNet.Core.Weights;

/// <summary>What names in weight files tell by themselves, whatever the model.</summary>
internal static class StateDictNames
{
    /// <summary>What the names of the encoder's tensors start with in the state dict of a whole network.</summary>
    public const string EncoderPrefix = "feature_encoding.";

    /// <summary>What the last part of the name of a <see cref="IsConstant">constant</see> starts with.</summary>
    public const string ConstantPrefix = "dct_weight_";

    private const string BatchCounter = "num_batches_tracked";

    private static readonly IReadOnlyList<string> Wrappers = ["module.", "_orig_mod."];

    /// <summary>
    /// Whether the tensor is one of the DCT basis images that the authors' code registers as buffers, F copies a
    /// channel: they follow from the configuration and are computed here.
    /// </summary>
    public static bool IsConstant(string name) => LastPart(name).StartsWith(ConstantPrefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether the tensor counts the batches that a BatchNorm has seen: of no account for a fixed momentum, and absent
    /// from files that PyTorch wrote before 0.4.1.
    /// </summary>
    public static bool IsBatchCounter(string name) => LastPart(name) is BatchCounter;

    /// <summary>Takes off what DataParallel and torch.compile put before every name, where every name has it.</summary>
    public static IReadOnlyList<string> StripWrappers(IReadOnlyList<string> names)
    {
        // DataParallel around a compiled model around DataParallel is as deep as it gets; a hostile name could go on.
        const int MaximumDepth = 4;
        for (int depth = 0; depth < MaximumDepth && names.Count > 0; depth++)
        {
            if (Wrappers.FirstOrDefault(wrapper => names.All(name => name.StartsWith(wrapper, StringComparison.Ordinal))) is not { } common)
            {
                break;
            }

            names = [.. names.Select(name => name[common.Length..])];
        }

        return names;
    }

    private static ReadOnlySpan<char> LastPart(string name) => name.AsSpan(name.LastIndexOf('.') + 1);
}

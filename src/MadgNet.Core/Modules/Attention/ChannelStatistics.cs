using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// What a <see cref="StatisticalChannelAttention"/> sees of every channel: up to three numbers for each of F frequencies.
/// </summary>
/// <param name="Average">The spatial average, N×C×F.</param>
/// <param name="Maximum">The spatial maximum, N×C×F; null for none.</param>
/// <param name="Minimum">The spatial minimum, N×C×F; null for none.</param>
public sealed record ChannelStatistics(Tensor Average, Tensor? Maximum = null, Tensor? Minimum = null)
{
    /// <summary>Those that are there.</summary>
    internal IEnumerable<Tensor> Given => new[] { Average, Maximum, Minimum }.OfType<Tensor>();
}

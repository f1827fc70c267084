using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>
/// The channel attention of one scale, multi-frequency attention (MFCA) as published: what it saw and how it weighed the channels.
/// </summary>
/// <param name="DctSize">D, the size of the basis images, or what another attention pools to; 0 where it does not.</param>
/// <param name="Frequencies">The vertical (u) and horizontal (v) index of every frequency on the D×D grid, in the order of the statistics;
/// empty where the attention has none.</param>
/// <param name="Average">The spatial average of every channel's product with every basis image, C×F.</param>
/// <param name="Maximum">The spatial maximum, C×F; null where the attention has none.</param>
/// <param name="Minimum">The spatial minimum, C×F; null where the attention has none.</param>
/// <param name="Weights">The weight of every channel, 0..1.</param>
public sealed record ChannelAttentionWeights(
    int DctSize,
    IReadOnlyList<(int U, int V)> Frequencies,
    NpyArray Average,
    NpyArray? Maximum,
    NpyArray? Minimum,
    IReadOnlyList<float> Weights);

namespace MadgNet.Core.Inference.Visualization;

/// <summary>The attention of one scale of a decoder stage.</summary>
/// <param name="Scale">s, from 0: the features are pooled by 2^s where they are large enough.</param>
/// <param name="Channels">The channel attention; null where the network has none.</param>
/// <param name="Spatial">The spatial attention; null where the network has none.</param>
public sealed record ScaleAttention(int Scale, ChannelAttentionWeights? Channels, SpatialAttentionMaps? Spatial);

using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>How one block of the encoder weighed the splits of its channels.</summary>
/// <param name="Block">Where the block stands in the network, for example <c>feature_encoding.layer1.0.conv2</c>.</param>
/// <param name="Weights">The weights, radix×C; over the splits they sum to one (for a radix of two or more).</param>
public sealed record SplitAttentionWeights(string Block, NpyArray Weights);

using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Folding;

/// <summary>
/// A block in the form that only predicts: batch normalisation folded into the convolutions before it, weights in
/// channels-last order, nothing kept for a backward pass. Owns copies of its weights.
/// </summary>
internal interface IFolded : IDisposable
{
    /// <summary>What the block computes in evaluation mode. The result is never the input itself; the caller owns it.</summary>
    Tensor Run(Tensor input);
}

using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Folding;

/// <summary>The folded form of an encoder.</summary>
internal interface IFoldedEncoder : IDisposable
{
    /// <summary>The levels that the encoder gives in evaluation mode, the finest first. The caller owns them.</summary>
    IReadOnlyList<Tensor> Run(Tensor image);
}

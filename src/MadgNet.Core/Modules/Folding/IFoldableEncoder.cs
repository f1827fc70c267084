using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Folding;

/// <summary>An encoder that has a folded form.</summary>
internal interface IFoldableEncoder
{
    /// <summary>The folded form of the weights as they are now, with weights of the given type.</summary>
    IFoldedEncoder Fold(ScalarType type);
}

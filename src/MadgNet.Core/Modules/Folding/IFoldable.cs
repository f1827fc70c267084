using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Folding;

/// <summary>A block that has a folded form.</summary>
internal interface IFoldable
{
    /// <summary>The folded form of the weights as they are now, with weights of the given type.</summary>
    IFolded Fold(ScalarType type);
}

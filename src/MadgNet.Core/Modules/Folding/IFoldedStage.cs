using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Folding;

/// <summary>A decoder stage in the form that only predicts. Owns copies of its weights.</summary>
internal interface IFoldedStage : IDisposable
{
    /// <summary>What the stage computes in evaluation mode from deep and skip features. The caller owns it.</summary>
    Tensor Run(Tensor deep, Tensor skip);
}

using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Folding;

/// <summary>An attention in the form that only predicts.</summary>
internal interface IFoldedAttention : IDisposable
{
    /// <summary>Weighs a map without a graph, in its memory or in new memory. In the caller's scope.</summary>
    Tensor Apply(Tensor features);
}

using static TorchSharp.torch;

namespace MadgNet.Core.Modules;

/// <summary>
/// An encoder that has attention of its own and can record it. <see cref="MadgNetModel.ForwardWithAttention"/> uses it
/// where an encoder offers it; every other encoder stays as it is.
/// </summary>
public interface IAttentionBackbone : IBackbone
{
    /// <summary>Computes the pyramid as <see cref="IBackbone.Encode"/> does and records the attention on the way.</summary>
    /// <param name="image">A batch as for <see cref="IBackbone.Encode"/>.</param>
    /// <param name="recorder">Receives the records; hand it on to the <c>ForwardWithAttention</c> of the blocks.</param>
    /// <returns>The levels, as from <see cref="IBackbone.Encode"/>.</returns>
    IReadOnlyList<Tensor> EncodeWithAttention(Tensor image, AttentionRecorder recorder);
}

using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Encoders;

/// <summary>
/// An encoder: turns a batch of images into feature maps of falling resolution. Implement it on a class derived from
/// <see cref="nn.Module"/> to put an encoder of your own under MADGNet's decoder.
/// </summary>
/// <remarks>
/// The class must be a module, so that the network that contains it finds its parameters; its state-dict names appear
/// below <c>feature_encoding.</c>. Any number of levels from two on, any channels and strides are accepted, as long as
/// the strides rise from level to level (equal ones are allowed) and each divides the next. What
/// <see cref="Encode"/> returns is checked against <see cref="Levels"/> in every forward pass.
/// </remarks>
public interface IEncoder
{
    /// <summary>The channels of the images that the encoder takes.</summary>
    long InputChannels { get; }

    /// <summary>The levels of the pyramid, the finest (smallest stride) first.</summary>
    IReadOnlyList<FeatureLevel> Levels { get; }

    /// <summary>Computes the pyramid.</summary>
    /// <param name="image">A batch N×C×H×W with C = <see cref="InputChannels"/>; H and W are multiples of the last level's stride.</param>
    /// <returns>
    /// One floating-point tensor N×Channels×(H / Stride)×(W / Stride) a level, in the order of <see cref="Levels"/>. The
    /// caller owns and disposes them: return no parameter, buffer or tensor that is kept for later. The image itself may be
    /// a level.
    /// </returns>
    /// <remarks>Do not change <paramref name="image"/> in place: its memory may be the caller's.</remarks>
    IReadOnlyList<Tensor> Encode(Tensor image);
}

using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Encoders;

namespace MadgNet.Core.Models.Registry;

/// <summary>An encoder by its name.</summary>
/// <param name="Name">The name in files and options.</param>
/// <param name="Create">Makes one with fresh weights for a number of channels; it is a <see cref="TorchSharp.torch.nn.Module"/>.</param>
/// <remarks>
/// An encoder that can be exported implements MadgNet.Onnx's <c>IOnnxEncoder</c> as well; those of this library need not.
/// </remarks>
public sealed record EncoderEntry(string Name, Func<long, IEncoder> Create) : RegistryEntry(Name)
{
    /// <summary>
    /// Whether the weights of a new network follow from its seed (convolutions and normalisations are drawn, as for the encoders
    /// of this library); false where <see cref="Create"/> brings weights that are to stay. Default true.
    /// </summary>
    public bool DrawsWeights { get; init; } = true;
}

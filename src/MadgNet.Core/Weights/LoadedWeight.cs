using static TorchSharp.torch;

namespace MadgNet.Core.Weights;

/// <summary>A tensor of the model that got its values from the file.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Source">Name, type and shape in the file.</param>
/// <param name="Type">Its type in the model.</param>
public sealed record LoadedWeight(string Name, TensorInfo Source, ScalarType Type)
{
    /// <summary>Whether the values were converted, because the file has another type than the model.</summary>
    public bool Converted => Source.Type != Type;

    /// <summary>
    /// The channels that the first convolution takes in the model, where the file's takes others and was adapted; null
    /// otherwise. See <see cref="WeightLoadOptions.AdaptInputChannels"/>.
    /// </summary>
    public long? AdaptedChannels { get; init; }
}

using static TorchSharp.torch;

namespace MadgNet.Core.Foundation;

/// <summary>
/// The three maps of the three tasks that MADGNet learns together (paper, section 3.3): region, distance and boundary,
/// each N×n×H×W for a batch of N images and n labels. The same shape of thing holds a decoder stage's logits and the
/// targets that supervise them. A network that learns the region alone has no other.
/// </summary>
/// <remarks>Owns its tensors: disposing the maps disposes them.</remarks>
/// <param name="Region">Region map. As logits: unbounded. As target: 0 or 1.</param>
/// <param name="Distance">Distance map. As logits: unbounded, before the sigmoid. As target: 0..1. Null where there is none.</param>
/// <param name="Boundary">Boundary map. As logits: unbounded. As target: 0 or 1. Null where there is none.</param>
public sealed record TaskMaps(Tensor Region, Tensor? Distance = null, Tensor? Boundary = null) : IDisposable
{
    /// <summary>Those of the three that are there.</summary>
    internal IEnumerable<Tensor> Given => new[] { Region, Distance, Boundary }.OfType<Tensor>();

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        Region.Dispose();
        Distance?.Dispose();
        Boundary?.Dispose();
    }
}

namespace MadgNet.Core.Losses;

/// <summary>The two forms of the structure loss, which differ in their cross-entropy term alone.</summary>
public enum StructureLossForm
{
    /// <summary>
    /// The formula of the loss's source (F3Net): each pixel's cross-entropy is weighted by its pixel weight,
    /// <c>Σ w·bce / Σ w</c>.
    /// </summary>
    PerPixel,

    /// <summary>
    /// What the published training code computes: it passes <c>reduce='none'</c>, which PyTorch takes as "mean", so that the
    /// cross-entropy is the plain mean over the batch and the pixel weights cancel. Choose it to reproduce published
    /// training.
    /// </summary>
    BatchMean,
}

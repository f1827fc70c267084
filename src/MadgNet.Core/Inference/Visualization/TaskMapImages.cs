using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>
/// Region, distance and boundary of one image in managed memory, each n×H×W at the image's size, 0..1 (the sigmoid of the network's
/// logits).
/// </summary>
/// <param name="Region">The probability of every label.</param>
/// <param name="Distance">The estimated distance to the background, relative to the largest of the object; null where the network has
/// none.</param>
/// <param name="Boundary">The probability of a boundary; null where the network has none.</param>
public sealed record TaskMapImages(FloatImage Region, FloatImage? Distance, FloatImage? Boundary);

using MadgNet.Core.Imaging;

namespace MadgNet.Reports.Pages;

/// <summary>What is drawn of a case.</summary>
/// <param name="Image">The image, 1×H×W or 3×H×W, 0..1.</param>
/// <param name="Probability">n×H×W probabilities of n labels, 0..1, of the image's size.</param>
/// <param name="Truth">One plane 1×H×W for each label, 0..1, of the image's size.</param>
public sealed record CaseMaps(FloatImage Image, FloatImage Probability, IReadOnlyList<FloatImage> Truth);

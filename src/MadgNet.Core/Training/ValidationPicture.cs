using MadgNet.Core.Imaging;

namespace MadgNet.Core.Training;

/// <summary>One validation image as the network saw it, with its truth and what the network made of it. Managed memory.</summary>
/// <param name="Name">The name of the sample.</param>
/// <param name="Image">C×H×W, 0..1.</param>
/// <param name="Truth">n×H×W, 0 or 1.</param>
/// <param name="Probability">n×H×W, 0..1.</param>
public sealed record ValidationPicture(string Name, FloatImage Image, FloatImage Truth, FloatImage Probability);

using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference;

/// <summary>Some finished rows of a large image, as <see cref="IPredictionSink.Write"/> receives them.</summary>
/// <param name="Top">The first of the rows, from 0.</param>
/// <param name="Probability">n×rows×W, 0..1. Overwritten after the call.</param>
/// <param name="Disagreement">n×rows×W, the standard deviation of the views; null without <see cref="TestTimeAugmentation"/>. Overwritten
/// after the call.</param>
public readonly record struct PredictionRows(int Top, FloatImage Probability, FloatImage? Disagreement);

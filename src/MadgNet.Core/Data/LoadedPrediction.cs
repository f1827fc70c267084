using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>A prediction that was read from files, with its truth.</summary>
/// <param name="Name">The case's name.</param>
/// <param name="Probability">L×H×W of L labels, 0..1, at the truth's size.</param>
/// <param name="Truth">One plane 1×H×W for each label.</param>
/// <param name="Ignored">1×H×W, 1 where a pixel of the truth counts for nothing; null where all count.</param>
/// <param name="Resized">The prediction's own size where it was resized to the truth; null where it had its size.</param>
public sealed record LoadedPrediction(
    string Name,
    FloatImage Probability,
    IReadOnlyList<FloatImage> Truth,
    FloatImage? Ignored,
    (int Height, int Width)? Resized);

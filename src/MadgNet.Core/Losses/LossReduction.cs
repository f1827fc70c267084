namespace MadgNet.Core.Losses;

/// <summary>How a <see cref="SegmentationLoss"/> turns its values, one for each image and label, into its result.</summary>
public enum LossReduction
{
    /// <summary>
    /// The mean over images and labels, weighted by the label weights: <c>Σ w·L / Σ w</c>. Maps without any pixel that
    /// counts are left out; where none is left, the loss is 0.
    /// </summary>
    Mean,

    /// <summary>The sum over images and labels, each multiplied by its label's weight.</summary>
    Sum,

    /// <summary>No reduction: an N×n tensor of the values, each multiplied by its label's weight.</summary>
    None,
}
